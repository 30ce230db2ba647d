"""Morphs a picture towards another hand's picture of the same syllable.

The movement of ink that turns one picture into the other is found by optical flow, and
a share of it is applied: the result lies between both, past the other or away from it,
and looks like one more person's writing. After Hauberg et al.: Dreaming More Data:
Class-dependent Distributions over Diffeomorphisms for Learned Data Augmentation (2016),
https://arxiv.org/abs/1510.02795; the flow is that of Kroeger et al.: Fast Optical Flow
using Dense Inverse Search (2016), https://arxiv.org/abs/1603.03590, as OpenCV has it.
"""

import threading

import cv2
import numpy as np

from utils.data.hands.cutting import MIN_INK_CONTRAST
from utils.inference.imaging import fit_ink

_MARGIN = 1 / 8  # of the side, around the picture: room for ink that moves out
_NEARNESS_REACH = 1 / 8  # of the side: where the nearness to ink falls to 0
_BLUR_SIGMA = 1 / 48  # of the side, of the blur over the flow
_MAX_DIFFERENCE_RATIO = 0.5  # remaining mean difference of nearness over that before
_MAX_DIFFERENCE = 16  # remaining mean difference of nearness, 0 to 255
SECOND_PROBABILITY = 0.4  # that a second other hand is mixed in

_own = threading.local()  # the flow finder has buffers that threads must not share


class NoFlowError(ValueError):
    """No smooth movement turns one picture into the other."""


def morph(image, others, rng):
    """Morphs a picture towards, past or away from those of other hands.

    Args:
        image: `uint8` (side, side), dark on white, fitted to its ink.
        others: one or two pictures of the same syllable and size.
        rng: `numpy.random.Generator`, from which the shares are drawn.

    Returns:
        `uint8` (side, side), the ink fitted into it.

    Raises:
        NoFlowError: the first of `others` cannot be reached (a second one that cannot
            is left out), or strokes would tear.
    """
    padded = _with_margin(image)
    total = draw_share(rng) * find_flow(padded, _with_margin(others[0]))
    for other in others[1:]:
        try:
            flow = find_flow(padded, _with_margin(other))
        except NoFlowError:
            continue
        total += np.float32(rng.uniform(-0.4, 0.5)) * flow
    return _finish(padded, total, len(image))


def between(image, other, share):
    """Morphs a picture a given share of the way to another hand's.

    Args:
        image: as for `morph`.
        other: picture of the same syllable and size.
        share: 0 leaves `image` as it is, 1 gives it the shape of `other`, less than 0
            leads away from that.

    Returns:
        `uint8` (side, side), the ink fitted into it.

    Raises:
        NoFlowError: the other cannot be reached, or strokes would tear.
    """
    padded = _with_margin(image)
    flow = find_flow(padded, _with_margin(other))
    return _finish(padded, np.float32(share) * flow, len(image))


def _finish(image, flow, side):
    """Applies a flow to a picture and fits its ink into a square."""
    bent = bend(image, flow)
    if count_shapes(bent) != count_shapes(image):
        raise NoFlowError("The flow tears or joins strokes, or opens or closes rings.")
    left, top, width, height = cv2.boundingRect(
        (255 - bent > MIN_INK_CONTRAST).astype(np.uint8)
    )
    return fit_ink(bent[top : top + height, left : left + width], side)


def draw_share(rng):
    """Draws the share of a flow: 1 is the other hand, below 0 leads away from it.

    Returns:
        `float32` in -0.7 to -0.25 (30 %), 0.25 to 1 (60 %) or 1 to 1.25 (10 %).
    """
    kind = rng.random()
    low, high = (0.25, 1) if kind < 0.6 else (-0.7, -0.25) if kind < 0.9 else (1, 1.25)
    return np.float32(rng.uniform(low, high))


def find_flow(image, target):
    """Finds the smooth movement of ink that turns a picture into another.

    Args:
        image: `uint8` (height, width), dark on white.
        target: another picture of the same size.

    Returns:
        `float32` (height, width, 2): for each pixel of `target`, how far from it in x
        and y it comes from in `image`.

    Raises:
        NoFlowError: `image` with it applied is not like `target`, or one is blank.
    """
    if max(image.min(), target.min()) >= 128:
        raise NoFlowError("One of the two pictures has no ink.")
    from_, to = nearness(image), nearness(target)
    flow = _finder().calc(to, from_, None)
    flow = cv2.GaussianBlur(flow, (0, 0), _BLUR_SIGMA * max(image.shape))
    before = cv2.absdiff(from_, to).mean()
    after = cv2.absdiff(nearness(bend(image, flow)), to).mean()
    if after > _MAX_DIFFERENCE or after > _MAX_DIFFERENCE_RATIO * before:
        raise NoFlowError(
            f"The flow leaves a mean difference of {after:.1f}, of {before:.1f} before "
            f"it; at most {min(_MAX_DIFFERENCE, _MAX_DIFFERENCE_RATIO * before):.1f} "
            "counts as alike."
        )
    return flow


def bend(image, flow):
    """Moves the ink of a picture by a flow.

    Args:
        image: `uint8` (height, width), dark on white.
        flow: `float32` (height, width, 2), where each pixel comes from, relative to it.
    """
    y, x = np.indices(image.shape, np.float32)
    map_x, map_y = x + flow[..., 0], y + flow[..., 1]
    return cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderValue=255)


def count_shapes(image):
    """Returns the numbers of connected parts of a picture's ink and of its paper.

    A movement without folds keeps both; one that does not may make another syllable.
    """
    ink = (image < 128).astype(np.uint8)
    return tuple(
        int(
            (
                cv2.connectedComponentsWithStats(part, connectivity=way)[2][1:, 4] > 3
            ).sum()
        )
        for part, way in ((ink, 8), (1 - ink, 4))
    )


def nearness(image):
    """Returns how near each pixel is to ink: `uint8`, 255 on ink, 0 far from it.

    It falls to 0 at `_NEARNESS_REACH`. Strokes alone are too thin for the optical flow
    to match them from afar.
    """
    paper = (image >= 128).astype(np.uint8)
    far = cv2.distanceTransform(paper, cv2.DIST_L2, 3) / (
        _NEARNESS_REACH * max(image.shape)
    )
    return np.clip(255 - 255 * far, 0, 255).astype(np.uint8)


def _finder():
    if not hasattr(_own, "finder"):
        _own.finder = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        _own.finder.setFinestScale(0)
    return _own.finder


def _with_margin(image):
    sides = [round(_MARGIN * max(image.shape))] * 4
    return cv2.copyMakeBorder(image, *sides, cv2.BORDER_CONSTANT, value=255)
