"""Pictures that cannot be prepared: kept among others, answered, or told by place."""

from collections.abc import Callable
from typing import Any

from utils.inference.answers import Answering
from utils.inference.imaging import NoInkError


def attempt(prepare: Callable[[Any], Any], picture: Any) -> tuple[Any, Any]:
    """Returns (prepared picture, None), or (None, why there is none)."""
    try:
        return prepare(picture), None
    except (TypeError, ValueError) as error:
        return None, error


def answer_error(
    error: Exception, answering: Answering, return_errors: bool, place: int | None
) -> Any:
    """Returns the answer to a picture that cannot be prepared, or raises.

    Args:
        error: what `attempt` gave.
        answering: what tells whether pictures without ink are rejected.
        return_errors: answer with the error.
        place: of the picture among those that came; None of a single one.
    """
    if isinstance(error, NoInkError) and answering.reject_below:
        return answering.without_ink()
    if return_errors:
        return error
    raise error if place is None else at_place(error, place)


def at_place(error: Exception, place: int) -> Exception:
    """Returns an error that also tells which of several pictures it is of."""
    kinds = (NoInkError, TypeError, ValueError)
    kind = next(kind for kind in kinds if isinstance(error, kind))
    renewed = kind(f"Picture {place}, counted from 0: {error}")
    renewed.__cause__ = error
    return renewed
