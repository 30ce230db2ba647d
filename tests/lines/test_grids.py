"""Rows of cells that text is written into: manuscript paper, practice sheets."""

import cv2
import numpy as np
import pytest

from utils.lines.grids import find_grids, find_rules
from utils.lines.rules import text_ink

CELL, EDGE = 96, 30  # pixels


def page(cross=0, gap=14, cells=True, level=60, apart=0):
    """Two rows of four cells with 고 in each, maybe with crosses through them."""
    lines = np.full((2 * CELL + gap + 2 * EDGE, 4 * CELL + 2 * EDGE), 255, np.uint8)
    text = np.full_like(lines, 255)
    for row in range(2):
        for column in range(4):
            top, left = EDGE + row * (CELL + gap), EDGE + column * CELL
            _write(text, top, left)
            middle, corner = CELL // 2, (left + apart, top + apart)
            end = left + CELL - apart, top + CELL - apart
            if cells:
                cv2.rectangle(lines, corner, end, level, 2)
            if cross:
                down, across = top + middle, left + middle
                cv2.line(lines, (corner[0], down), (end[0], down), level, cross)
                cv2.line(lines, (across, corner[1]), (across, end[1]), level, cross)
    return np.minimum(lines, text)


def _write(text, top, left):
    for x0, y0, x1, y1 in (24, 22, 68, 22), (68, 22, 64, 48), (40, 42, 40, 70):
        cv2.line(text, (left + x0, top + y0), (left + x1, top + y1), 0, 7)
    cv2.line(text, (left + 16, top + 72), (left + 78, top + 72), 0, 7)


TEXT = text_ink(page(cells=False)) > 0
GRIDS = {
    "rows of cells": page(),
    "rows without a gap": page(gap=0),
    "pale": page(level=170),
    "cells apart": page(apart=4),
    "crosses": page(cross=1),
    "pale crosses": page(cross=2, level=160),
}


@pytest.mark.parametrize("kind", GRIDS)
def test_text_in_cells_is_found_without_them(kind):
    found = text_ink(GRIDS[kind]) > 0
    text = text_ink(page(cells=False, gap=0)) > 0 if "without" in kind else TEXT
    assert np.mean(found[text]) > 0.97
    assert np.count_nonzero(found & ~text) < 0.03 * np.count_nonzero(text)


def test_cells_would_stay_if_grids_were_not_looked_for(monkeypatch):
    nothing = np.zeros_like(GRIDS["crosses"])
    monkeypatch.setattr("utils.lines.rules.find_grids", lambda ink, pale: nothing)
    found = text_ink(GRIDS["crosses"]) > 0
    assert np.count_nonzero(found & ~TEXT) > 0.1 * np.count_nonzero(TEXT)


def test_letters_that_are_boxes_are_no_grids():
    ink = np.zeros((120, 300), np.uint8)
    for left in (20, 120, 220):
        cv2.rectangle(ink, (left, 20), (left + 60, 70), 1, 6)  # ㅁ, over something
        cv2.line(ink, (left - 10, 95), (left + 70, 95), 1, 6)
    assert not find_grids(ink, ink).any()


def test_slanted_boxes_are_no_grids():
    clean = np.full((180, 180), 255, np.uint8)
    corners = np.array([[34, 27], [142, 34], [136, 139], [31, 136]], np.int32)
    cv2.polylines(clean, [corners], True, 0, 8, cv2.LINE_AA)
    np.testing.assert_array_equal(text_ink(clean), clean < 128)


def test_a_picture_that_is_all_ink_is_none_of_text():
    assert text_ink(np.zeros((5, 5), np.uint8)).shape == (5, 5)


def test_rules_are_longer_than_asked_for_and_crossed_by_strokes():
    ink = np.zeros((60, 200), np.uint8)
    ink[30:32, 10:190] = 1
    ink[10:50, 100:106] = 1
    runs, crossing = find_rules(ink, ink, 151)
    assert runs[30:32, 10:190].all() and not runs[:29].any()
    assert crossing[30:32, 100:106].all() and not crossing[:, :99].any()
    assert not find_rules(ink, ink, 185)[0].any()
