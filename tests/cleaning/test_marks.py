"""Red pens' marks and seals over writing, and red strokes that are none."""

import cv2
import numpy as np
import pytest

from tests.helpers.squares import likeness
from utils.cleaning.crossings import cross
from utils.cleaning.marks import without_marks
from utils.pictures.grey import to_colours, to_gray

PAPER, INK, RED, BLUE = (244,) * 3, (30, 35, 50), (215, 35, 45), (40, 60, 170)


def page(side=180):
    return np.full((side, side, 3), PAPER, np.uint8)


def syllable(initial=INK, medial=INK, final=INK, width=7, image=None):
    """간, its initial, medial and final in a colour each."""
    image = page() if image is None else image
    for ends in ((50, 55), (90, 55)), ((90, 55), (78, 92)):
        cv2.line(image, *ends, initial, width)
    for ends in ((112, 45), (112, 102)), ((112, 70), (136, 70)):
        cv2.line(image, *ends, medial, width)
    for ends in ((62, 112), (62, 138)), ((62, 138), (126, 138)):
        cv2.line(image, *ends, final, width)
    return image


def marks():
    """Marks by name: masks 0-255."""
    drawn = {
        name: np.zeros((180, 180), np.uint8)
        for name in ("tick", "stroke", "ring", "ring through", "cut ring", "seal")
    }
    tick = np.array([[35, 80], [75, 150], [165, 25]])
    cv2.polylines(drawn["tick"], [tick], False, 255, 3, cv2.LINE_AA)
    cv2.line(drawn["stroke"], (25, 165), (165, 30), 255, 4, cv2.LINE_AA)
    for name, middle, axes in (
        ("ring", (92, 92), (82, 78)),
        ("ring through", (92, 92), (60, 32)),
        ("cut ring", (92, 92), (95, 80)),
        ("seal", (128, 100), (40, 40)),
    ):
        cv2.ellipse(drawn[name], middle, axes, 0, 0, 360, 255, 3, cv2.LINE_AA)
    for x in (116, 128, 140):
        cv2.line(drawn["seal"], (x, 84), (x, 120), 255, 3, cv2.LINE_AA)
    return drawn


MARKS = marks()
INKS = {
    "covers": lambda below, share: below + (RED - below) * share,
    "darkens": lambda below, share: below * (1 - share * (1 - np.array(RED) / 255)),
}


def marked(name, how="covers", below=None):
    below = (syllable() if below is None else below).astype(float)
    return INKS[how](below, MARKS[name][..., None] / 255).round().astype(np.uint8)


