"""A sheet on a desk is seen through; falling light and letters are no sheets."""

import cv2
import numpy as np
import pytest

from tests.cleaning.test_ground import shadow, syllable
from utils.cleaning.frames import cover_outside
from utils.cleaning.sheet import COPY_SIDE, find_sheet
from utils.inference.imaging import prepare


def sheet(side=80):
    """A small syllable on a large sheet: `float32`, 0 paper to 1 ink."""
    ink = np.zeros((500, 600), np.float32)
    ink[120 : 120 + side, 350 : 350 + side] = syllable(side)
    return ink


def on_desk(ink, degrees, rng, desk=60, paper=230, stroke=40):
    """It lies on a desk, turned, and light falls off to one side: `uint8`."""
    turn = cv2.getRotationMatrix2D((300, 250), degrees, 1)
    turn[:, 2] += 150, 130
    size = 900, 760
    shown = cv2.warpAffine(paper - (paper - stroke) * ink, turn, size)
    cover = cv2.warpAffine(np.ones_like(ink), turn, size)
    light = np.linspace(1, 0.55, 900)[None] * np.ones((760, 1))
    picture = (shown + desk * (1 - cover)) * light + rng.normal(0, 2, cover.shape)
    return np.clip(picture, 0, 255).astype(np.uint8), cover


@pytest.mark.parametrize("degrees", [0, 7, -12])
def test_a_sheet_is_found_and_no_more_than_it(rng, degrees):
    picture, cover = on_desk(sheet(), degrees, rng)
    found = find_sheet(picture)
    assert max(found.shape) == COPY_SIDE
    whole = cv2.resize(cover, found.shape[::-1], interpolation=cv2.INTER_AREA) > 0.99
    assert not (found > whole).any()
    assert found.sum() > 0.85 * whole.sum()


@pytest.mark.parametrize("degrees", [0, 7, -12])
@pytest.mark.parametrize("levels", [(60, 230), (110, 230), (20, 200)])
def test_a_syllable_on_a_sheet_is_prepared_as_without_the_desk(rng, degrees, levels):
    ink = sheet()
    picture, _ = on_desk(ink, degrees, rng, *levels)
    turn = cv2.getRotationMatrix2D((300, 250), degrees, 1)
    alone = 255 - (255 * cv2.warpAffine(ink, turn, (600, 500))).astype(np.uint8)
    pair = [prepare(each, 64).ravel() for each in (picture, alone)]
    assert np.corrcoef(pair)[0, 1] > 0.9


@pytest.mark.parametrize("degrees", [0, 7, -12])
@pytest.mark.parametrize("desk", [10, 60, 110])
@pytest.mark.parametrize("part", [np.s_[200:, 200:], np.s_[:560, :700], np.s_[:, 250:]])
def test_a_sheet_may_go_on_beyond_the_picture(rng, degrees, desk, part):
    picture, cover = (each[part] for each in on_desk(sheet(), degrees, rng, desk))
    found = find_sheet(picture)
    whole = cv2.resize(cover, found.shape[::-1], interpolation=cv2.INTER_AREA) > 0.99
    assert not (found > whole).any()
    assert found.sum() > 0.85 * whole.sum()
    turn = cv2.getRotationMatrix2D((300, 250), degrees, 1)
    alone = 255 - (255 * cv2.warpAffine(sheet(), turn, (600, 500))).astype(np.uint8)
    pair = [prepare(each, 64).ravel() for each in (picture, alone)]
    assert np.corrcoef(pair)[0, 1] > 0.85


@pytest.mark.parametrize("at", [-0.1, 0, 0.1])
def test_a_shadow_with_strokes_in_it_is_no_desk(at):
    ink = syllable(300)
    light = shadow(ink.shape, 12, at)
    assert find_sheet(np.uint8((230 - 190 * ink) * light)) is None


def test_what_is_no_sheet_is_left_as_it_is(rng):
    ink = sheet()
    y, x = np.indices(ink.shape) / np.array(ink.shape).reshape(2, 1, 1) * 2 - 1
    corners = 1 - 0.45 * (x * x + y * y) / 2
    for light in (np.ones_like(ink), corners, shadow(ink.shape, 20, -0.2)):
        assert find_sheet(np.uint8((230 - 190 * ink) * light)) is None
    ring = np.full((100, 100), 255, np.uint8)  # ㅁ, and a vowel beside it
    cv2.rectangle(ring, (10, 10), (70, 90), 0, 8)
    ring[5:95, 84:92] = 0
    for letter in (ring, 255 - ring, np.full((50, 50), 9, np.uint8)):
        assert find_sheet(letter) is None
    cut, _ = on_desk(ink, 0, rng)
    assert find_sheet(cut[300:, :570]) is None  # through the syllable, at two sides
    empty, _ = on_desk(0 * ink, 5, rng)
    assert find_sheet(empty) is None


def test_around_a_room_its_paper_goes_on_as_it_slopes():
    rows, columns = np.indices((80, 120))
    slope = 60 + rows + 0.5 * columns
    picture = slope.copy()
    picture[30:50, 50:60] = 0  # ink
    room = np.zeros((80, 120), np.uint8)
    room[20:60, 30:90] = 1
    picture[room == 0] = 5
    covered = cover_outside(picture.astype(np.uint8), room)
    expected = np.where(room, picture, slope).astype(int)
    assert np.abs(covered.astype(int) - expected).max() <= 1
