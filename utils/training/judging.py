"""What the weights of a run are worth: they are validated, recorded and told of."""


class Judge:
    """Validates what a run begins with and each of its epochs, and tells the loggers.

    Args:
        progress: `utils.training.progress.Progress`: where the run stands.
        validate: function () -> dict of figures, `syllable` among them; or None.

    Attributes:
        loggers: objects that are told of every epoch, see `utils.training.loggers`.
        of_initial: whether the weights that the run begins with are judged as well.
    """

    def __init__(self, progress, validate):
        self.progress, self.validate = progress, validate
        self.loggers, self.of_initial = [], False

    def measure(self):
        """Returns the figures of validation, by the names that a run has for them."""
        measured = self.validate() if self.validate else {}
        return {f"val_{name}": value for name, value in measured.items()}

    def begin(self):
        """Judges the weights that the run begins with, where that is wanted."""
        if self.of_initial:
            self.progress.record_initial(self.measure())
            self._tell(0, self.progress.initial)

    def close(self, figures):
        """Records the figures of the current epoch, and tells the loggers.

        Args:
            figures: dict of numbers: what `measure` gave, and what the steps did.
        """
        self.progress.record(figures, bool(self.validate))
        self._tell(self.progress.epoch + 1, figures)

    def _tell(self, number, figures):
        for logger in self.loggers:
            logger.epoch(number, figures)
