"""Text on boards of lamps: its dots are joined before rows are looked for."""

import cv2
import numpy as np
import pytest

from tests.cleaning.test_dots import BITS, board
from utils.cleaning.dots import join_dots
from utils.cleaning.paper import remove_paper
from utils.lines.lamps import join_lamps
from utils.lines.strips import Page

WORD = np.hstack([np.pad(BITS, ((3, 3), (1, 2)))] * 5)
NEEDLES = {"lit": 60, "unlit": 245, "ground": 245}
BOARDS = {
    "lamps": board(8, 2.8, bits=WORD),
    "needles": board(8, 2.6, **NEEDLES, bits=WORD),
}


@pytest.mark.parametrize("name", BOARDS)
def test_dots_of_a_word_are_no_rows_each(name):
    assert len(Page(BOARDS[name]).rows) <= 2  # 하, and ㄴ below it


def test_they_were_many_before(monkeypatch):
    monkeypatch.setattr("utils.lines.strips.join_lamps", lambda gray: gray)
    assert len(Page(BOARDS["needles"]).rows) > 10


def test_text_in_strokes_and_pictures_without_ink_stay():
    strokes = np.kron(np.where(WORD, 20, 240), np.ones((8, 8))).astype(np.uint8)
    for gray in (strokes, np.full((40, 90), 200, np.uint8)):
        assert join_lamps(gray) is gray


def test_small_blurred_letters_are_no_dots():
    rng = np.random.default_rng(0)
    page = np.full((200, 420), 245, np.uint8)
    for row, column in np.ndindex(6, 20):
        axes = rng.integers(3, 6, 2).tolist()
        at = 20 + 20 * column, 20 + 32 * row
        cv2.ellipse(page, at, axes, 0, 0, 360, 30, -1, cv2.LINE_AA)
    assert join_dots(remove_paper(page)) is not None  # where one letter was expected
    assert join_lamps(page) is page


def test_very_large_pictures_stay():
    gray = np.tile(BOARDS["needles"], (6, 3))
    assert gray.size > 2_000_000 and join_lamps(gray) is gray
