"""Dust about a syllable: specks that are many, round and no wider than strokes."""

from utils.cleaning.ink import (
    AREA,
    HEIGHT,
    WIDTH,
    Ink,
    mask_of,
    stroke_width,
    without_parts,
)

_MIN_SPECKS = 8  # strokes that came off in pieces, and ticks, are fewer
_MAX_DUST_SHARE = 0.25  # of all ink: letters of dots are more
_MIN_STROKE_SHARE = 0.04  # of all ink: parts of so much are strokes
_MAX_SPECK_SIDE = 1.1  # times the width of strokes: ticks are longer
_MIN_SPECK_FULLNESS = 0.45  # of its box: a speck fills so much, as it is round


def without_dust(ink: Ink) -> Ink:
    """Leaves the specks of a picture out where they are many.

    Few are left alone, for a tick of ㅊ or ㅎ may be as small and as round.

    Args:
        ink: of a picture.

    Returns:
        The same where there are no such specks.
    """
    if len(ink.parts) - 2 < _MIN_SPECKS:  # the ground, and a letter beside the specks
        return ink
    specks = _specks(ink.labels, ink.parts)
    dusty = ink.parts[specks, AREA].sum()
    if (
        specks.sum() < _MIN_SPECKS
        or dusty > _MAX_DUST_SHARE * ink.parts[1:, AREA].sum()
    ):
        return ink
    return without_parts(ink, specks)


def _specks(labels, parts):
    """Tells which parts are specks: `bool`, one for each label, the ground's first."""
    areas = parts[:, AREA]
    letters = areas >= _MIN_STROKE_SHARE * areas[1:].sum()
    letters[0] = False
    if not letters.any():
        return letters
    widest = _MAX_SPECK_SIDE * stroke_width(mask_of(letters, labels))
    small = parts[:, [WIDTH, HEIGHT]].max(axis=1) <= widest
    full = areas >= _MIN_SPECK_FULLNESS * parts[:, WIDTH] * parts[:, HEIGHT]
    specks = small & full & ~letters
    specks[0] = False
    return specks