def photographed(image):
    """Dims a picture towards one side, as warm light does, blurs and compresses it."""
    light = np.linspace(0.9, 0.6, image.shape[1])[:, None] * [1, 0.96, 0.88]
    dim = cv2.GaussianBlur(image * light, (0, 0), 0.8).round().astype(np.uint8)
    coded = cv2.imencode(".jpg", dim, [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)


def unmarked(image):
    """Returns what `without_marks` makes of an array; None where it sees no mark."""
    return without_marks(lambda side: to_colours(image, side))


@pytest.mark.parametrize("how", INKS)
@pytest.mark.parametrize("name", MARKS)
def test_marks_are_left_out(name, how):
    assert likeness(marked(name, how), syllable()) > 0.93


@pytest.mark.parametrize("name", MARKS)
def test_marks_in_photographs_are_left_out(name):
    assert likeness(photographed(marked(name)), syllable()) > 0.85


def test_marks_would_be_read_otherwise(monkeypatch):
    monkeypatch.setattr(
        "utils.inference.imaging.without_marks", lambda read_colours: None
    )
    assert all(likeness(marked(name), syllable()) < 0.9 for name in ("tick", "seal"))


@pytest.mark.parametrize("scale", [0.4, 3])
def test_marks_in_small_and_large_pictures_are_left_out(scale):
    image = cv2.resize(marked("tick"), None, fx=scale, fy=scale)
    assert likeness(image, syllable()) > 0.93


def test_writing_keeps_its_place_and_what_is_white_stays_so():
    clean, plain = unmarked(marked("tick")), to_gray(syllable())
    assert clean.shape == plain.shape
    far = cv2.erode(255 - MARKS["tick"], np.ones((9, 9))) > 0
    assert np.abs(clean.astype(int) - plain)[far].max() < 25


JAMO = {
    "red initial": syllable(initial=RED),
    "red medial": syllable(medial=RED),
    "red final": syllable(final=RED),
    "red beside blue": syllable(RED, BLUE, RED),
    "all red": syllable(RED, RED, RED),
    "none red": syllable(),
    "thick": syllable(INK, RED, RED, 17),
}


@pytest.mark.parametrize("kind", JAMO)
def test_red_jamo_stay(kind):
    assert unmarked(JAMO[kind]) is None


def guides():
    """Dark lines that red letters stand on, by name."""
    frame, ruled, crossed, struck = (page() for _ in range(4))
    for image in (frame, crossed):
        cv2.rectangle(image, (20, 20), (160, 160), INK, 2)
    for y in range(14, 180, 28):
        cv2.line(ruled, (0, y), (179, y), INK, 1)
    for at in range(20, 160, 8):
        cv2.line(crossed, (at, 92), (at + 4, 92), INK, 1)
        cv2.line(crossed, (92, at), (92, at + 4), INK, 1)
    cv2.line(struck, (10, 120), (170, 70), INK, 3)
    found = {"frame": frame, "ruled": ruled, "crossed": crossed, "struck": struck}
    for lean in (2, 6, 12):
        found[f"lines that lean by {lean}"] = image = page()
        for y in range(-14, 200, 28):
            cv2.line(image, (0, y), (179, y + lean), INK, 1)
    found["ring"] = cv2.ellipse(page(), (92, 92), (60, 64), 0, 0, 360, BLUE, 3)
    return found


GUIDES = guides()


@pytest.mark.parametrize("name", GUIDES)
def test_red_letters_on_dark_lines_stay(name):
    image = syllable(RED, RED, RED, image=GUIDES[name].copy())
    assert unmarked(image) is None


def test_outlined_and_shadowed_red_letters_stay():
    red = np.zeros((180, 180), np.uint8)
    red[(syllable() != PAPER).any(axis=2)] = 1
    for dark in (cv2.dilate(red, np.ones((7, 7))), np.roll(red, (3, 3), (0, 1))):
        image = page()
        image[dark > 0], image[red > 0] = INK, RED
        assert unmarked(image) is None


def test_red_grounds_and_pictures_without_colours_stay():
    plate = np.where((syllable() == PAPER).all(axis=2, keepdims=True), RED, INK)
    assert unmarked(plate.astype(np.uint8)) is None
    gray = to_gray(marked("tick"))
    assert unmarked(gray) is None and unmarked(np.stack([gray] * 3, -1)) is None


def test_red_things_that_no_pen_drew_stay():
    image = page()
    cv2.ellipse(image, (120, 110), (45, 25), 30, 0, 360, RED, -1)
    assert unmarked(syllable(image=image)) is None


def cells(colour):
    """Nine cells of manuscript paper, the same syllable in each."""
    image = page(3 * 96)
    small = cv2.resize(syllable(), (72, 72), interpolation=cv2.INTER_AREA)
    for top, left in np.ndindex(3, 3):
        image[96 * top + 12 :, 96 * left + 12 :][:72, :72] = small
        corners = (96 * left + 4, 96 * top + 4), (96 * left + 92, 96 * top + 92)
        cv2.rectangle(image, *corners, colour, 2)
    return image


def test_red_cells_are_no_marks():
    assert unmarked(cells(RED)) is None
    assert likeness(cells(RED), cells((120,) * 3)) > 0.95


def test_grain_is_no_mark():
    rng = np.random.default_rng(0)
    small = cv2.resize(syllable()[30:150, 30:150], (128, 128))
    for strength in (15, 30, 45):
        grain = np.clip(small + rng.normal(0, strength, small.shape), 0, 255)
        assert unmarked(grain.astype(np.uint8)) is None


@pytest.mark.parametrize("name", ["tick", "seal"])
def test_marks_of_a_small_syllable_in_a_large_picture_are_left_out(name):
    canvas = page(1500)
    canvas[600:780, 1100:1280] = marked(name)
    assert likeness(canvas, syllable()) > 0.9


def strokes(*lines):
    mask = np.zeros((60, 60), np.uint8)
    for start, end in lines:
        cv2.line(mask, start, end, 1, 4)
    return mask


LEVEL = strokes(((8, 30), (52, 30)))
CROSSINGS = {
    "plus": (strokes(((30, 8), (30, 52))), True),
    "slanted": (strokes(((12, 12), (48, 48))), True),
    "two halves": (strokes(((30, 8), (30, 26)), ((30, 34), (30, 52))), True),
    "foot": (strokes(((30, 8), (30, 27))), False),
    "end to end": (strokes(((52, 30), (58, 30))), False),
    "beside": (strokes(((8, 36), (52, 36))), False),
    "a gap on one side": (strokes(((30, 8), (30, 26)), ((30, 40), (30, 52))), False),
    "corner": (strokes(((8, 8), (8, 52))), False),
}


@pytest.mark.parametrize("name", CROSSINGS)
@pytest.mark.parametrize("turned", [False, True])
def test_strokes_cross_where_both_go_on(name, turned):
    other, expected = CROSSINGS[name]
    one = LEVEL & (1 - other)
    pair = (np.rot90(mask).copy() for mask in (one, other)) if turned else (one, other)
    assert cross(*pair) is expected
