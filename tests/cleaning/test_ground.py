"""Paper, boards and the edges of shadows on them: only strokes are left."""

import cv2
import numpy as np
import pytest

from utils.cleaning.ground import remove_ground
from utils.cleaning.paper import NoInkError, has_shadow_edges, remove_paper
from utils.cleaning.strokes import Strokes, find_strokes, stroke_widths
from utils.inference.imaging import prepare

EDGES = [(0, 0.3), (40, 0.0), (90, -0.2), (130, 0.1), (250, 0.2)]  # degrees, place


def syllable(side=120):
    """Strokes, 0 to 1, as of 호."""
    ink = np.zeros((side, side), np.float32)
    across = round(0.05 * side)
    for start, end in (
        ((0.3, 0.2), (0.7, 0.2)),
        ((0.2, 0.32), (0.8, 0.32)),
        ((0.5, 0.64), (0.5, 0.78)),
        ((0.15, 0.8), (0.85, 0.8)),
    ):
        points = [tuple(int(side * each) for each in point) for point in (start, end)]
        cv2.line(ink, *points, 1, across)
    cv2.circle(ink, (side // 2, int(0.5 * side)), int(0.11 * side), 1, across)
    return ink


def line(count=8):
    return np.pad(np.hstack([syllable() for _ in range(count)]), 20)


def shadow(shape, degrees, at, depth=0.5):
    """Light beside a straight edge: 1, and less where it throws its shadow."""
    rows, columns = np.indices(shape) / np.array(shape).reshape(2, 1, 1) - 0.5
    turn = np.deg2rad(degrees)
    across = columns * np.cos(turn) + rows * np.sin(turn)
    return 1 - depth * np.clip((across - at) / 0.02, 0, 1)


def photograph(ink, light_on_dark, light, rng):
    paper, stroke = (50, 200) if light_on_dark else (220, 60)
    picture = (paper + (stroke - paper) * ink) * light
    return np.clip(picture + rng.normal(0, 2, ink.shape), 0, 255).astype(np.uint8)


def agreement(clean, ink):
    """Part of what is ink in either of two pictures that is in both."""
    found, true = clean < 128, ink > 0.5
    return (found & true).sum() / (found | true).sum()


@pytest.mark.parametrize("light_on_dark", [False, True])
@pytest.mark.parametrize("edge", EDGES)
def test_strokes_are_left_where_a_shadow_crosses_a_line(rng, light_on_dark, edge):
    ink = line()
    picture = photograph(ink, light_on_dark, shadow(ink.shape, *edge), rng)
    strokes = find_strokes(picture)
    assert strokes.light == light_on_dark
    clean = remove_ground(picture, strokes)
    assert agreement(clean, ink) > 0.9


def test_the_paper_of_one_syllable_does_not_follow_a_shadow_across_a_line(rng):
    ink = line()
    pictures = (photograph(ink, False, shadow(ink.shape, *edge), rng) for edge in EDGES)
    assert min(agreement(remove_paper(each), ink) for each in pictures) < 0.6


@pytest.mark.parametrize("light_on_dark", [False, True])
@pytest.mark.parametrize("edge", EDGES)
def test_a_syllable_is_prepared_as_without_the_shadow(rng, light_on_dark, edge):
    ink = syllable()
    light = shadow(ink.shape, *edge)
    pair = (
        photograph(ink, light_on_dark, each, rng) for each in (light, light * 0 + 1)
    )
    squares = [prepare(picture, 64).ravel() for picture in pair]
    assert np.corrcoef(squares)[0, 1] > 0.95


def test_only_edges_are_told_from_even_light_and_slopes(rng):
    ink = syllable()
    slope = np.linspace(1, 0.4, 120)[None] * np.ones((120, 1))
    for light_on_dark in (False, True):
        for light in (np.ones_like(ink), slope):
            assert not has_shadow_edges(photograph(ink, light_on_dark, light, rng))
        for edge in EDGES:
            light = shadow(ink.shape, *edge)
            assert has_shadow_edges(photograph(ink, light_on_dark, light, rng))
    assert not has_shadow_edges((255 * (1 - ink)).astype(np.uint8))


@pytest.mark.parametrize("width", [3, 6, 12, 20])
@pytest.mark.parametrize("light_on_dark", [False, True])
def test_strokes_are_as_wide_as_they_are_drawn(rng, width, light_on_dark):
    ink = np.zeros((300, 400), np.float32)
    for left in range(30, 360, 90):
        ink[40:260, left : left + width] = 1
    light = shadow(ink.shape, 40, 0.1)
    found = stroke_widths(photograph(ink, light_on_dark, light, rng))
    assert width <= found[light_on_dark] <= 1.5 * width + 2


def test_without_contrast_there_is_no_ink():
    flat = np.full((40, 90), 128, np.uint8)
    with pytest.raises(NoInkError, match="holds no ink"):
        remove_ground(flat, Strokes(False, 5))
    assert stroke_widths(np.full((3, 3), 9, np.uint8)) == (3, 3)
