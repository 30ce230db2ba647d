"""Handles pictures that cannot be prepared: rejects, returns or raises the error."""

from collections.abc import Callable, Sequence
from typing import Any

from utils.inference.answers import Answering
from utils.inference.imaging import NoInkError
from utils.inference.ordering import Place
from utils.kinds import Heads


def attempt(prepare: Callable[[Any], Any], picture: Any) -> tuple[Any, Any]:
    """Returns (prepared picture, None), or (None, error) where that fails.

    Args:
        prepare: function of a picture. Its `TypeError` and `ValueError` (`NoInkError`
            is one) are returned, others come through.
        picture: what it takes.
    """
    try:
        return prepare(picture), None
    except (TypeError, ValueError) as error:
        return None, error


def answer_error(
    error: Exception, answering: Answering, return_errors: bool, place: int | None
) -> Any:
    """Returns the answer to a picture that cannot be prepared, or raises.

    Args:
        error: from `attempt`.
        answering: says whether pictures without ink are rejected.
        return_errors: return the error as the answer.
        place: index of the picture among those given; None for a single one.
    """
    if isinstance(error, NoInkError) and answering.reject_below:
        return answering.without_ink()
    if return_errors:
        return without_frames(error)
    raise error if place is None else at_place(error, place)


def without_frames(error: Exception) -> Exception:
    """Returns an error that keeps no picture alive, as the frames it passed would.

    Args:
        error: handed over to be kept.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def answer_errors(
    batch: Sequence[tuple[Any, Any]],
    answering: Answering,
    return_errors: bool = False,
    place: int | None = None,
) -> list[Any]:
    """Answers those pictures of a batch that could not be prepared, or raises.

    Args:
        batch: pairs of a prepared picture or None, and an error or None.
        answering: see `answer_error`.
        return_errors: see `answer_error`.
        place: index of the first picture among those given; None for a single one.

    Returns:
        List of answers, None for every picture that the network is to read.
    """
    return [
        answer_error(error, answering, return_errors, at) if error else None
        for at, (_, error) in zip(places_of(place, batch), batch, strict=True)
    ]


def fill_in(
    answers: Sequence[Any], heads: Heads | None, answering: Answering
) -> list[Any]:
    """Returns the answers to a whole batch, including those of `answer_errors`.

    Args:
        answers: as `answer_errors` gives them.
        heads: dict of probabilities of the pictures whose answer there is None; None if
            there are none.
        answering: turns them into answers. Where pictures are text in order, one
            without ink is a space.
    """
    text = [_place(answer) for answer in answers]
    if heads is None:
        answering.skip(text)
        return list(answers)
    read = iter(answering(heads, text))
    return [next(read) if answer is None else answer for answer in answers]


def _place(answer):
    """Returns the `Place` of a picture with this answer; None is to be read."""
    if answer is None:
        return Place.READ
    unreadable = isinstance(answer, Exception) and not isinstance(answer, NoInkError)
    return Place.LOST if unreadable else Place.SPACE


def places_of(first: int | None, batch: Sequence[Any]) -> Sequence[int | None]:
    """Returns the indices of a batch's pictures among all that were given.

    Args:
        first: index of the first; None for a single picture, which has none.
        batch: an entry for each picture.
    """
    count = len(batch)
    return [None] * count if first is None else range(first, first + count)


def name_place(place: int | None) -> str:
    """Returns the name of a picture in messages; `place` is None for a single one."""
    return "A picture" if place is None else f"Picture {place}, counted from 0"


def at_place(error: Exception, place: int) -> Exception:
    """Returns an error whose message also names the picture.

    Args:
        error: `NoInkError`, `TypeError` or `ValueError`, as `attempt` gives it; the
            new one is of the same of these.
        place: index of the picture among those given.
    """
    kinds = (NoInkError, TypeError, ValueError)
    kind = next(kind for kind in kinds if isinstance(error, kind))
    renewed = kind(f"{name_place(place)}: {error}")
    renewed.__cause__ = error
    return renewed
