"""Where a run of training stands: its step, its figures, and the epochs so far."""

from numbers import Real

# What a state holds of it, beside the variables, and of which type.
FACTS = {"epoch": int, "step": int, "minutes": Real, "best": Real, "history": list}
FACTS |= {"network_json": str, "_sums": dict}


class Progress:
    """The place of a run and what it has given up to there.

    Args:
        num_steps: steps of an epoch.
        network_json: the model's configuration, kept with the state.
        rate: learning rate, as long as there is no step.

    Attributes:
        epoch, step: finished epochs, and finished steps of the one begun.
        minutes: what the run had taken when its state was saved last.
        rate: learning rate of the last step.
        best: the highest accuracy of syllables on validation, -1 before the first.
        history: list of dicts of figures, one an epoch, as `Trainer.run` returns it.
        initial: dict of figures of the weights that the run began with; None where
            nobody measured them.
    """

    def __init__(self, num_steps, network_json, rate=0.0):
        self.num_steps, self.network_json = num_steps, network_json
        self.epoch, self.step, self.minutes = 0, 0, 0.0
        self.best, self.history, self._sums = -1.0, [], {}
        self.rate, self.initial = rate, None

    def facts(self):
        """Returns what a state keeps: a JSON-serialisable dict, all `FACTS` in it."""
        kept = {name: getattr(self, name) for name in FACTS}
        return kept | {"initial": self.initial, "learning_rate": self.rate}

    def restore(self, facts):
        """Stands where the run of a state stood.

        Args:
            facts: dict, of which `FACTS` are read, and `initial` and `learning_rate`
                if they are there.
        """
        for name in FACTS:
            setattr(self, name, facts[name])
        self.initial = facts.get("initial")  # earlier runs had none of these two
        rate = facts.get("learning_rate")
        self.rate = rate if isinstance(rate, float) else self.rate

    def place(self):
        """Returns where the run stands, in words."""
        return f"epoch {self.epoch + 1}, step {self.step}"

    def steps_done(self):
        """Returns how many steps the run has taken."""
        return self.epoch * self.num_steps + self.step

    def add(self, figures, count):
        """Adds the figures of one more step to the epoch's sums.

        Args:
            figures: dict, name -> mean over the step's pictures.
            count: of these pictures.
        """
        self.step += 1
        for name, value in {**figures, "images": 1.0}.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value) * count

    @property
    def images(self):
        """Number of pictures that the epoch has shown so far."""
        return self._sums.get("images", 0.0)

    def means(self):
        """Returns the means over the epoch's pictures so far."""
        names = self._sums.keys() - {"images"}
        return {name: self._sums[name] / self.images for name in sorted(names)}

    def record_initial(self, figures):
        """Takes the figures of the weights that the run begins with: they are best.

        Args:
            figures: dict, `val_syllable` in it.
        """
        figures |= {"epoch": 0, "best": True}
        self.initial, self.best = figures, figures["val_syllable"]

    def record(self, figures, validated):
        """Takes an epoch's figures into the history, and marks in them the `best`.

        Of equal ones the first is the best, but for the weights that the run began
        with: an epoch that reads as many takes their place.

        Args:
            figures: dict of the epoch's figures.
            validated: whether `val_syllable` is to say which is the best; else all are.
        """
        score = figures.get("val_syllable", -1.0)
        equal = score == self.best and not self.best_epoch()
        figures["best"] = score > self.best or equal or not validated
        self.best = max(self.best, score)
        # A resumed part of an epoch replaces the line that its first part left.
        self.history = [f for f in self.history if f["epoch"] != self.epoch + 1]
        self.history.append(figures)

    def best_epoch(self):
        """Returns the number of the best epoch so far, from 1; 0 where none is."""
        return max((f["epoch"] for f in self.history if f.get("best")), default=0)

    def has_stalled(self, patience):
        """Tells whether the last validations read no more than one before them.

        What the run began with counts, an epoch that was not finished does not.

        Args:
            patience: how many validations; 0: it never has.
        """
        finished = [figures for figures in self.history if figures.get("complete")]
        judged = [self.initial or {}, *finished]
        scores = [each["val_syllable"] for each in judged if "val_syllable" in each]
        if not 0 < patience < len(scores):
            return False
        return max(scores[-patience:]) <= max(scores[:-patience])

    def next_epoch(self):
        """Goes on to the first step of the next epoch."""
        self.epoch, self.step, self._sums = self.epoch + 1, 0, {}
