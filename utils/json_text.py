"""JSON text -> a dict, and one kind of error where it is none."""

import json


def read_object(data):
    """Returns the object that JSON holds.

    Args:
        data: `str`, or `bytes` in any of the encodings of Unicode.

    Returns:
        Dict.

    Raises:
        ValueError: it is no JSON, nested too deep, or no object.
    """
    try:
        found = json.loads(data)
    except RecursionError:
        raise ValueError("not JSON (nested too deep).") from None
    except ValueError as error:
        raise ValueError(f"not JSON ({error}).") from None
    if not isinstance(found, dict):
        kind = type(found).__name__
        raise ValueError(f"expected a JSON object, got {kind}.")
    return found
