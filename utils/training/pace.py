"""How long a run of training takes, and the learning rate of its steps."""

import math
import time


class Pace:
    """The clock of a run, and its schedule of learning rates.

    Args:
        options: `utils.training_config.TrainConfig`.
        progress: `utils.training.progress.Progress`: where the run stands.
        devices: where it computes, see `utils.training.devices`.
    """

    def __init__(self, options, progress, devices):
        self.options, self.progress, self.devices = options, progress, devices

    def start(self):
        """Starts the clock at the minutes that earlier parts of the run took."""
        self._started = time.monotonic() - 60 * self.progress.minutes

    def minutes(self):
        """Returns the minutes that the run has taken."""
        minutes = self.own_minutes()
        # Where the clock decides, all processes go by that of one.
        return self.devices.agree(minutes) if self.options.max_minutes else minutes

    def start_epoch(self):
        """Starts the clock of an epoch, or of the part of it that is left."""
        self._epoch_started, self._seen = time.monotonic(), self.progress.images

    def images_per_second(self):
        """Returns how many pictures a second all processes have seen since then."""
        seconds = max(time.monotonic() - self._epoch_started, 1e-9)
        return (self.progress.images - self._seen) / seconds * self.devices.processes

    def own_minutes(self):
        """Returns the minutes by the clock of this process alone."""
        return (time.monotonic() - self._started) / 60

    def is_over(self):
        """Tells whether the minutes that the run may take are over."""
        return 0 < self.options.max_minutes <= self.minutes()

    def goes_on(self):
        """Tells whether epochs, minutes and patience are left."""
        options, done = self.options, self.progress
        if done.epoch >= options.epochs or self.is_over():
            return False
        if not options.patience:
            return True
        stalled = done.has_stalled(options.patience)
        return not self.devices.agree(float(stalled))  # the chief alone validates

    def learning_rate(self):
        """Returns the rate of the coming step by schedule and warm-up."""
        options, done = self.options, self.progress.steps_done()
        rate = options.learning_rate
        if options.schedule == "cosine":
            share = done / (options.epochs * self.progress.num_steps)
            if options.max_minutes:
                share = max(share, self.minutes() / options.max_minutes)
            rate *= 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
        return rate * min(1.0, (done + 1) / (options.warmup_steps + 1))
