"""Letters of dots, and dots that are no letters."""

import cv2
import numpy as np
import pytest

from tests.helpers.squares import likeness
from utils.cleaning.dots import join_dots
from utils.cleaning.finding import find_ink_at_work_size
from utils.cleaning.paper import remove_paper
from utils.inference.imaging import prepare

# 한, as a board of lamps shows it.
LAMPS = """
....####....#...
.##########.#...
....####....#...
...##..##...#...
..##....##..####
..##....##..#...
...##..##...#...
....####....#...
............#...
...#............
...#............
...#............
...############.
""".split()
BITS = np.array([[sign == "#" for sign in row] for row in LAMPS])
PLAIN = cv2.resize(
    np.where(BITS, 20, 240).astype(np.uint8), None, fx=10, fy=10, interpolation=0
)


def board(pitch=10, radius=3.5, lit=240.0, unlit=40.0, ground=20.0, bits=BITS):
    """Shows bits as round lamps, four times as fine as the picture will be."""
    fine = np.full([length * pitch * 4 for length in bits.shape], ground, np.float32)
    for (row, column), bit in np.ndenumerate(bits):
        middle = [int((place + 0.5) * pitch * 4) for place in (column, row)]
        cv2.circle(fine, middle, int(radius * 4), lit if bit else unlit, -1)
    return cv2.resize(
        fine, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA
    ).astype(np.uint8)


BOARDS = {
    "lamps": board(),
    "lamps in a large picture": cv2.copyMakeBorder(
        board(8, 2.8), *(90,) * 4, cv2.BORDER_CONSTANT, value=20
    ),
    "lamps that run together": cv2.GaussianBlur(board(8, 3.4), (0, 0), 1.2),
    "needles": board(8, 2.6, 60, 245, 245),
    "fine needles": board(5, 1.7, 60, 245, 245),
    "cells": board(10, 4.5, 40, 180, 180),
    "in colour": np.stack([board(), board() // 3, board() // 6], axis=-1),
}


@pytest.mark.parametrize("name", BOARDS)
def test_letters_of_dots_look_like_letters_of_strokes(name):
    assert likeness(BOARDS[name], PLAIN) > 0.85


def test_they_did_not_before(monkeypatch):
    monkeypatch.setattr("utils.cleaning.finding.join_dots", lambda clean, parts: None)
    assert all(likeness(BOARDS[name], PLAIN) < 0.8 for name in ("lamps", "needles"))


def joined(gray):
    return join_dots(remove_paper(gray))


def test_strokes_stay_as_they_are():
    assert joined(PLAIN) is None and find_ink_at_work_size(PLAIN).clean.min() == 0


@pytest.mark.parametrize("seed", range(3))
def test_dust_is_no_letter_of_dots(seed):
    rng = np.random.default_rng(seed)
    dusty, alone = PLAIN.copy(), np.full_like(PLAIN, 240)
    for x, y in rng.integers(5, 120, (60, 2)).tolist():
        for image in (dusty, alone):
            cv2.circle(image, (x, y), int(rng.integers(1, 4)), 30, -1)
    assert joined(dusty) is None and joined(alone) is None


def test_rings_around_dots_are_no_dots_beside_each_other():
    targets = np.full((160, 160), 245, np.uint8)
    for x, y in np.ndindex(5, 5):
        for radius, width in (6, 1), (2, -1):
            cv2.circle(targets, (20 + 30 * x, 20 + 30 * y), radius, 20, width)
    assert joined(targets) is None and prepare(targets, 64).shape == (64, 64)


def test_few_dots_and_dots_far_apart_and_long_parts_are_none():
    few = board(bits=BITS[:2, :8], lit=60, unlit=245, ground=245)
    far = board(24, 2, 60, 245, 245)
    dashes = cv2.resize(board(8, 2.6, 60, 245, 245), None, fx=2.5, fy=1)
    assert joined(few) is None and joined(far) is None and joined(dashes) is None
