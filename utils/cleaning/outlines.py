"""Outlines of ink, and of the holes in it: which lies in which, how full they are."""

from collections.abc import Iterator

import cv2
import numpy as np

MIN_ROOM_FULLNESS = 0.93  # of its convex hull: as much the room in a frame fills
_MAX_STAIR_HEIGHT = 1.0  # pixels: a contour's steps that are no notches
_NEXT, _, _CHILD, _PARENT = range(4)  # of a contour, as OpenCV has it


class Outlines:
    """The contours of what is darker than a grey level.

    Args:
        clean: `uint8` (height, width), dark on white.
        level: the grey level.

    Attributes:
        ink: `uint8` (height, width), 1 where it is darker.
        contours: of its connected parts and of their holes, as OpenCV has them.
    """

    def __init__(self, clean: np.ndarray, level: int) -> None:
        self.ink = (clean < level).view(np.uint8)
        self.contours, tree = cv2.findContours(
            self.ink, cv2.RETR_TREE, cv2.CHAIN_APPROX_SIMPLE
        )
        self._links = tree[0] if self.contours else ()

    def outer(self) -> list[np.ndarray]:
        """Returns the contours that lie in no other."""
        links = zip(self.contours, self._links, strict=True)
        return [contour for contour, link in links if link[_PARENT] < 0]

    def holding(self, least: float) -> list[int]:
        """Returns the places of the contours of so large an area that hold others."""
        return [
            place
            for place, contour in enumerate(self.contours)
            if self._links[place][_CHILD] >= 0 and cv2.contourArea(contour) >= least
        ]

    def around(self, place: int) -> np.ndarray | None:
        """Returns the contour that one lies in, with none between."""
        parent = self._links[place][_PARENT]
        return self.contours[parent] if parent >= 0 else None

    def is_dark(self, place: int) -> bool:
        """Tells the contour of ink from a hole's, by how many are about it."""
        depth = 0
        while (place := self._links[place][_PARENT]) >= 0:
            depth += 1
        return depth % 2 == 0

    def held_by(self, place: int) -> Iterator[int]:
        """Yields the places of the contours that lie in one, with none between."""
        child = self._links[place][_CHILD]
        while child >= 0:
            yield child
            child = self._links[child][_NEXT]


def fullness(contour: np.ndarray) -> float:
    """Returns which part of its convex hull a contour fills, its stairs made smooth.

    The pixels of a tilted edge would leave as much of a small hull as some letters do.

    Args:
        contour: as OpenCV has it.
    """
    smooth = cv2.approxPolyDP(contour, _MAX_STAIR_HEIGHT, True)
    return cv2.contourArea(smooth) / max(cv2.contourArea(cv2.convexHull(smooth)), 1)
