"""Cuts a syllable's picture into its upper part (initial and medial) and its final.

Where the final begins is not always clear: strokes touch, and the final ㅎ consists of
three strokes, one above the other. Several cuts are tried, and that one is taken after
which a network reads the upper part as the same syllable without its final.
"""

from typing import NamedTuple

import cv2
import numpy as np

from utils.hangul import split_syllables
from utils.inference.imaging import prepare

MIN_INK_CONTRAST = 40  # grey levels below the paper's: darker pixels are ink
# Of (initial, medial, no final) in the picture without its final: then a cut is right.
MIN_CUT_PROBABILITY = 0.3
_MAX_CUTS = 3  # of a picture that are tried by the network
_USUAL_FINAL_TOP = 0.6  # of the ink's height, from its top
_BATCH_SIZE = 256  # pictures in one call of the network


class Upper(NamedTuple):
    """The upper part of a picture, initial and medial, without its final.

    ink: `uint8` (height, width), 255 is ink.
    initial, medial: indices of the jamo.
    room: (left, top, width, height) in pixels of the final that was removed.
    gap: least number of rows between both in any column; below 0 they overlapped.
    """

    ink: np.ndarray
    initial: int
    medial: int
    room: tuple[int, int, int, int]
    gap: int


class Final(NamedTuple):
    """The final cut out of a picture.

    ink: `uint8` (height, width), 255 is ink, cropped.
    final: index of the jamo, from 1.
    box: (left, top, width, height) in the picture that it comes from.
    """

    ink: np.ndarray
    final: int
    box: tuple[int, int, int, int]


def find_finals(images, labels, read, size):
    """Finds the finals of pictures, where a network confirms the cut.

    Args:
        images: sequence of `uint8` (height, width), dark on white.
        labels: a syllable each; those without final are skipped.
        read: function of `uint8` (batch, size, size), prepared pictures, that returns a
            dict of probabilities (batch, classes) by head, as `KoOCR.probabilities`.
        size: side of the prepared pictures in pixels.

    Returns:
        Dict, row -> `bool` (height, width), True on the final's ink; fewer rows than
        pictures.
    """
    jamo = split_syllables(labels)
    tries = [
        (row, lower)
        for row in np.flatnonzero(jamo["final"])
        for lower in _propose(255 - images[row])
    ]
    best = {}
    for start in range(0, len(tries), _BATCH_SIZE):
        some = tries[start : start + _BATCH_SIZE]
        squares = [prepare(_without(images[row], lower), size) for row, lower in some]
        sure = _probability(read(np.stack(squares)), jamo, [row for row, _ in some])
        for (row, lower), value in zip(some, sure, strict=True):
            if value >= max(MIN_CUT_PROBABILITY, best[row][0] if row in best else 0):
                best[row] = value, lower
    return {int(row): lower for row, (_, lower) in sorted(best.items())}


def _probability(heads, jamo, rows):
    """Returns the probability of each row's initial and medial without a final."""
    places = np.arange(len(rows))
    initial = heads["initial"][places, jamo["initial"][rows]]
    medial = heads["medial"][places, jamo["medial"][rows]]
    return initial * medial * heads["final"][:, 0]


def _propose(ink):
    """Returns masks that may be the final, those cut at the usual height first."""
    mask = (ink > MIN_INK_CONTRAST).astype(np.uint8)
    count, marks, stats, centres = cv2.connectedComponentsWithStats(mask)
    _, y, width, height = cv2.boundingRect(mask)
    # Background and 1 to 11 parts; of more, or of tiny ink, no cut is proposed.
    if not 2 <= count <= 12 or height < 24:
        return []
    found = _by_parts(marks, stats, centres, y, height)
    found += _by_row(mask, y, width, height)
    found.sort(key=lambda pair: pair[0])
    return [lower for _, lower in found[:_MAX_CUTS]]


def _by_parts(marks, stats, centres, y, height):
    """Proposes the lowest connected parts: list of (distance from usual top, mask)."""
    order = np.argsort(centres[1:, 1]) + 1
    tops, bottoms = stats[:, 1], stats[:, 1] + stats[:, 3]
    found = []
    for first in range(1, len(order)):
        upper, lower = order[:first], order[first:]
        top = tops[lower].min()
        if top <= y + 0.3 * height or bottoms[lower].max() <= y + 0.8 * height:
            continue
        # The median, for a medial's stem may reach down beside the final.
        edge = (np.median(bottoms[upper]) + top) / 2
        found.append(
            (abs((edge - y) / height - _USUAL_FINAL_TOP), np.isin(marks, lower))
        )
    return found


def _by_row(mask, y, width, height):
    """Proposes all below a row that little ink crosses, if there is one."""
    first = y + int(0.42 * height)
    rows = mask.sum(1)[first : y + int(0.75 * height)]
    # Stems of ㅗ and ㅜ are thin too: of thin rows, the one nearest the usual place.
    places = (first + np.arange(len(rows)) - y) / height
    level = first + int(
        (rows + 0.5 * width * np.abs(places - _USUAL_FINAL_TOP)).argmin()
    )
    if not 0 < rows[level - first] <= 0.25 * width:
        return []
    below = np.zeros(mask.shape, bool)
    below[level:] = mask[level:] > 0
    # The addend ranks cuts between separate parts first.
    return [(abs((level - y) / height - _USUAL_FINAL_TOP) + 0.03, below)]


def take_apart(image, label, lower):
    """Cuts a picture into upper part and final.

    Args:
        image: `uint8` (height, width), dark on white.
        label: the syllable that it shows.
        lower: `bool` (height, width), as `find_finals` gives it.

    Returns:
        (`Upper`, `Final`).
    """
    jamo = {name: int(index[0]) for name, index in split_syllables([label]).items()}
    ink, grown = 255 - image, _grow(lower)
    above, below = np.where(grown, 0, ink), np.where(grown, ink, 0)
    box = cv2.boundingRect((below > MIN_INK_CONTRAST).astype(np.uint8))
    left, top, width, height = box
    gap = gap_between(above, below)
    upper = Upper(above, jamo["initial"], jamo["medial"], box, gap)
    cropped = below[top : top + height, left : left + width]
    return upper, Final(cropped, jamo["final"], box)


def _without(image, lower):
    return np.where(_grow(lower), np.uint8(255), image)


def _grow(lower):
    """Grows a mask by the grey edge of strokes."""
    return cv2.dilate(lower.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def gap_between(above, below):
    """Returns the least gap in rows between two inks, over columns that hold both.

    Args:
        above: `uint8` (height, width), 255 is ink.
        below: likewise.

    Returns:
        int, below 0 where they overlap; 0 if no column holds both.
    """
    above, below = above > MIN_INK_CONTRAST, below > MIN_INK_CONTRAST
    both = above.any(0) & below.any(0)
    if not both.any():
        return 0
    ends = len(above) - above[::-1, both].argmax(0)
    return int((below[:, both].argmax(0) - ends).min())
