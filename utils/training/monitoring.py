"""Divergence of training: what stops a run, and which weights were good last."""

import math

import numpy as np
from keras import ops

EVERY = 50  # steps from one look at the weights to the next
_MEMORY = 0.98  # of the smoothed loss: about the last 50 steps
_WORSE = 1.2  # times the lowest smoothed loss: weights that are worse are not kept
_FAR = 3.0  # times the loss of a guess: nothing that learns is there
_FARTHER = 4.5  # the same where there were `_FEW` steps only: of a few pictures, say
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
    steps, over three times that of a guess (over 4.5 times from the fifth step on); or
    over that of a guess after it had been below a third of it: what was learnt is lost.

    Args:
        variables: list of Keras variables of the model that is trained.
        guess: loss of a network that knows nothing, see `loss_of_a_guess`.

    Attributes:
        facts: JSON-serialisable dict: smoothed loss, its lowest value, steps seen. Goes
            into a training state, and back.
        good: dict: `arrays`, the values of the variables when they were good last, and
            `place`, what `keep` was told of them; None before the first `keep`.
    """

    def __init__(self, variables, guess):
        self.variables, self.guess, self.good = list(variables), guess, None
        self.facts = {"smoothed": 0.0, "lowest": math.inf, "steps": 0}

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
        if self.good is None or self._smoothed() <= _WORSE * self.facts["lowest"]:
            self.good = {"arrays": arrays, "place": place}

    def see(self, loss):
        """Takes in the loss of a step.

        Raises:
            Diverged: training makes no sense any more; the message says why.
        """
        if not math.isfinite(loss):
            raise Diverged(f"the loss became {loss}")
        facts = self.facts
        facts["steps"] += 1
        loss = min(float(loss), 2 * _FAR * self.guess)  # one bad batch is no trend
        facts["smoothed"] = _MEMORY * facts["smoothed"] + (1 - _MEMORY) * loss
        smoothed = self._smoothed()
        if facts["steps"] < EVERY:
            if facts["steps"] >= _FEW and smoothed > _FARTHER * self.guess:
                raise Diverged(
                    f"the loss is {smoothed:.2f}, the mean of the first "
                    f"{facts['steps']} steps (who knows nothing has {self.guess:.2f})"
                )
            return
        facts["lowest"] = min(facts["lowest"], smoothed)
        learnt = facts["lowest"] < self.guess / _FAR
        if smoothed > (self.guess if learnt else _FAR * self.guess):
            raise Diverged(
                f"the loss rose to {smoothed:.2f}, the mean of some {EVERY} steps "
                f"({facts['lowest']:.2f} at its best; who knows nothing has "
                f"{self.guess:.2f})"
            )

    def put_back(self):
        """Gives the variables the values that were good last."""
        for variable, array in zip(self.variables, self.good["arrays"], strict=True):
            variable.assign(array)

    def _smoothed(self):
        """Returns the smoothed loss, without the pull of its start at zero."""
        steps = self.facts["steps"]
        return self.facts["smoothed"] / (1 - _MEMORY**steps) if steps else 0.0


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
