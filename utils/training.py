"""The training loop: steps, schedule, checkpoints, resuming, stopping cleanly.

A loop of its own rather than `fit`, because a run must go on from the middle of an
epoch as if nothing had happened, on every backend.
"""

import math
import time

from tqdm import tqdm

from utils.checkpoints import Checkpoint
from utils.nn.losses import EARLY_WEIGHT
from utils.one_device import OneDevice
from utils.states import Interrupts
from utils.watching import EVERY, TrainingError, Unhealthy, Watch, loss_of_a_guess


class Trainer:
    """Fits a compiled model to a dataset.

    Args:
        model: compiled `keras.Model` whose outputs are a dict of logits.
        dataset: `utils.data.dataset.PatchDataset`.
        options: `utils.config.TrainConfig`.
        validate: function () -> dict of figures, `syllable` among them; or None.
        network_json: the model's configuration, kept with the state.
        devices: what takes the steps, see `utils.devices`.

    Attributes:
        loggers: objects with `epoch(number, figures)`, called after every epoch.
        settle: function () called before weights are validated, saved or left behind.
        rescue: function () -> path, which saves the weights that were good last.

    Raises:
        WeightsError: the log folder holds a run that is not to be resumed, or that
            cannot be.
    """

    def __init__(self, model, dataset, options, validate, network_json, devices=None):
        self.model, self.dataset, self.options = model, dataset, options
        self.validate, self.loggers = validate, []
        self.settle, self.rescue = lambda: None, lambda: None
        self.network_json, self.devices = network_json, devices or OneDevice()
        heads = {k: v for k, v in model.output.items() if v.shape[-1] > 2}
        self.watch = Watch(model.variables, loss_of_a_guess(heads, EARLY_WEIGHT))
        self.epoch, self.step, self.minutes = 0, 0, 0.0
        self.best, self.history, self._sums = -1.0, [], {}
        self._rate = options.learning_rate
        self._checkpoint = Checkpoint(options, network_json, dataset, self.devices)
        model.optimizer.build(model.trainable_variables)
        self._resume()

    def run(self):
        """Trains until the epochs or the minutes are over.

        Returns:
            List of dicts of figures, one for each epoch, begun ones included.

        Raises:
            TrainingError: training makes no sense any more, see
                `utils.watching.Watch`; or a process of the run is gone.
            ChildProcessError: a process that prepares pictures is gone.
            KeyboardInterrupt: Ctrl-C or SIGTERM; the state after the last finished
                step is saved.
        """
        self._started = time.monotonic() - 60 * self.minutes
        if self.epoch >= self.options.epochs or self._out_of_time():
            self._say_nothing_left()
        try:
            self.watch.keep(self._place())
            with Interrupts() as self._interrupts:
                self._run_epochs()
        except Unhealthy as error:
            self._stop(error)
        finally:
            self.dataset.close()
        self.settle()
        return self.history

    def _resume(self):
        """Takes up the run that the log folder holds, if there is one."""
        facts = self._checkpoint.load(self._variables(), _FACTS)
        if facts:
            for name in _FACTS:
                setattr(self, name, facts[name])
            self.watch.facts |= facts.get("watch", {})  # earlier runs had none
        elif self.options.resume:
            folder = self._checkpoint.path.parent
            self._say(f"There is no run in {folder} yet; one begins.")

    def _run_epochs(self):
        """Runs the epochs that are left; where it is interrupted, saves the state."""
        begun = self._steps_done()
        try:
            while self.epoch < self.options.epochs and not self._out_of_time():
                self._run_epoch()
        except KeyboardInterrupt:
            self.settle()
            if self._steps_done() > begun and not self._interrupts.torn:
                # By its own clock: the other processes may be gone.
                self.minutes = self._own_minutes()
                self._write()
            raise

    def _stop(self, error):
        """Goes back to the weights that were good last, saves them, and raises."""
        what = f"{str(error)[0].upper()}{str(error)[1:]}"
        text = (
            f"{what} in epoch {self.epoch + 1}, step {self.step + 1} of "
            f"{self.dataset.num_steps}."
        )
        if self.watch.good is None:
            raise TrainingError(f"{text} Start from weights that are numbers.")
        self.watch.put_back()
        self.settle()
        path = self.rescue()
        raise TrainingError(
            f"{text} The weights of {self.watch.good['place']} were good and are kept"
            f"{f' in {path}' if path else ''}. Start again in another log_path with "
            "these as initial_weights and a lower learning_rate (the step's was "
            f"{self._rate:g}), or first look at the pictures of that batch."
        ) from None

    def _place(self):
        """Returns where the run stands, in words."""
        return f"epoch {self.epoch + 1}, step {self.step}"

    def _say_nothing_left(self):
        """Says why a run that is resumed ends at once."""
        self._say(
            f"Nothing is left to train: {self.epoch} of {self.options.epochs} epochs "
            f"and {self.minutes:.1f} minutes are done (epochs and max_minutes count "
            "from the start of the run)."
        )

    def _say(self, text):
        """Prints a line where lines are wanted."""
        if not self.options.silent_mode and self.devices.is_chief:
            tqdm.write(text)

    def learning_rate(self):
        """Returns the rate of the coming step by schedule and warm-up."""
        options, done = self.options, self._steps_done()
        rate = options.learning_rate
        if options.schedule == "cosine":
            share = done / (options.epochs * self.dataset.num_steps)
            if options.max_minutes:
                share = max(share, self._elapsed() / options.max_minutes)
            rate *= 0.5 * (1 + math.cos(math.pi * min(share, 1.0)))
        return rate * min(1.0, (done + 1) / (options.warmup_steps + 1))

    def _steps_done(self):
        return self.epoch * self.dataset.num_steps + self.step

    def _elapsed(self):
        minutes = self._own_minutes()
        # Where the clock decides, all processes go by that of one.
        return self.devices.agree(minutes) if self.options.max_minutes else minutes

    def _own_minutes(self):
        return (time.monotonic() - self._started) / 60

    def _out_of_time(self):
        return 0 < self.options.max_minutes <= self._elapsed()

    def _run_epoch(self):
        """Runs the rest of the current epoch, then validates, logs and checkpoints."""
        begun, first = time.monotonic(), self.step
        batches = self.dataset.batches(self.epoch, self.step)
        with self._progress() as bar:
            for images, targets in batches:
                with self._interrupts.held():
                    self._train_step(images, targets)
                bar.set_postfix_str(self._running(), refresh=False)
                bar.update()
                if self._out_of_time():
                    break
                self._save_sometimes()
        batches.close()
        seconds = time.monotonic() - begun
        done = min(self.step * self.dataset.batch_size, self.dataset.num_images)
        rate = (done - first * self.dataset.batch_size) / max(seconds, 1e-9)
        self._finish_epoch({"images_per_second": rate * self.devices.processes})

    def _train_step(self, images, targets):
        """Takes one step and adds its figures to the epoch's sums."""
        self._rate = self.learning_rate()
        self.devices.assign(self.model.optimizer.learning_rate, self._rate)
        # A decoder that spells takes the true jamo before each as inputs too.
        given = {"images": images, **targets}
        inputs = {tensor.name: given[tensor.name] for tensor in self.model.inputs}
        inputs = images if len(inputs) == 1 else inputs
        figures = self.devices.step(self.model, inputs, targets)
        self.watch.see(figures["loss"])
        self.step += 1
        for name, value in {**figures, "images": 1.0}.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value) * len(images)
        if self.step % EVERY == 0:
            self.watch.keep(self._place())

    def _means(self):
        """Returns the means over the epoch's pictures so far."""
        images = self._sums.get("images", 0.0)
        names = self._sums.keys() - {"images"}
        return {name: self._sums[name] / images for name in sorted(names)}

    def _running(self):
        """Returns the loss so far and the rate, for the progress bar."""
        return f"loss {self._means()['loss']:.4f}, rate {self._rate:.2g}"

    def _save_sometimes(self):
        """Writes a checkpoint if the last one is old enough."""
        if self._elapsed() - self.minutes >= self.options.checkpoint_minutes:
            self._save()

    def _finish_epoch(self, figures):
        """Validates, tells the loggers, and moves on to the next epoch."""
        self.watch.keep(self._place())
        self.settle()
        figures |= self._means() | {"epoch": self.epoch + 1}
        figures["complete"] = self.step >= self.dataset.num_steps
        figures["learning_rate"] = self._rate
        if self.validate:
            measured = self.validate()
            figures |= {f"val_{name}": value for name, value in measured.items()}
        with self._interrupts.held():  # all of it counts as one step
            self._close_epoch(figures)

    def _close_epoch(self, figures):
        """Tells the loggers of an epoch, moves on to the next, and saves the state."""
        score = figures.get("val_syllable", -1.0)
        figures["best"] = score > self.best or not self.validate
        self.best = max(self.best, score)
        # A resumed part of an epoch replaces the line that its first part left.
        self.history = [f for f in self.history if f["epoch"] != self.epoch + 1]
        self.history.append(figures)
        for logger in self.loggers:
            logger.epoch(self.epoch + 1, figures)
        if figures["complete"]:
            self.epoch, self.step, self._sums = self.epoch + 1, 0, {}
        self._save()

    def _progress(self):
        return tqdm(
            initial=self.step,
            total=self.dataset.num_steps,
            desc=f"epoch {self.epoch + 1}/{self.options.epochs}",
            unit="step",
            disable=self.options.silent_mode,
            mininterval=1,
        )

    def _variables(self):
        return [*self.model.variables, *self.model.optimizer.variables]

    def _save(self):
        """Writes the state: everything that the next step depends on."""
        self.minutes = self._elapsed()
        self._write()

    def _write(self):
        """Writes the state with the minutes as they are known."""
        self.watch.keep(self._place())
        facts = {name: getattr(self, name) for name in _FACTS}
        facts["watch"] = self.watch.facts
        self._checkpoint.save(self._variables(), facts)


# What a state holds beside the variables.
_FACTS = ("epoch", "step", "minutes", "best", "history", "network_json", "_sums")
