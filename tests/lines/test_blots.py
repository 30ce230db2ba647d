"""Punched holes of a page are covered, specks are none of its text; letters are."""

import cv2
import numpy as np
import pytest

from utils.lines.blots import cover_blots
from utils.lines.sheet import cover_surroundings
from utils.lines.specks import find_specks
from utils.lines.strips import Page

LINES = [(y, y + 24) for y in (60, 110, 160)]


def text(shape=(240, 400), width=5):
    """Three lines of letters of two strokes: 1 is ink."""
    ink = np.zeros(shape, np.uint8)
    for top, bottom in LINES:
        for x in range(70, 330, 40):
            cv2.line(ink, (x, top), (x, bottom), 1, width)
            cv2.line(ink, (x + 8, top + 10), (x + 24, top + 10), 1, width)
    return ink


def page(ink, dark=30, light=230):
    return np.where(ink > 0, dark, light).astype(np.uint8)


def sloping(ink):
    """The same in light that falls off from left to right."""
    return (page(ink) * np.linspace(1, 0.6, ink.shape[1])).astype(np.uint8)


@pytest.mark.parametrize("sides", [["left"], ["left", "low"], ["left", "low", "right"]])
@pytest.mark.parametrize("seen", [page, sloping])
def test_margins_are_covered_with_the_paper(sides, seen):
    whole = seen(text())
    where = {"left": np.s_[:, :24], "low": np.s_[-18:], "right": np.s_[:, -20:]}
    picture = whole.copy()
    for side in sides:
        picture[where[side]] = 14
    covered = cover_surroundings(picture).astype(int)
    ink = text() > 0
    np.testing.assert_array_equal(covered[ink], whole[ink])
    assert np.abs(covered - whole)[~ink].max() <= 10  # what it falls in 40 pixels


def test_what_may_be_text_is_not_covered():
    tight = text()[60:184, 67:330]  # strokes at the border, as long as a letter
    half = np.ones((240, 400))
    half[:, 220:] = 0.5  # a hard shadow over the half of it
    for picture in (
        page(tight),
        255 - page(text()),
        (page(text()) * half).astype(np.uint8),
        page(np.zeros((90, 90), np.uint8)),
    ):
        assert cover_surroundings(picture) is picture
        assert cover_blots(picture) is picture


@pytest.mark.parametrize("scale", [1, 6])  # 6: it is looked at in a smaller copy
@pytest.mark.parametrize("seen", [page, sloping])
def test_holes_are_covered_with_the_paper_about_them(seen, scale):
    ink = text()
    for x in (25, 375):
        cv2.circle(ink, (x, 120), 18, 1, -1)
    grown = np.kron(ink, np.ones((scale, scale), np.uint8))
    expected = seen(np.kron(text(), np.ones((scale, scale), np.uint8)))
    covered = cover_blots(seen(grown)).astype(int)
    kept = np.kron(text(), np.ones((scale, scale))) > 0
    np.testing.assert_array_equal(covered[kept], expected[kept])
    assert np.abs(covered - expected)[~kept].max() <= 15  # the light falls by 10 there


def test_bold_letters_are_no_holes():
    bold = page(text(width=13))
    assert cover_blots(bold) is bold


def specks_of(ink, height, vertical=False):
    _, labels, parts, _ = cv2.connectedComponentsWithStats(ink)
    return find_specks(ink, parts, height, vertical)[labels]


def test_specks_that_lie_alone_are_found_and_those_by_letters_are_not():
    ink = text()
    alone, near = [(30, 40), (360, 90), (200, 215)], [(62, 72), (140, 96)]
    for x, y in alone + near:
        cv2.circle(ink, (x, y), 2, 1, -1)
    found = specks_of(ink, 30)
    assert all(found[y, x] for x, y in alone)
    assert not any(found[y, x] for x, y in near)
    assert not found[text() > 0].any()


def test_small_print_beside_a_heading_is_no_dust():
    small = cv2.resize(text(), None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    assert small.any() and not specks_of(small, 24).any()


def test_dust_makes_no_lines_of_its_own():
    ink = text()
    for x, y in [(20, 15), (200, 20), (350, 30), (40, 222), (300, 230), (180, 205)]:
        cv2.circle(ink, (x, y), 2, 1, -1)
    found = Page(page(ink))
    assert found.is_sure and len(found.rows) == len(LINES)


def letter_and_dot(place):
    """A letter, 30 pixels high, and a dot that has it not within its margin."""
    ink = np.zeros((90, 200), np.uint8)
    cv2.line(ink, (60, 30), (60, 60), 1, 5)
    cv2.line(ink, (40, 45), (58, 45), 1, 5)
    return cv2.circle(ink, place, 1, 1, -1)


@pytest.mark.parametrize("vertical", [False, True])
def test_stops_are_no_specks_but_what_lies_as_far_elsewhere_is(vertical):
    """In columns, laid down, the foot of a letter is at its right: above."""
    foot, head = (77, 59), (77, 31)
    stop, lost = (head, (77, 66)) if vertical else (foot, (77, 25))
    elsewhere = [(20, 45), (100, 59), (77, 80), (77, 8)]  # before, too far, off
    found = {
        place: specks_of(letter_and_dot(place), 30, vertical)[place[::-1]]
        for place in (stop, lost, *elsewhere)
    }
    assert [place for place, gone in found.items() if not gone] == [stop]
    crowded = letter_and_dot(stop)
    cv2.line(crowded, (88, 30), (88, 60), 1, 3)  # a letter behind it, out of its margin
    assert specks_of(crowded, 30, vertical)[stop[::-1]]
    followed = letter_and_dot(stop)
    cv2.line(followed, (100, 30), (100, 60), 1, 3)  # after a space
    assert not specks_of(followed, 30, vertical)[stop[::-1]]


def test_on_a_dusty_page_stops_are_larger_than_dust():
    stop, small, large = (82, 59), 1, 2
    dust = [(x, y) for x in (130, 150, 170, 190) for y in (12, 80)]

    def is_gone(side, others):
        ink = cv2.circle(letter_and_dot((20, 12)), stop, side, 1, -1)
        for place in dust[:others]:
            cv2.circle(ink, place, small, 1, -1)
        return bool(specks_of(ink, 30)[stop[::-1]])

    assert not is_gone(small, 1)  # two specks, the first among them
    assert is_gone(small, 8) and not is_gone(large, 8)
