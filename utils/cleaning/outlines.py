"""Outlines of ink, and of the holes in it: which lies in which, and which is a room."""

import cv2
import numpy as np

MIN_ROOM_FULLNESS = 0.93  # of its convex hull: as much the room in a frame fills
_MIN_PLATE_FULLNESS = 0.97  # the same of a plate: bold syllables fill 0.9 and more
_MIN_ROOM_CONTENT = 0.02  # of the room: as much must be in it
_MIN_PLATE_CONTENT = 0.004  # of the plate, which may be a sheet on a desk
_MIN_COUNTED_SHARE = 0.25  # of that content: what is smaller is not counted
_MIN_HOLES_SPAN = 0.6  # of a ring: as much its holes span together
_MIN_RIM_PAPER = 0.74  # of the rim of what they span; the rest is strokes that touch
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

    def is_room(self, place: int) -> bool:
        """Tells whether a contour is a room's or a plate's that holds something."""
        contour, dark = self.contours[place], self.is_dark(place)
        area = cv2.contourArea(contour)
        if fullness(contour) < (_MIN_PLATE_FULLNESS if dark else MIN_ROOM_FULLNESS):
            return False
        least = (_MIN_PLATE_CONTENT if dark else _MIN_ROOM_CONTENT) * area
        held = [
            c
            for c in self._held(place)
            if cv2.contourArea(c) > _MIN_COUNTED_SHARE * least
        ]
        if dark and held and _is_ring(area, held):
            return False  # the frame itself, or a letter
        return sum(map(cv2.contourArea, held)) > least

    def room_of(self, place: int) -> np.ndarray:
        """Returns the contour of the room that one is, or that a ring goes about.

        Strokes that touch a ring are of one part with it, and look like a plate's.

        Args:
            place: of a contour that `is_room`.
        """
        contour, held = self.contours[place], list(self._held(place))
        if not self.is_dark(place):
            return contour
        hull = cv2.convexHull(np.concatenate(held))
        if cv2.contourArea(hull) < _MIN_HOLES_SPAN * cv2.contourArea(contour):
            return contour
        filled, next_to = np.zeros_like(self.ink), np.ones((3, 3), np.uint8)
        cv2.fillPoly(filled, [hull], 1)
        inner = cv2.erode(filled, next_to)  # off the ring's own edge
        paper = self.ink[(inner > 0) & (cv2.erode(inner, next_to) == 0)] == 0
        return hull if len(paper) and paper.mean() >= _MIN_RIM_PAPER else contour

    def _held(self, place):
        """Yields the contours that lie in another, with none between."""
        child = self._links[place][_CHILD]
        while child >= 0:
            yield self.contours[child]
            child = self._links[child][_NEXT]


def _is_ring(area, held):
    """Tells whether a dark part is but a ring, maybe a double one with paper between.

    Args:
        area: that its contour goes about.
        held: contours of its holes.
    """
    hole = max(held, key=cv2.contourArea)
    alone = len(held) == 1 or cv2.contourArea(hole) > 0.5 * area
    return alone and fullness(hole) > MIN_ROOM_FULLNESS


def fullness(contour: np.ndarray) -> float:
    """Returns which part of its convex hull a contour fills, its stairs made smooth.

    The pixels of a tilted edge would leave as much of a small hull as some letters do.

    Args:
        contour: as OpenCV has it.
    """
    smooth = cv2.approxPolyDP(contour, _MAX_STAIR_HEIGHT, True)
    return cv2.contourArea(smooth) / max(cv2.contourArea(cv2.convexHull(smooth)), 1)
