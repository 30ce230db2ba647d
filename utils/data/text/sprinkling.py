"""Words in Hangul -> the same among figures, Latin letters and marks, as in text."""

import string

# What is drawn alike is one character.
ALIKE = {"“": '"', "”": '"', "‘": "'", "’": "'"}

_AROUND = ("({})", "[{}]", "<{}>", '"{}"', "'{}'", "“{}”", "‘{}’")
_BEHIND = ("{}?", "{}!", "{}.", "{},", "{}:", "{};", "{}~", "{}…", "{}·", "-{}", "#{}")
_BETWEEN = "+=/&@*-·~"
_AFTER_FIGURES = ("", "", "%", ".", ",", "년", "월", "일", "개")
_SOME = 0.55  # of the words get something


def sprinkle(word, rng):
    """Sets marks to a word, or figures or Latin letters beside it, or leaves it alone.

    Args:
        word: a string.
        rng: `numpy.random.Generator`.

    Returns:
        A string of one word or two, with a space between.
    """
    if rng.random() > _SOME:
        return word
    kind = rng.integers(5)
    if kind < 2:
        patterns = (_AROUND, _BEHIND)[kind]
        return patterns[rng.integers(len(patterns))].format(word)
    if kind == 2:
        return f"{_figures(rng)}{rng.choice(_AFTER_FIGURES)} {word}"
    if kind == 3:
        return f"{_letters(rng)} {word}"
    return f"{word}{rng.choice(list(_BETWEEN))}{_figures(rng)}"


def _figures(rng):
    """Returns a number, or two with a mark between, as of dates and times."""
    parts = [
        "".join(rng.choice(list(string.digits), rng.integers(1, 5))) for _ in range(2)
    ]
    return rng.choice(list(".,:-/~")).join(parts[: 1 + (rng.random() < 0.3)])


def _letters(rng):
    """Returns Latin letters, as large as in words."""
    letters = "".join(rng.choice(list(string.ascii_lowercase), rng.integers(1, 6)))
    how = rng.integers(3)
    return letters if not how else letters.upper() if how == 1 else letters.capitalize()
