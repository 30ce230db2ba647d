import cv2
import numpy as np
import pytest

from tests.helpers.plain_syllable import PLAIN, RECTANGLE, on_plate, same
from utils.cleaning.frames import inside_frame
from utils.cleaning.outlines import Outlines
from utils.cleaning.rooms import is_room

MIDDLE = np.array([102, 104])


def around(radii):
    """Corners about the syllable's middle, so far from it."""
    turns = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    far = np.stack([np.cos(turns), np.sin(turns)], 1) * np.array(radii)[:, None]
    return np.rint(MIDDLE + far).astype(np.int32)


def with_tail(corners):
    """A round shape, its foot drawn out to a point."""
    places = corners.copy()
    places[(places[:, 1] > 160) & (abs(places[:, 0] - 80) < 12)] = 60, 192
    return places


ROUND = around([72] * 60)
CLOUD = around(74 + 7 * np.abs(np.sin(np.linspace(0, 8 * np.pi, 160))))
OUTLINES = {
    "bubble": with_tail(ROUND),
    "box with a tail": np.insert(RECTANGLE, 3, [(90, 165), (70, 195), (75, 165)], 0),
    "spikes": around([92, 72] * 12),
    "wide spikes": around([98, 68] * 7),
    "cloud": CLOUD,
    "flower": around(83 + 11 * np.cos(8 * np.linspace(0, 2 * np.pi, 200))),
}


@pytest.mark.parametrize("shape", OUTLINES.values(), ids=OUTLINES.keys())
@pytest.mark.parametrize("width", [2, 4])
def test_what_is_in_a_bubble_is_seen(shape, width):
    picture = cv2.polylines(PLAIN.copy(), [shape], True, 0, width, cv2.LINE_AA)
    same(picture, 9)


HEART = around([70, 76, 88, 76, 70, 72, 78, 66, 58, 66, 78, 72])
FLAGS = {
    "tail": on_plate(OUTLINES["box with a tail"], (40, 40, 40), (255,) * 3, 255),
    "heart": on_plate(HEART, (160, 30, 60), (255,) * 3, 255),
}


@pytest.mark.parametrize("picture", FLAGS.values(), ids=FLAGS.keys())
def test_what_is_on_a_plate_of_another_shape_is_seen(picture):
    same(picture, 9)


@pytest.mark.parametrize("x", [45, 160])
def test_a_badge_at_a_corner_does_not_make_a_plate_a_letter(x):
    plate = on_plate(RECTANGLE, (0,) * 3, (255,) * 3, 255)[..., 0].copy()
    cv2.circle(plate, (x, 45), 16, 0, -1, cv2.LINE_AA)
    cv2.line(plate, (x, 37), (x, 53), 255, 3, cv2.LINE_AA)
    cv2.line(plate, (x, 37), (x - 4, 41), 255, 3, cv2.LINE_AA)
    room = inside_frame(plate)
    assert room[60:150, 60:145].all()
    assert not room[:28].any() and not room[168:].any()


@pytest.mark.parametrize("count", [6, 8])
def test_a_small_frame_of_many_corners_with_feet(count):
    """A road sign: a ring in a ring, on a post that is longer than it is."""
    shape = around([70] * count)
    picture = np.full((325, 300), 255, np.uint8)
    picture[:200, :200] = PLAIN
    cv2.polylines(picture, [shape], True, 0, 4, cv2.LINE_AA)
    picture[180:300, 100:105] = 0
    same(picture, 9)


def letter(*strokes, width):
    """Bold strokes, each (x0, y0, x1, y1) in pixels."""
    image = np.full((200, 200), 255, np.uint8)
    for x0, y0, x1, y1 in strokes:
        cv2.line(image, (x0, y0), (x1, y1), 0, width, cv2.LINE_AA)
    return image


def box(left, top, right, foot):
    """The four strokes of ㅁ."""
    yield from [(left, top, right, top), (right, top, right, foot)]
    yield from [(left, top, left, foot), (left, foot, right, foot)]


