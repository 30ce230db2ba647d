"""The cross in a cell of writing practice."""

import cv2
import numpy as np
import pytest

from tests.helpers.squares import likeness
from utils.cleaning.crosses import divided_frame, without_cross
from utils.cleaning.frames import inside_frame
from utils.cleaning.ink import ink_of
from utils.cleaning.outlines import Outlines
from utils.inference.imaging import prepare

SIDE, EDGE = 160, 10  # pixels of the picture, and outside the cell
MIDDLE = SIDE // 2
PAPER, INK = 240, 50
MARGIN = (slice(EDGE + 4, -EDGE - 4),) * 2


def syllable(bar=92, width=8):
    """고 with its bar in some row, 80 pixels wide, on paper."""
    image = np.full((SIDE, SIDE), PAPER, np.uint8)
    for ends in ((50, 35), (108, 35)), ((108, 35), (102, 70)), ((72, 60), (72, bar)):
        cv2.line(image, *ends, INK, width, cv2.LINE_AA)
    cv2.line(image, (42, bar), (120, bar), INK, width, cv2.LINE_AA)
    return image


def in_cell(image, level=INK, thick=2, dash=0, cross=True):
    """A picture in a cell with a cross, in dashes and gaps so long, whole for 0."""
    lines = np.full_like(image, 255)
    ends = EDGE, SIDE - EDGE
    if cross:
        step = dash or SIDE
        for at in range(EDGE, ends[1], 2 * step):
            to = min(at + step, ends[1]) - 1
            cv2.line(lines, (at, MIDDLE), (to, MIDDLE), level, thick)
            cv2.line(lines, (MIDDLE, at), (MIDDLE, to), level, thick)
    cv2.rectangle(lines, (ends[0],) * 2, (ends[1],) * 2, level, thick)
    return np.minimum(image, lines)


CLEAN = syllable()
CROSSED = {
    "whole": in_cell(CLEAN),
    "whole, pale": in_cell(CLEAN, 150),
    "dashed": in_cell(CLEAN, dash=6),
    "dashed, pale": in_cell(CLEAN, 150, dash=9),
    "dotted": in_cell(CLEAN, dash=2),
    "thick": in_cell(CLEAN, 120, thick=4, dash=8),
}


@pytest.mark.parametrize("kind", CROSSED)
def test_syllables_look_as_if_there_were_no_cross(kind):
    assert likeness(CROSSED[kind], CLEAN) > 0.97


def test_pictures_with_a_cross_differ_where_it_is_not_looked_for(monkeypatch):
    monkeypatch.setattr("utils.cleaning.finding.without_cross", lambda ink: ink)
    assert likeness(CROSSED["dashed"], CLEAN) < 0.9


@pytest.mark.parametrize("dash", [0, 6])
def test_a_thicker_stroke_on_the_cross_stays(dash):
    clean = syllable(bar=MIDDLE)
    assert likeness(in_cell(clean, dash=dash), clean) > 0.95


@pytest.mark.parametrize(("thick", "is_stroke"), [(6, True), (2, False)])
def test_a_bar_from_side_to_side_of_a_tight_frame_is_no_guide(thick, is_stroke):
    dark = np.zeros((90, 90), np.uint8)
    dark[44 : 44 + thick] = 255  # as that of 음, or half a cross
    dark[10:30, 30:36] = dark[60:66, 20:70] = 255
    kept = without_cross(ink_of(255 - dark)).clean[45] < 128
    assert kept.all() if is_stroke else not kept.any()


@pytest.mark.parametrize("dash", [6, 9, 12])
def test_a_stroke_as_thin_as_dashes_stays_for_it_is_longer(dash):
    image = in_cell(syllable(bar=MIDDLE, width=3), thick=3, dash=dash)
    square = prepare(image, 64)
    lowest = np.flatnonzero(square.min(axis=1) < 128)[-1]
    bar = square[lowest - 4 : lowest + 1].min(axis=0)  # and none of the cross below
    assert np.mean(bar < 128) > 0.8


def test_strokes_from_side_to_side_stay_where_no_cross_is():
    dark = np.zeros((SIDE, SIDE), np.uint8)
    dark[:, 120:124] = dark[20:24, 40:110] = 255
    ink = ink_of(255 - dark)
    assert without_cross(ink) is ink


def test_ink_that_is_nothing_but_a_cross_stays():
    dark = np.zeros((SIDE, SIDE), np.uint8)
    dark[MIDDLE - 1 : MIDDLE + 1] = dark[:, MIDDLE - 1 : MIDDLE + 1] = 255
    ink = ink_of(255 - dark)
    assert without_cross(ink) is ink


def test_a_frame_is_divided_where_the_syllable_goes_over_its_lines():
    room = divided_frame(CROSSED["whole"], Outlines(CROSSED["whole"], 176), 1)
    left, top, width, height = cv2.boundingRect(room)
    assert min(left, top) > EDGE and max(left + width, top + height) <= SIDE - EDGE
    assert min(width, height) > SIDE - 2 * EDGE - 8
    plain = in_cell(CLEAN, cross=False)
    assert divided_frame(plain, Outlines(plain, 176), 1) is None


def test_cells_of_a_table_are_no_divided_frame():
    small = cv2.resize(CLEAN, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
    image = np.full_like(CLEAN, PAPER)
    for top, left in (12, 12), (12, 84), (84, 12), (84, 84):
        image[top : top + len(small), left : left + len(small)] = small
    table = in_cell(image)
    assert divided_frame(table, Outlines(table, 176), 1) is None


def test_strokes_that_touch_a_frame_are_in_its_room():
    image = in_cell(CLEAN, cross=False)
    cv2.line(image, (72, 92), (72, SIDE - EDGE), INK, 8)
    assert inside_frame(image)[MARGIN].all()
