"""The training loop: steps, schedule, checkpoints, resuming, stopping cleanly.

A loop of its own rather than `fit`, because a run must go on from the middle of an
epoch as if nothing had happened, on every backend.
"""

from utils.nn.adversary import WRITER
from utils.nn.losses import EARLY_WEIGHT
from utils.training.checkpoints import Checkpoint
from utils.training.judging import Judge
from utils.training.messages import Messages
from utils.training.monitoring import (
    EVERY,
    Diverged,
    DivergenceMonitor,
    TrainingError,
    loss_of_a_guess,
)
from utils.training.one_device import OneDevice, inputs_of
from utils.training.pace import Pace
from utils.training.progress import FACTS, Progress
from utils.training.states import Interrupts


class Trainer:
    """Fits a compiled model to a dataset.

    Args:
        model: compiled `keras.Model` whose outputs are a dict of logits.
        dataset: `utils.data.dataset.PatchDataset`.
        options: `utils.training_config.TrainConfig`.
        validate: function () -> dict of figures, `syllable` among them; or None.
        network_json: the model's configuration, kept with the state.
        devices: what takes the steps, see `utils.training.devices`.

    Attributes:
        judge: `utils.training.judging.Judge`, which validates and tells the loggers.
        sync_weights: function () called before weights are validated, saved or left
            behind.
        save_last_good: function () -> path, which saves the weights that were kept
            last.

    Raises:
        WeightsError: the log folder holds a run that is not to be resumed, or that
            cannot be.
    """

    def __init__(self, model, dataset, options, validate, network_json, devices=None):
        self.model, self.dataset, self.options = model, dataset, options
        self.sync_weights, self.save_last_good = lambda: None, lambda: None
        self.devices = devices or OneDevice()
        heads = {k: v for k, v in model.output.items() if v.shape[-1] > 2}
        self.monitor = DivergenceMonitor(
            model.variables, loss_of_a_guess(heads, EARLY_WEIGHT)
        )
        self.progress = Progress(dataset.num_steps, network_json, options.learning_rate)
        self.judge = Judge(self.progress, validate)
        self.pace = Pace(options, self.progress, self.devices)
        self.messages = Messages(options, self.progress, self.devices.is_chief)
        self._checkpoint = Checkpoint(options, network_json, dataset, self.devices)
        model.optimizer.build(model.trainable_variables)
        self._resume()

    def run(self):
        """Trains until the epochs, the minutes or the patience are over.

        Returns:
            List of dicts of figures, one for each epoch, begun ones included.

        Raises:
            TrainingError: training makes no sense any more, see
                `utils.training.monitoring.DivergenceMonitor`; or a process of the run
                is gone.
            ChildProcessError: a process that prepares pictures is gone.
            KeyboardInterrupt: Ctrl-C or SIGTERM; the state after the last finished
                step is saved.
        """
        self.pace.start()
        begun = self.progress.steps_done()
        try:
            self.monitor.keep(self.progress.place())
            with Interrupts() as self._interrupts:
                self._run_epochs()
        except Diverged as error:
            self._stop(error)
        finally:
            self.dataset.close()
        self.sync_weights()
        self.messages.say_how_it_ends(begun)
        self.messages.say_nothing_gained()
        return self.progress.history

    def _resume(self):
        """Takes up the run that the log folder holds, if there is one."""
        facts = self._checkpoint.load(self._variables(), FACTS)
        if facts:
            self.progress.restore(facts)
            self.monitor.facts |= facts.get("watch", {})  # earlier runs had none
        elif self.options.resume:
            self.messages.say_it_begins(self._checkpoint.path.parent)

    def _run_epochs(self):
        """Runs the epochs that are left; where it is interrupted, saves the state."""
        begun = self.progress.steps_done()
        try:
            if not begun:
                self.judge.begin()
            while self.pace.goes_on():
                self._run_epoch()
        except KeyboardInterrupt:
            self.sync_weights()
            if self.progress.steps_done() > begun and not self._interrupts.torn:
                # By its own clock: the other processes may be gone.
                self.progress.minutes = self.pace.own_minutes()
                self._write()
            raise

    def _stop(self, error):
        """Goes back to the weights that were kept last, saves them, and raises."""
        why = self.messages.why_stopped(error)
        if self.monitor.good is None:
            raise TrainingError(f"{why} Start from weights that are numbers.")
        self.monitor.put_back()
        self.sync_weights()
        path, good = self.save_last_good(), self.monitor.good
        kept = self.messages.what_is_kept(good, path)
        raise TrainingError(f"{why} {kept}") from None

    def _run_epoch(self):
        """Runs the rest of the current epoch, then validates, logs and checkpoints."""
        self.pace.start_epoch()
        batches = self.dataset.batches(self.progress.epoch, self.progress.step)
        with self.messages.bar() as bar:
            for images, targets in batches:
                with self._interrupts.held():
                    self._train_step(images, targets)
                bar.set_postfix_str(self.messages.running(), refresh=False)
                bar.update()
                if self.pace.is_over():
                    break
                if self._save_sometimes():
                    self.messages.say_where(bar)
        batches.close()
        self._finish_epoch({"images_per_second": self.pace.images_per_second()})

    def _train_step(self, images, targets):
        """Takes one step and adds its figures to the epoch's sums."""
        self.progress.rate = self.pace.learning_rate()
        self.devices.assign(self.model.optimizer.learning_rate, self.progress.rate)
        inputs = inputs_of(self.model, images, targets)
        figures = self.devices.step(self.model, inputs, targets)
        self.progress.add(figures, len(images))
        # What writers cost rises where the network learns: it is no sign of illness.
        self.monitor.see(figures["loss"] - figures.get(f"{WRITER}_loss", 0.0))
        if self.progress.step % EVERY == 0:
            self.monitor.keep(self.progress.place())

    def _save_sometimes(self):
        """Writes a checkpoint if the last one is old enough; tells whether it did."""
        since = self.pace.minutes() - self.progress.minutes
        is_old = since >= self.options.checkpoint_minutes
        if is_old:
            self._save()
        return is_old

    def _finish_epoch(self, figures):
        """Validates, tells the loggers, and moves on to the next epoch."""
        self.monitor.keep(self.progress.place())
        self.sync_weights()
        figures |= self.progress.means() | {"epoch": self.progress.epoch + 1}
        figures["complete"] = self.progress.step >= self.dataset.num_steps
        figures["learning_rate"] = self.progress.rate
        figures |= self.judge.measure()
        with self._interrupts.held():  # all of it counts as one step
            self._close_epoch(figures)

    def _close_epoch(self, figures):
        """Tells the loggers of an epoch, moves on to the next, and saves the state."""
        self.judge.close(figures)
        if figures["complete"]:
            self.progress.next_epoch()
        self._save()

    def _variables(self):
        return [*self.model.variables, *self.model.optimizer.variables]

    def _save(self):
        """Writes the state: everything that the next step depends on."""
        self.progress.minutes = self.pace.minutes()
        self._write()

    def _write(self):
        """Writes the state with the minutes as they are known."""
        self.monitor.keep(self.progress.place())
        facts = self.progress.facts() | {"watch": self.monitor.facts}
        self._checkpoint.save(self._variables(), facts)
