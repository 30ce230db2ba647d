"""The detailed answer for one picture: a `Reading`, which tells the jamo as well."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from utils.hangul import COMPONENTS


class Jamo(NamedTuple):
    """The most probable class of one of a syllable's three jamo.

    jamo: the most probable letter, `∅` where there is most probably no final.
    probability: its marginal probability, whatever the other two jamo are.
    runner_up, runner_up_probability: the second most probable.
    """

    jamo: str
    probability: float
    runner_up: str
    runner_up_probability: float


class Reading(NamedTuple):
    """The detailed answer for one picture.

    syllables: list of (syllable, probability), best first; empty if it was rejected.
    initial, medial, final: a `Jamo` each, from the same distribution as `syllables`,
        but without the neighbours where the picture was read `in_order`; None for a
        picture without ink.
    share: probability that the picture shows a syllable of the charset at all, 1 for
        `charset='all'`. The probabilities above are conditional on that.
    guesses: as `syllables`, whether it was rejected or not; empty without ink.
    """

    syllables: list[tuple[str, float]]
    initial: Jamo | None
    medial: Jamo | None
    final: Jamo | None
    share: float
    guesses: Sequence[tuple[str, float]] = ()

    @property
    def rejected(self) -> bool:
        """Whether the picture was rejected."""
        return not self.syllables

    @property
    def best(self) -> str | None:
        """The best syllable; None if the picture was rejected."""
        return self.syllables[0][0] if self.syllables else None

    @property
    def probability(self) -> float | None:
        """The best syllable's probability; None if the picture was rejected."""
        return self.syllables[0][1] if self.syllables else None

    def to_dict(self, detail: bool = True) -> dict[str, Any]:
        """Returns what JSON can hold of it, as `predict.py --json=true` prints it.

        Args:
            detail: with the jamo, `share` and `guesses`.
        """
        listed = {"syllables": _as_dicts(self.syllables)}
        if not detail:
            return listed
        jamo = {name: getattr(self, name) for name in COMPONENTS}
        told = {name: each and each._asdict() for name, each in jamo.items()}
        beside = {"share": self.share, "guesses": _as_dicts(self.guesses)}
        return listed | told | beside

    def __repr__(self) -> str:
        """Names the candidates, in brackets those of a picture that was rejected."""
        shown = ", ".join(f"{s} {p:.3f}" for s, p in self.guesses) or "no ink"
        return f"<Reading: {f'rejected ({shown})' if self.rejected else shown}>"


def _as_dicts(pairs):
    return [{"syllable": each, "probability": sure} for each, sure in pairs]
