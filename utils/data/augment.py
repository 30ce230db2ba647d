"""Picture -> distorted picture: another hand, another pen, then another camera.

Pictures come in clean (dark on white, canonical) and go out as a user would have them;
`utils.inference.imaging.prepare` follows, in training as at prediction.
"""

import cv2

from utils.data.hands.handwriting import move_parts, warp
from utils.data.hands.pen import change_width, join_parts, vary_width
from utils.data.scenes.camera import photograph, scan, soften
from utils.data.scenes.lettering import hollow, wear
from utils.data.scenes.lines import rule_off
from utils.data.scenes.neighbours import ink_bounds
from utils.option_values import split_names

MOVE_PARTS = 0.5  # probability that connected parts move on their own
CHANGE_WIDTH = 0.4  # probability of thicker or thinner strokes
VARY_WIDTH = 0.2  # probability of a width that changes along the strokes
JOIN_PARTS = 0.12  # probability that the pen is not lifted between two parts
HOLLOW = 0.03  # probability of outlines instead of strokes
WEAR = 0.06  # probability of strokes with holes, or of specks
PHOTOGRAPH = 0.33  # probability of a simulated photograph
SCAN = 0.15  # probability of a simulated small or bilevel scan


# Kinds of distortion, which can be left out to see what each gives: the picture turned,
# stretched and bent as a whole; jamo and strokes moved and joined; widths of the pen;
# photographs, scans, signs, worn print, ruled lines. A little blur and noise is always
# there.
DISTORTIONS = ("whole", "hands", "pen", "camera")


def read_distortions(text):
    """Reads names of `DISTORTIONS` between commas.

    Raises:
        ValueError: a name is none of them, or there is none.
    """
    names = tuple(split_names(text))
    unknown = [name for name in names if name not in DISTORTIONS]
    if unknown:
        raise ValueError(
            f"distortions={text!r}: {unknown[0]!r} is none; choose from: "
            f"{', '.join(DISTORTIONS)}, with commas between."
        )
    return names


def augment(image, rng, neighbour=None, kinds=DISTORTIONS):
    """Distorts one picture.

    Args:
        image: `uint8` (height, width), dark on white.
        rng: `numpy.random.Generator`; the result depends on nothing else.
        neighbour: another picture, whose strokes may push in over the border.
        kinds: those of `DISTORTIONS` that it may have.

    Returns:
        `uint8` (height, width), of another size: margins differ and low resolutions
        stay low.
    """
    side = max(image.shape)
    image = _pad(image, side // 6)
    if "hands" in kinds:
        image = _write(image, rng)
    if "whole" in kinds:
        image = warp(image, rng, blocks="hands" in kinds)
    if "pen" in kinds and rng.random() < CHANGE_WIDTH:
        image = change_width(image, rng)
    if "pen" in kinds and rng.random() < VARY_WIDTH:
        image = vary_width(image, rng)
    if "camera" in kinds:
        image = _print(image, rng)
    kind = rng.random() if "camera" in kinds else 1.0
    if kind < PHOTOGRAPH:
        return photograph(image, rng, neighbour)
    if kind < PHOTOGRAPH + SCAN:
        return scan(image, rng, neighbour)
    if "camera" in kinds:
        image = rule_off(image, ink_bounds(image), rng)
    return soften(image, rng)


def _write(image, rng):
    """Moves the parts of a syllable, and joins some."""
    if rng.random() < MOVE_PARTS:
        image = move_parts(image, rng)
    if rng.random() < JOIN_PARTS:
        image = join_parts(image, rng)
    return image


def _print(image, rng):
    """Shows a syllable as signs and worn print do, in a part of the pictures."""
    kind = rng.random()
    if kind < HOLLOW:
        return hollow(image, rng)
    return wear(image, rng) if kind < HOLLOW + WEAR else image


def _pad(image, margin):
    return cv2.copyMakeBorder(
        image, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=255
    )
