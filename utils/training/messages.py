"""Where a run of training stands -> what it says of that."""

from pathlib import Path

from utils.bars import progress_bar, tell


class Messages:
    """What a run says to whoever started it.

    Args:
        options: `utils.training_config.TrainConfig`.
        progress: `utils.training.progress.Progress`: where the run stands.
        is_chief: whether this process is the one that speaks.
    """

    def __init__(self, options, progress, is_chief):
        self.options, self.progress, self.is_chief = options, progress, is_chief

    def bar(self):
        """Returns the progress bar of the epoch."""
        return progress_bar(
            initial=self.progress.step,
            total=self.progress.num_steps,
            desc=f"epoch {self.progress.epoch + 1}/{self.options.epochs}",
            unit="step",
            quiet=self.options.silent_mode,
            mininterval=1,
        )

    def running(self):
        """Returns the loss so far and the rate, for the progress bar."""
        done = self.progress
        return f"loss {done.means()['loss']:.4f}, rate {done.rate:.2g}"

    def say_where(self, bar):
        """Says, at a checkpoint, how far an epoch is where no bar does.

        Args:
            bar: of `bar()`.
        """
        done = self.progress
        if bar.disable and self.options.checkpoint_minutes:  # else at every step
            self._say(
                f"epoch {done.epoch + 1}: {done.step} of {done.num_steps} steps, "
                f"{self.running()}, {done.minutes:.1f} minutes"
            )

    def say_how_it_ends(self, begun):
        """Says why a run ends before its epochs do, or without a step.

        Args:
            begun: steps that were done when it began.
        """
        done, options = self.progress, self.options
        if done.epoch < options.epochs and done.has_stalled(options.patience):
            self._say(
                f"Training ends after {done.epoch} of {options.epochs} epochs: of the "
                f"last {options.patience} validations (patience) none read more than "
                f"{100 * done.best:.2f} %, which one before had. A higher patience "
                "goes on with resume=true."
            )
        elif done.steps_done() == begun:
            self._say(
                f"Nothing is left to train: {done.epoch} of {options.epochs} epochs "
                f"and {done.minutes:.1f} minutes are done (epochs and max_minutes "
                "count from the start of the run)."
            )
        elif done.epoch < options.epochs:
            self._say(
                f"Training ends after {done.minutes:.1f} minutes (max_minutes), "
                f"{done.epoch} of {options.epochs} epochs and {done.step} of "
                f"{done.num_steps} steps of the next; its weights are in "
                f"{Path(options.log_path, 'weights')}. "
                "A higher max_minutes goes on with resume=true."
            )

    def say_it_begins(self, folder):
        """Says that there is no run to be resumed in a folder."""
        self._say(f"There is no run in {folder} yet; one begins.")

    def say_nothing_gained(self):
        """Says so where no epoch read more than the weights that the run began with."""
        done = self.progress
        if not (self.is_chief and done.initial and done.history):  # others do not know
            return
        began = done.initial["val_syllable"]
        top = max(done.history, key=lambda figures: figures["val_syllable"])
        if top["val_syllable"] > began:
            return
        best = done.best_epoch()
        held = f"those of epoch {best}" if best else "those that it began with"
        more = " Try a lower learning_rate, or more pictures." if not best else ""
        self._say(
            "No epoch read more of the validation pictures than the weights that it "
            f"began with ({100 * began:.2f} %; epoch {top['epoch']} "
            f"{100 * top['val_syllable']:.2f} %); best.weights.h5 holds {held}.{more}"
        )

    def why_stopped(self, error):
        """Returns what `error` has seen and in which step, as a sentence."""
        what = f"{str(error)[0].upper()}{str(error)[1:]}"
        return (
            f"{what} in epoch {self.progress.epoch + 1}, step {self.progress.step} "
            f"of {self.progress.num_steps}."
        )

    def what_is_kept(self, good, path):
        """Returns which weights are kept of a run that had to stop, and what to do.

        Args:
            good: `utils.training.monitoring.DivergenceMonitor.good`: what they are.
            path: where they are saved; None if they are not.
        """
        where = f" in {path}" if path else ""
        lower = f"a lower learning_rate (the step's was {self.progress.rate:g})"
        if good["loss"] is None:
            return (
                f"The weights that it began with are kept{where}; no later ones had a "
                f"lower loss. Start again in another log_path with {lower}."
            )
        return (
            f"The weights of {good['place']} are kept{where}; the mean loss of the "
            f"steps before was {good['loss']:.2f}. Start again in another log_path "
            f"with these as initial_weights and {lower}."
        )

    def _say(self, text):
        """Prints a line where lines are wanted."""
        if not self.options.silent_mode and self.is_chief:
            tell(text)
