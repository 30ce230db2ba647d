"""A sheet on cloth, keys and papers is found, and nothing else taken for one."""

import cv2
import numpy as np
import pytest

from tests.helpers.plain_syllable import PLAIN, same
from utils.cleaning.clutter import sheet_among_others

SIDE = 400
INK = np.pad((255 - PLAIN) / 255.0, 100)
ROWS, COLUMNS = np.indices((SIDE, SIDE))
CORNERS = cv2.boxPoints(((202, 204), (250, 240), 9)).astype(int)


def keys():
    """Dark keys with light gaps between them."""
    return np.where((ROWS % 40 < 6) | (COLUMNS % 42 < 6), 190, 45)


def papers():
    """Other sheets below, nearly as light."""
    image = np.full((SIDE, SIDE), 120, np.uint8)
    for middle, turn, grey in (((90, 80), 20, 205), ((330, 300), 55, 190)):
        box = cv2.boxPoints((middle, (230, 160), turn)).astype(int)
        cv2.fillConvexPoly(image, box, grey)
    return image


def things():
    rng = np.random.default_rng(4)
    image = np.full((SIDE, SIDE), 130, np.uint8)
    for _ in range(30):
        place, axes = (
            rng.integers(0, SIDE, 2).tolist(),
            rng.integers(10, 50, 2).tolist(),
        )
        cv2.ellipse(image, place, axes, 30, 0, 360, int(rng.integers(20, 215)), -1)
    return image


GROUNDS = {
    "checked cloth": np.where((ROWS // 24 + COLUMNS // 24) % 2, 90, 200),
    "cloth nearly as light": np.where((ROWS // 24 + COLUMNS // 24) % 2, 90, 233),
    "striped cloth": np.where((ROWS + COLUMNS) % 48 < 24, 90, 200),
    "keys": keys(),
    "papers": papers(),
    "things": things(),
}


def on_sheet(ground, ink=INK, corners=CORNERS, level=235):
    sheet = cv2.fillConvexPoly(np.zeros((SIDE, SIDE)), corners, 1)
    picture = np.where(sheet, level, ground) * (1 - 0.8 * ink)
    noise = np.random.default_rng(0).normal(0, 2, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_is_written_on_it_is_seen_alone(ground):
    same(on_sheet(GROUNDS[ground]), 12)


@pytest.mark.parametrize("ground", ["checked cloth", "striped cloth", "things"])
def test_what_lies_around_was_taken_for_ink(ground, monkeypatch):
    monkeypatch.setattr("utils.cleaning.finding.sheet_among_others", lambda gray: None)
    with pytest.raises(AssertionError):
        same(on_sheet(GROUNDS[ground]), 20)


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_sheet_is_where_it_lies(ground):
    found = sheet_among_others(on_sheet(GROUNDS[ground]))
    true = cv2.fillConvexPoly(np.zeros((200, 200), np.uint8), CORNERS // 2, 1)
    assert found.shape == true.shape and not (found > true).any()
    assert found.sum() > 0.75 * true.sum()


def scene():
    """Smooth light and dark, on which a light syllable stands."""
    noise = np.random.default_rng(3).random((6, 6)).astype(np.float32)
    ground = cv2.resize(noise, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return np.clip(20 + 150 * ground + 200 * INK, 0, 255).astype(np.uint8)


def between_strokes():
    """A large letter's strokes, cut off by the border, leave an empty room."""
    image = np.full((SIDE, SIDE), 220, np.uint8)
    cv2.rectangle(image, (60, 60), (340, 340), 40, 30)
    return cv2.line(image, (0, 200), (60, 200), 40, 30)


AT_SIDE = np.array([(110, 12), (450, 40), (450, 190), (110, 180)])
HALF = np.array([(170, -50), (450, -50), (450, 450), (170, 450)])
ANGLE = np.array([(60, 60), (340, 60), (340, 340), (250, 340), (250, 150), (60, 150)])
SMALL = cv2.boxPoints(((200, 200), (150, 150), 9)).astype(int)
OTHERS = {
    "a scene": scene(),
    "a letter's empty room": between_strokes(),
    "an empty sheet": on_sheet(GROUNDS["checked cloth"], 0 * INK),
    "cloth alone": on_sheet(GROUNDS["checked cloth"], 0 * INK, SMALL[:1]),
    "a sheet aside of the middle": on_sheet(
        GROUNDS["things"], np.roll(INK, (-95, 60), (0, 1)), AT_SIDE
    ),
    "a sheet that fills half": on_sheet(GROUNDS["things"], INK, HALF),
    "an angle": on_sheet(GROUNDS["checked cloth"], np.roll(INK, 30, 1), ANGLE),
    "a sheet on an even desk": on_sheet(np.full((SIDE, SIDE), 90)),
    "a dark sheet": on_sheet(255 - GROUNDS["keys"] // 2, INK, CORNERS, 60),
    "a small part": on_sheet(GROUNDS["things"], INK, SMALL),
    "paper, ruled": np.where(ROWS % 60 < 4, 120, 230 - 190 * INK).astype(np.uint8),
    "plain paper": (230 - 190 * INK).astype(np.uint8),
    "one grey level": np.full((90, 90), 200, np.uint8),
}


@pytest.mark.parametrize("picture", OTHERS)
def test_nothing_else_is_a_sheet(picture):
    assert sheet_among_others(OTHERS[picture]) is None


def test_a_sheet_may_go_on_beyond_the_picture():
    corners = CORNERS.copy()
    corners[corners[:, 1] > 200, 1] = 500
    same(on_sheet(GROUNDS["checked cloth"], corners=corners), 12)
