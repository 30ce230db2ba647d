"""A syllable's picture -> its upper part (initial and medial) and its final.

Where a final ends is not always plain: strokes touch, and the final ㅎ is itself three
strokes above each other. Several cuts are tried, and a network says which of them
leaves a picture that reads as the same syllable without its final.
"""

from typing import NamedTuple

import cv2
import numpy as np

from utils.hangul import split_syllables
from utils.inference.imaging import prepare

INK = 40  # grey levels darker than paper: ink
SURE = 0.3  # probability of (initial, medial, no final) from which a cut is right
_TRIED = 3  # cuts of a picture that a network reads
_USUAL = 0.6  # of the ink's height, from the top: where finals begin
_BATCH = 256  # pictures a call of the network


class Upper(NamedTuple):
    """Initial and medial of a picture whose final was taken away.

    ink: `uint8` (height, width), 255 is ink.
    initial, medial: indices of the jamo.
    room: (left, top, width, height) of the final that was there, in pixels.
    gap: fewest rows of paper between the two in a column; below 0 they overlapped.
    """

    ink: np.ndarray
    initial: int
    medial: int
    room: tuple[int, int, int, int]
    gap: int


class Final(NamedTuple):
    """The final of a picture.

    ink: `uint8` (height, width), 255 is ink, cropped.
    final: index of the jamo, from 1.
    box: (left, top, width, height) in the picture that it comes from.
    """

    ink: np.ndarray
    final: int
    box: tuple[int, int, int, int]


def find_finals(images, labels, read, size):
    """Finds the final of every picture where a network agrees with its place.

    Args:
        images: sequence of `uint8` (height, width), dark on white.
        labels: a syllable each; those without final are passed over.
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
    for start in range(0, len(tries), _BATCH):
        some = tries[start : start + _BATCH]
        squares = [prepare(_without(images[row], lower), size) for row, lower in some]
        sure = _probability(read(np.stack(squares)), jamo, [row for row, _ in some])
        for (row, lower), value in zip(some, sure, strict=True):
            if value >= max(SURE, best[row][0] if row in best else 0):
                best[row] = value, lower
    return {int(row): lower for row, (_, lower) in sorted(best.items())}


def _probability(heads, jamo, rows):
    """Returns how probable rows are to show their initial, medial and no final."""
    places = np.arange(len(rows))
    initial = heads["initial"][places, jamo["initial"][rows]]
    medial = heads["medial"][places, jamo["medial"][rows]]
    return initial * medial * heads["final"][:, 0]


def _propose(ink):
    """Returns masks of what may be the final, those cut at the usual height first."""
    mask = (ink > INK).astype(np.uint8)
    count, marks, stats, centres = cv2.connectedComponentsWithStats(mask)
    _, y, width, height = cv2.boundingRect(mask)
    # Ground and a part or more; of a dozen, or of a few pixels, nothing is known.
    if not 2 <= count <= 12 or height < 24:
        return []
    found = _by_parts(marks, stats, centres, y, height)
    found += _by_row(mask, y, width, height)
    found.sort(key=lambda pair: pair[0])
    return [lower for _, lower in found[:_TRIED]]


def _by_parts(marks, stats, centres, y, height):
    """Proposes the lowest connected parts: list of (distance from usual, mask)."""
    order = np.argsort(centres[1:, 1]) + 1
    tops, bottoms = stats[:, 1], stats[:, 1] + stats[:, 3]
    found = []
    for first in range(1, len(order)):
        upper, lower = order[:first], order[first:]
        top = tops[lower].min()
        if top <= y + 0.3 * height or bottoms[lower].max() <= y + 0.8 * height:
            continue
        # A medial's stem may reach down beside the final: most parts decide.
        edge = (np.median(bottoms[upper]) + top) / 2
        found.append((abs((edge - y) / height - _USUAL), np.isin(marks, lower)))
    return found


def _by_row(mask, y, width, height):
    """Proposes all below a row that little ink crosses, if there is one."""
    first = y + int(0.42 * height)
    rows = mask.sum(1)[first : y + int(0.75 * height)]
    # Stems of ㅗ and ㅜ are thin too: of thin rows, the one nearest the usual place.
    places = (first + np.arange(len(rows)) - y) / height
    level = first + int((rows + 0.5 * width * np.abs(places - _USUAL)).argmin())
    if not 0 < rows[level - first] <= 0.25 * width:
        return []
    below = np.zeros(mask.shape, bool)
    below[level:] = mask[level:] > 0
    # Parts that lie apart are the better cut: they come first among equals.
    return [(abs((level - y) / height - _USUAL) + 0.03, below)]


def take_apart(image, label, lower):
    """Cuts a picture in two.

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
    box = cv2.boundingRect((below > INK).astype(np.uint8))
    left, top, width, height = box
    gap = gap_between(above, below)
    upper = Upper(above, jamo["initial"], jamo["medial"], box, gap)
    cropped = below[top : top + height, left : left + width]
    return upper, Final(cropped, jamo["final"], box)


def _without(image, lower):
    return np.where(_grow(lower), np.uint8(255), image)


def _grow(lower):
    """Adds the grey edge of strokes to a mask."""
    return cv2.dilate(lower.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0


def gap_between(above, below):
    """Returns the fewest rows of paper between two inks, over columns that hold both.

    Args:
        above: `uint8` (height, width), 255 is ink.
        below: likewise.

    Returns:
        int, below 0 where they overlap; 0 if no column holds both.
    """
    above, below = above > INK, below > INK
    both = above.any(0) & below.any(0)
    if not both.any():
        return 0
    ends = len(above) - above[::-1, both].argmax(0)
    return int((below[:, both].argmax(0) - ends).min())
