"""Font outlines -> which contours of a glyph draw which jamo.

Many faces put syllables together from a stock of jamo shapes: a contour then recurs,
to the unit, in the syllables that share that jamo and in no others. Where all contours
of a glyph can be told so, it is known exactly where each of its jamo is.
"""

import cv2
import numpy as np
from fontTools.pens.basePen import decomposeQuadraticSegment
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from matplotlib.path import Path as Outline

from utils.hangul import COMPONENTS, ksx1001_syllables, split_syllables

SIDE = 192  # pixels of a drawn glyph
_MARGIN = 8  # pixels around it
_TRIED = 150  # syllables that tell whether a face shares contours at all
_SHARED = 0.3  # share of contours that must recur among them


def separate(face, syllables=None):
    """Finds the syllables of a face whose contours can all be told by jamo.

    Args:
        face: `utils.data.fonts.Face`.
        syllables: to look among; by default every second of KS X 1001.

    Returns:
        Dict, syllable -> dict, component -> list of contours; empty where the face
        draws each syllable as a whole. A syllable without a final has no `final`.
    """
    syllables = syllables or ksx1001_syllables()[::2]
    number = face.index if str(face.path).endswith((".ttc", ".otc")) else -1
    with TTFont(face.path, fontNumber=number, lazy=True) as font:
        step = max(1, len(syllables) // _TRIED)
        few = _read_contours(font, syllables[::step])
        if not _recur(few):
            return {}
        contours = _read_contours(font, syllables)
    return _told_apart(contours)


def _read_contours(font, syllables):
    """Returns dict, syllable -> list of contours, each a tuple of pen calls."""
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    found = {}
    for syllable in syllables:
        if ord(syllable) in names:
            pen = DecomposingRecordingPen(glyphs)
            glyphs[names[ord(syllable)]].draw(pen)
            found[syllable] = _split(pen.value)
    return found


def _split(calls):
    """Splits pen calls into contours."""
    contours, current = [], []
    for name, points in calls:
        current.append((name, points))
        if name in ("closePath", "endPath"):
            contours.append(tuple(current))
            current = []
    return contours


def _recur(contours):
    """Tells whether contours recur from syllable to syllable."""
    counts = {}
    for each in contours.values():
        for contour in set(each):
            counts[contour] = counts.get(contour, 0) + 1
    return sum(n > 1 for n in counts.values()) > _SHARED * max(len(counts), 1)


def _told_apart(contours):
    """Returns the syllables all of whose contours have one owner each."""
    true = split_syllables(list(contours))
    jamo = {
        syllable: {name: int(true[name][row]) for name in COMPONENTS}
        for row, syllable in enumerate(contours)
    }
    users = {}
    for syllable, each in contours.items():
        for contour in each:
            users.setdefault(contour, set()).add(syllable)
    owners = {contour: _owner(each, jamo) for contour, each in users.items()}
    found = {}
    for syllable, each in contours.items():
        parts = {}
        for contour in each:
            parts.setdefault(owners[contour], []).append(contour)
        wanted = {name for name in COMPONENTS if name != "final"}
        wanted |= {"final"} if jamo[syllable]["final"] else set()
        if set(parts) == wanted:
            found[syllable] = parts
    return found


def _owner(syllables, jamo):
    """Returns the one component in which all users of a contour agree; None without."""
    agreed = [
        name
        for name in COMPONENTS
        if len({jamo[syllable][name] for syllable in syllables}) == 1
    ]
    return agreed[0] if len(syllables) > 1 and len(agreed) == 1 else None


def draw_parts(parts):
    """Draws a glyph jamo by jamo.

    Args:
        parts: dict, component -> list of contours, as `separate` gives them.

    Returns:
        (picture, masks): `uint8` (192, 192), dark on white, and a dict, component ->
        boolean array of the same shape: its ink.
    """
    polygons = {name: _polygons(contours) for name, contours in parts.items()}
    points = np.concatenate([each for some in polygons.values() for each in some])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (SIDE - 2 * _MARGIN) / max(high - low)
    corner = (SIDE - scale * (high - low)) / 2
    masks = {}
    for name, some in polygons.items():
        mask = np.zeros((SIDE, SIDE), np.uint8)
        # Upwards in a font is downwards in a picture.
        placed = [
            np.round(corner + scale * (each * (1, -1) - (low[0], -high[1]))).astype(int)
            for each in some
        ]
        cv2.fillPoly(mask, placed, 1)
        masks[name] = mask.astype(bool)
    ink = np.any(list(masks.values()), axis=0)
    return np.where(ink, 0, 255).astype(np.uint8), masks


def _polygons(contours):
    """Returns contours as arrays (points, 2), their curves flattened."""
    polygons = []
    for contour in contours:
        points, codes = [], []
        for name, given in contour:
            for step, code in _steps(name, given):
                points += step
                codes += [code] * len(step)
        polygons += Outline(points, codes).to_polygons(closed_only=False)
    return [each for each in polygons if len(each) > 2]


def _steps(name, points):
    """Yields (points, code) of matplotlib for one call of a pen."""
    if name == "moveTo":
        yield list(points), Outline.MOVETO
    elif name == "lineTo":
        yield list(points), Outline.LINETO
    elif name == "curveTo":
        yield list(points), Outline.CURVE4
    elif name == "qCurveTo":
        if points[-1] is None:  # no point on the curve: it starts between two off it
            start = tuple(np.add(points[0], points[-2]) / 2)
            yield [start], Outline.MOVETO
            points = (*points[:-1], start)
        for pair in decomposeQuadraticSegment(points):
            yield list(pair), Outline.CURVE3
