"""Divergence of training: what stops a run, and which weights were good last."""

import math

import numpy as np
from keras import ops

EVERY = 50  # steps from one look at the weights to the next
_MEMORY = 0.98  # of the smoothed loss: about the last 50 steps
_WORSE = 1.2  # times the lowest smoothed loss: weights that are worse are not kept
_FAR = 3.0  # times the loss of a guess: nothing that learns is there
# The same where `_FEW` steps are enough to say so. A rate that is high at first drives
# the loss of small data sets to 20 times that of a guess, from where it comes back.
_HOPELESS = 30.0
_FEW = 5


class TrainingError(RuntimeError):
    """Training had to stop; the message says where and why."""


class LostProcessError(TrainingError):
    """Another process of the run is gone."""


class Diverged(Exception):
    """What a `DivergenceMonitor` has seen: training makes no sense any more."""


class DivergenceMonitor:
    """Sees from the loss of every step whether training still makes sense.

    It does not where the loss is no number; where it lies, smoothed over some 50
    steps, over three times that of a guess, or over that of a guess after it had been
    below a third of it: what was learnt is lost. As long as one of the last five steps
    lies below, the loss may be falling again, and the run goes on. Five steps are
    enough where each has over thirty times the loss of a guess.

    Args:
        variables: list of Keras variables of the model that is trained.
        guess: loss of a network that knows nothing, see `loss_of_a_guess`.

    Attributes:
        facts: JSON-serialisable dict: smoothed loss, its lowest value, losses of the
            last five steps, steps seen. Goes into a training state, and back.
        good: dict: `arrays`, the values of the variables when they were kept last;
            `place`, what `keep` was told of them; and `loss`, smoothed, as it was then,
            None before the first step. None before the first `keep`.
    """

    def __init__(self, variables, guess):
        self.variables, self.guess, self.good = list(variables), guess, None
        self.facts = {"smoothed": 0.0, "lowest": math.inf, "steps": 0, "last": []}

    def keep(self, place):
        """Remembers the weights as they are now, unless the loss has risen since.

        Args:
            place: text: of which epoch and step they are.

        Raises:
            Diverged: they are no numbers any more.
        """
        arrays = [ops.convert_to_numpy(variable) for variable in self.variables]
        for variable, array in zip(self.variables, arrays, strict=True):
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise Diverged(f"the weights {variable.path} hold NaN or infinity")
        loss = self._smoothed()
        if self.good is None or (loss or 0.0) <= _WORSE * self.facts["lowest"]:
            self.good = {"arrays": arrays, "place": place, "loss": loss}

    def see(self, loss):
        """Takes in the loss of a step.

        Raises:
            Diverged: training makes no sense any more; the message says why.
        """
        if not math.isfinite(loss):
            raise Diverged(f"the loss became {loss}")
        facts, loss = self.facts, float(loss)
        facts["steps"] += 1
        facts["last"] = [*facts["last"], loss][-_FEW:]
        loss = min(loss, 2 * _FAR * self.guess)  # one bad batch is no trend
        facts["smoothed"] = _MEMORY * facts["smoothed"] + (1 - _MEMORY) * loss
        if facts["steps"] >= _FEW:
            facts["lowest"] = min(facts["lowest"], self._smoothed())
            self._judge()

    def _judge(self):
        """Raises Diverged where the loss is too high, and does not fall either."""
        facts, guess = self.facts, self.guess
        least, most = min(facts["last"]), max(facts["last"])
        lost = facts["lowest"] < guess / _FAR
        limit = guess if lost else _FAR * guess
        above = facts["steps"] >= EVERY and min(self._smoothed(), least) > limit
        if above or least > _HOPELESS * guess:
            before = f", after {facts['lowest']:.2f} at its best" if lost else ""
            raise Diverged(
                f"the loss of the last {_FEW} steps was {least:.2f} to {most:.2f}"
                f"{before} (a network that knows nothing has {guess:.2f})"
            )

    def put_back(self):
        """Gives the variables the values that were kept last."""
        for variable, array in zip(self.variables, self.good["arrays"], strict=True):
            variable.assign(array)

    def _smoothed(self):
        """Returns the smoothed loss, without the pull of its start at zero, or None."""
        steps = self.facts["steps"]
        return self.facts["smoothed"] / (1 - _MEMORY**steps) if steps else None


def loss_of_a_guess(outputs, early_weight):
    """Returns the cross entropy of equal probabilities, summed over the heads.

    Args:
        outputs: dict, head -> logits (batch, classes) or (batch, steps, classes).
        early_weight: weight of the first of several answers.
    """
    return sum(
        math.log(logits.shape[-1]) * (1 + early_weight * (len(logits.shape) == 3))
        for logits in outputs.values()
        if logits.shape[-1] > 1
    )
