import cv2
import numpy as np
import pytest

from tests.helpers.plain_syllable import PLAIN, RECTANGLE, SIZE, on_plate, same
from utils.cleaning import finding
from utils.cleaning.frames import cover_outside, inside_frame
from utils.data.hands.inking import Pen, draw_strokes
from utils.data.hands.scribes import Scribe
from utils.hangul import ALL_SYLLABLES
from utils.inference.imaging import NoInkError, prepare

TILTED = np.array([(44, 36), (170, 44), (162, 170), (36, 162)])


def framed(shape, width=3, ground=255):
    """The syllable in a frame of lines `width` pixels wide."""
    image = np.minimum(PLAIN, ground)
    if isinstance(shape, int):
        cv2.circle(image, (102, 104), shape, 0, width, cv2.LINE_AA)
    else:
        cv2.polylines(image, [shape], True, 0, width, cv2.LINE_AA)
    return image


def crossing():
    """A cell of a table whose lines go on beyond it."""
    image = framed(RECTANGLE)
    for at in (40, 165):
        image[at - 1 : at + 2] = image[:, at - 1 : at + 2] = 0
    return image[20:185, 20:185]


def ring_with_gaps(gaps, rectangle=False):
    """The syllable in a circle or a rectangle of which parts are not there."""
    if rectangle:
        image = framed(RECTANGLE)
        for at in range(40, 165, 24):
            image[at : at + gaps, [*range(38, 43), *range(163, 168)]] = 255
            image[[*range(38, 43), *range(163, 168)], at : at + gaps] = 255
        return image
    image = PLAIN.copy()
    for turn in range(0, 360, 90):
        cv2.ellipse(image, (102, 104), (80, 74), 0, turn + gaps, turn + 90, 0, 4)
    return image


def ruled_paper(neighbours, level=120):
    """A cell of manuscript paper, strips between its rows, with parts of its others."""
    image = np.full((320, 320), 255, np.uint8)
    for top in (-62, 98, 258):
        for x in (-37, 98, 233):
            cell = (x, top), (x + 135, top + 135)
            cv2.rectangle(image, *cell, level, 2)
    image[110:224, 114:222] = PLAIN[47:161, 48:156]
    if neighbours:
        for x in (0, 250):
            image[110:224, x : x + 70] = PLAIN[47:161, 60:130]
    return image


FRAMED = {
    "frame": framed(RECTANGLE),
    "fine frame": framed(RECTANGLE, 1),
    "thick frame": framed(RECTANGLE, 9),
    "tilted frame": framed(TILTED),
    "circle": framed(66),
    "diamond": framed(np.array([(102, 14), (192, 104), (102, 194), (12, 104)])),
    "frame at the border": framed(RECTANGLE)[39:167, 39:167],
    "cell of a table": crossing(),
    "light on dark": 255 - framed(RECTANGLE),
    "grey and blurred": cv2.GaussianBlur(framed(TILTED, 3, 190), (0, 0), 1.0),
    "plate": on_plate(RECTANGLE, (30, 60, 120), (255, 255, 255), 250),
    "tilted plate": on_plate(TILTED, (30, 60, 120), (255, 255, 255), 250),
    "round plate": on_plate(64, (160, 40, 40), (255, 255, 255), 250),
    "ring with a gap": ring_with_gaps(6),
    "worn ring": ring_with_gaps(14),
    "dashed frame": ring_with_gaps(9, rectangle=True),
    "ruled paper": ruled_paper(neighbours=False),
    "ruled paper, pale": ruled_paper(neighbours=True, level=190),
    "ruled paper, written on": ruled_paper(neighbours=True),
    "light plate": on_plate(RECTANGLE, (240, 240, 200), (20, 20, 20), 40),
}


@pytest.mark.parametrize("picture", FRAMED.values(), ids=FRAMED.keys())
def test_what_is_in_a_frame_or_on_a_plate_is_seen(picture):
    same(picture, 9)


@pytest.mark.parametrize("scale", [0.3, 4, 15])
def test_frames_of_any_size(scale):
    picture = cv2.resize(FRAMED["frame"], None, fx=scale, fy=scale)
    same(picture, 25 if scale < 1 else 9)


@pytest.mark.parametrize("angle", [3, 6, 10, 15, 30])
@pytest.mark.parametrize("scale", [1.2, 3])
def test_a_tilted_card_on_a_table(angle, scale):
    height, width = 900, 1200
    matrix = cv2.getRotationMatrix2D((100, 100), angle, scale)
    matrix[:, 2] += (500, 350)
    shape = (width, height)
    card = cv2.warpAffine(PLAIN, matrix, shape, borderValue=90)
    upright = cv2.warpAffine(PLAIN, matrix, shape, borderValue=255)
    difference = np.abs(prepare(card, SIZE).astype(float) - prepare(upright, SIZE))
    assert difference.mean() < 16  # less than for a pixel along the diagonal


@pytest.mark.parametrize("desk", [60, 140])
@pytest.mark.parametrize("side", [80, 160, 320])
def test_a_small_syllable_on_a_sheet_on_a_desk(side, desk):
    writing = cv2.resize(PLAIN[60:150, 60:150], (side, side), cv2.INTER_AREA)
    picture = np.full((1500, 2000), desk, np.uint8)
    picture[150:1350, 200:1800] = 235
    picture[700 : 700 + side, 900 : 900 + side] = np.minimum(writing, 235)
    same(picture, 16)


