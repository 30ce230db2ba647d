"""Strokes that fade, and pale things that are no strokes."""

import cv2
import numpy as np
import pytest

from tests.helpers.squares import likeness
from utils.cleaning.fading import without_fading
from utils.cleaning.finding import find_ink_at_work_size
from utils.cleaning.paper import remove_paper

PAPER, DARK = 240, 30


def syllable(width=9):
    """간: `float32` (150, 150), 1 on ink."""
    ink = np.zeros((150, 150), np.float32)
    for ends in (
        ((30, 35), (72, 35)),
        ((72, 35), (60, 75)),
        ((98, 25), (98, 85)),
        ((98, 52), (122, 52)),
        ((45, 95), (45, 122)),
        ((45, 122), (112, 122)),
    ):
        cv2.line(ink, *ends, 1, width, cv2.LINE_AA)
    return ink / ink.max()


INK = syllable()


def drawn(share):
    return np.rint(PAPER - (PAPER - DARK) * share).astype(np.uint8)


FALL = np.linspace(1, 0.13, 150, dtype=np.float32)
FADED = {
    "to the right": INK * FALL,
    "to the left": INK * FALL[::-1],
    "downwards": INK * FALL[:, None],
}


@pytest.mark.parametrize("way", FADED)
def test_strokes_that_fade_are_seen_to_their_end(way):
    assert likeness(drawn(FADED[way]), drawn(INK)) > 0.95


@pytest.mark.parametrize("way", ["to the right", "to the left"])
def test_their_ends_were_cut_off(way, monkeypatch):
    monkeypatch.setattr("utils.cleaning.finding.without_fading", lambda clean: None)
    assert likeness(drawn(FADED[way]), drawn(INK)) < 0.8


def test_paper_stays_white_and_strokes_become_as_dark():
    evened = without_fading(remove_paper(drawn(FADED["to the right"])))
    far = cv2.dilate(INK, np.ones((9, 9))) == 0
    core = cv2.erode(INK, np.ones((5, 5))) > 0.9
    assert evened[far].min() == 255 and np.quantile(evened[core], 0.95) < 100


def pale_things():
    """Pictures with something pale on them that is no stroke, by name."""
    shadow = np.maximum(INK, 0.35 * cv2.GaussianBlur(np.roll(INK, 6, 1), (0, 0), 3))
    ruled, guides, grain = INK.copy(), INK.copy(), INK.copy()
    ruled[::24] = np.maximum(ruled[::24], 0.3)
    for ends in (((75, 8), (75, 142)), ((8, 75), (142, 75))):
        cv2.line(guides, *ends, 0.3, 2)
    guides = np.maximum(guides, INK)
    grain += np.random.default_rng(0).normal(0, 0.12, grain.shape)
    behind = np.maximum(INK, 0.3 * INK[:, ::-1])
    rows = np.linspace(0, 0.5, 150)[:, None]
    blurred = cv2.GaussianBlur(INK[:, ::-1], (0, 0), 1.5)
    bulging = np.maximum(INK, np.roll(blurred, -12, 1) * np.linspace(0.4, 0, 150))
    things = {
        "bulging": bulging,
        "as it is": INK,
        "thin": syllable(3),
        "shadow": shadow,
        "ruled": ruled,
    }
    things |= {"guides": guides, "grain": grain, "behind": behind}
    return things | {"dark corner": np.maximum(INK, rows * (rows > 0.3))}


PALE = pale_things()


@pytest.mark.parametrize("name", PALE)
def test_pale_things_stay_pale(name):
    clean = np.clip(np.rint(255 * (1 - PALE[name])), 0, 255).astype(np.uint8)
    assert without_fading(clean) is None


def test_what_is_looked_at_is_evened():
    clean = find_ink_at_work_size(drawn(FADED["to the right"])).clean
    assert clean[52, 118] < 100  # the tick of ㅏ, a quarter as dark as ㄱ