BOLD = {
    "뭐": [*box(40, 40, 90, 80), (30, 125, 110, 125), (70, 125, 70, 170)]
    + [(140, 30, 140, 170), (110, 140, 140, 140)],
    "몸": [*box(50, 30, 150, 70), (30, 105, 170, 105), (100, 70, 100, 105)]
    + [*box(50, 140, 150, 175)],
    "톄": [(30, 40, 90, 40), (30, 80, 90, 80), (30, 120, 90, 120), (30, 40, 30, 120)]
    + [(90, 60, 120, 60), (90, 100, 120, 100), (120, 30, 120, 170)]
    + [(155, 30, 155, 170)],
}


@pytest.mark.parametrize("strokes", BOLD.values(), ids=BOLD.keys())
@pytest.mark.parametrize("width", [14, 22, 28, 32])
def test_bold_letters_and_hollow_ones_are_no_rooms(strokes, width):
    """Their gaps are shut in by strokes, their bodies hold counters."""
    bold = letter(*strokes, width=width)
    assert inside_frame(bold) is None
    edge = cv2.morphologyEx(bold, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    assert inside_frame(255 - edge) is None


def has_room(picture):
    """Whether one of the large contours of a picture is a room or a plate."""
    outlines = Outlines(picture, 128)
    return any(is_room(outlines, place) for place in outlines.holding(9000))


def outlined(corners, *held):
    """A shape's outline, and rectangles in it: (left, top, right, foot, width)."""
    image = np.full((200, 200), 255, np.uint8)
    cv2.polylines(image, [np.array(corners)], True, 0, 3)
    for left, top, right, foot, width in held:
        cv2.rectangle(image, (left, top), (right, foot), 0, width)
    return image


STEPPED = [(20, 20), (180, 20), (180, 100), (120, 100), (120, 180), (20, 180)]
CORNER = [(20, 20), (60, 20), (60, 135), (180, 135), (180, 180), (20, 180)]
INNER, BAR = (50, 40, 110, 100, 3), (50, 150, 110, 160, -1)


def test_a_hollow_body_with_nothing_but_a_counter_is_no_room():
    assert not has_room(outlined(STEPPED, INNER))
    assert has_room(outlined(STEPPED, INNER, BAR))


def test_a_body_that_is_a_part_of_a_letter_is_no_room():
    picture = outlined(STEPPED, INNER, BAR)
    wide = cv2.copyMakeBorder(picture, 0, 0, 0, 130, cv2.BORDER_CONSTANT, value=255)
    assert has_room(wide)
    wide[20:180, 290:310] = 0
    assert not has_room(wide)


def test_a_body_with_a_large_gap_is_no_room():
    within = (30, 145, 80, 170, 3), (100, 155, 165, 165, -1)
    assert not has_room(outlined(CORNER, *within))


def notched(*holes):
    """A solid shape with a notch in its side, and white rectangles in it."""
    image = np.full((200, 200), 255, np.uint8)
    image[20:180, 20:180] = 0
    image[80:120, 130:180] = 255
    for left, top, right, foot in holes:
        image[top:foot, left:right] = 255
    return image


LETTER = (45, 50, 115, 60), (45, 50, 55, 120)  # an angle, in the middle


def test_a_solid_shape_with_a_notch_is_a_plate_by_what_it_holds():
    assert has_room(notched(*LETTER))
    counters = (60, 35, 130, 65), (60, 130, 130, 160)
    assert not has_room(notched(*counters))
    at_border = (24, 24, 130, 34), (24, 24, 34, 130)
    assert not has_room(notched(*at_border))
    mostly_at_border = *LETTER, (23, 150, 140, 177)
    assert not has_room(notched(*mostly_at_border))


def test_a_whole_room_keeps_its_corners():
    room = inside_frame(cv2.polylines(PLAIN.copy(), [RECTANGLE], True, 0, 3))
    for row in (46, 159):
        assert room[row, 46] and room[row, 159]


def test_specks_do_not_make_a_ring_a_room():
    """A letter's counter, or a plate, with little in it."""
    assert not has_room(outlined(RECTANGLE, (90, 90, 100, 100, -1)))
    assert has_room(outlined(RECTANGLE, (80, 80, 120, 120, -1)))
    plate = np.full((200, 200), 255, np.uint8)
    plate[20:180, 20:180] = 0
    plate[95:101, 70:76] = plate[95:101, 120:126] = 255
    assert not has_room(plate)
    plate[90:106, 70:76] = plate[90:106, 120:126] = 255
    assert has_room(plate)