@pytest.mark.parametrize("gap", [3, 4, 5, 7])
def test_a_double_ring_however_much_paper_shows_between(gap):
    picture = framed(66, 4)
    cv2.circle(picture, (103, 104), 66 + gap, 0, 3, cv2.LINE_AA)
    same(picture, 12)


@pytest.mark.parametrize("width", [4, 7, 10])
def test_a_ring_that_strokes_touch(width):
    """Those of ㅑ end in the ring, whose room has dents then, as a letter has."""
    image = PLAIN.copy()
    for y in (90, 110):
        cv2.line(image, (115, y), (164, y), 0, 8, cv2.LINE_AA)
    cv2.line(image, (115, 63), (115, 43), 0, 8, cv2.LINE_AA)
    ringed = cv2.circle(image.copy(), (102, 104), 62, 0, width, cv2.LINE_AA)
    room = np.zeros_like(image)
    cv2.circle(room, (102, 104), 62 - width // 2 - 2, 1, -1)
    within = prepare(np.where(room, image, 255).astype(np.uint8), SIZE)
    assert np.abs(prepare(ringed, SIZE).astype(float) - within).mean() < 19


def test_bars_across_a_plate_are_no_guides(monkeypatch):
    """Nobody draws lines to write by on a plate; on paper in a frame they do."""
    image = np.full((118, 118), 255, np.uint8)
    image[20:98, 20:98] = 96  # a selection in an editor, closely about 노
    image[56:59, 26:92] = image[30:46, 34:37] = image[43:46, 34:84] = 255
    image[46:56, 58:61] = 255
    asked = []
    monkeypatch.setattr(finding, "without_cross", lambda ink: asked.append(1) or ink)
    prepare(image, SIZE)
    assert not asked
    prepare(framed(RECTANGLE), SIZE)
    assert asked


def test_a_frame_in_a_frame():
    picture = framed(RECTANGLE)
    cv2.rectangle(picture, (30, 30), (176, 176), 0, 2)
    same(picture, 9)


def ring(width):
    """A letter like ㅁ or ㅇ beside a vowel, however bold."""
    image = np.full((100, 100), 255, np.uint8)
    cv2.rectangle(image, (10, 10), (70, 90), 0, width)
    image[5:95, 84:92] = 0
    return image


@pytest.mark.parametrize("width", [1, 4, 12, 20])
def test_rings_of_letters_are_no_frames(width):
    assert inside_frame(ring(width)) is None
    speck = ring(min(width, 12))
    speck[50, 40] = 0
    assert inside_frame(speck) is None


def test_squared_paper_that_is_written_over_has_no_cell_to_read():
    image = cv2.resize(PLAIN[60:150, 60:150], (200, 200))
    for at in range(20, 200, 40):
        image[at : at + 2] = image[:, at : at + 2] = 60
    assert inside_frame(image) is None


def test_half_a_ring_is_no_frame():
    image = PLAIN.copy()
    cv2.ellipse(image, (102, 104), (80, 74), 0, 0, 230, 0, 4)
    assert inside_frame(image) is None


def test_no_written_syllable_is_taken_for_a_frame(rng):
    for syllable in ALL_SYLLABLES[::37]:
        scribe, pen = Scribe(rng), Pen(rng)
        picture = draw_strokes(scribe.write(syllable, rng), pen, rng, 96)
        assert inside_frame(picture) is None, syllable


@pytest.mark.parametrize("level", [0, 255])
def test_an_empty_frame_and_a_solid_square_stay_what_they_are(level):
    picture = np.full((100, 100), 255, np.uint8)
    cv2.rectangle(picture, (20, 20), (80, 80), 0, 3)
    picture[24:77, 24:77] = level
    found = prepare(picture, SIZE)
    assert found.shape == (SIZE, SIZE) and found[3:-3, 4].mean() < 60


def test_what_is_outside_is_covered_with_the_ground_inside():
    gray = np.full((60, 90), 40, np.uint8)
    gray[20:40, 30:60] = 200
    gray[28:32, 40:50] = 90
    room = np.zeros((30, 45), np.uint8)
    room[10:20, 15:30] = 1
    covered = cover_outside(gray, room)
    expected = np.full((60, 90), 200, np.uint8)
    expected[28:32, 40:50] = 90
    np.testing.assert_array_equal(covered, expected)
    assert gray[0, 0] == 40


def scribble(rng):
    """Rectangles and circles of any levels in a small picture, hollow or filled."""
    height, width = rng.integers(2, 60, 2).tolist()
    image = np.full((height, width), 255, np.uint8)
    for _ in range(rng.integers(1, 5)):
        x0, y0, x1, y1 = rng.integers(-3, [width + 3, height + 3] * 2).tolist()
        level, thick = int(rng.integers(256)), int(rng.choice([-1, 1, 1, 2]))
        if rng.random() < 0.6:
            cv2.rectangle(image, (x0, y0), (x1, y1), level, thick)
        else:
            cv2.circle(image, (x0, y0), int(rng.integers(1, 30)), level, thick)
    return image


@pytest.mark.filterwarnings("error")
def test_anything_is_prepared_or_has_no_ink(monkeypatch):
    rng = np.random.default_rng(20)
    rooms = []
    monkeypatch.setattr(
        finding,
        "inside_frame",
        lambda clean: rooms.append(inside_frame(clean)) or rooms[-1],
    )
    for _ in range(4000):
        picture = scribble(rng)
        try:
            found = prepare(picture, SIZE)
        except NoInkError:
            continue
        assert found.shape == (SIZE, SIZE)
    assert sum(room is not None for room in rooms) > 20  # else nothing was tried
