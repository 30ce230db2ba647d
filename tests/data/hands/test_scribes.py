"""Invented hands: their strokes, pictures and patches."""

import cv2
import numpy as np
import pytest

import crawl_data
from model import KoOCR
from utils.data.hands import written_patches
from utils.data.hands.inking import Pen, draw_strokes
from utils.data.hands.jamo_strokes import MEDIAL_PARTS, PAIRS, parse_shape, shapes
from utils.data.hands.layouts import Layout
from utils.data.hands.scribes import Scribe
from utils.data.patches import list_patches, read_patch
from utils.hangul import (
    ALL_SYLLABLES,
    FINALS,
    INITIALS,
    MEDIALS,
    ksx1001_syllables,
)

# Strokes as Korean schools teach them; they do not agree on ㅈ, which is left out.
TAUGHT = dict(
    zip("ㄱㄴㄷㄹㅁㅂㅅㅇㅊㅋㅌㅍㅎㅏㅑㅓㅕㅐㅔㅗㅛㅜㅠㅡㅣ", (1, 1, 2, 3, 3, 4, 2, 1)
        + (4, 2, 3, 4, 3, 2, 3, 2, 3, 3, 3, 2, 3, 2, 3, 1, 1), strict=True)
)  # fmt: skip


def write(syllable, seed):
    rng = np.random.default_rng(seed)
    scribe, pen = Scribe(rng), Pen(rng)
    return draw_strokes(scribe.write(syllable, rng), pen, rng, 64)


@pytest.mark.parametrize(("jamo", "strokes"), TAUGHT.items())
def test_first_shape_has_the_strokes_that_schools_teach(jamo, strokes):
    assert len(shapes(jamo)[0]) == strokes


def test_every_jamo_can_be_written():
    for jamo in {*INITIALS, *FINALS[1:], *MEDIALS}:
        parts = PAIRS.get(jamo) or MEDIAL_PARTS.get(jamo, (jamo,))
        for part in filter(None, parts):
            assert shapes(part)
            assert all(len(stroke) >= 2 for shape in shapes(part) for stroke in shape)


@pytest.mark.parametrize("jamo", "ㅑㅕㅒㅖㅛㅠ")
def test_short_strokes_side_by_side_are_told_apart(jamo):
    across = int(jamo not in "ㅛㅠ")  # one below the other, or one beside it
    for shape in shapes(jamo):
        short = [s for s in shape if np.ptp(s, axis=0).argmax() != across]
        if len(short) == 2:
            middles = [stroke[:, across].mean() for stroke in short]
            assert abs(middles[0] - middles[1]) > 0.15, shape


def test_no_mieum_is_one_round_stroke():
    for shape in shapes("ㅁ"):
        (first, *_), last = shape, shape[-1]
        assert len(shape) > 1 or np.hypot(*(first[0] - last[-1])) > 0.3


@pytest.mark.parametrize("syllable", "궈눠뭐붜숴줘훠")
def test_the_short_stroke_of_weo_runs_below_the_bar(syllable):
    rng = np.random.default_rng(2)
    scribe = Scribe(rng)
    scribe.likes[:], scribe.faithful, scribe.haste, scribe.joins = 0, 1, 0, 0
    scribe.joins_jamo, scribe.jitter, scribe.layout.wander = 0, 0.0, 0.0
    scribe.tilt = scribe.slant = scribe.bow = 0.0
    for seed in range(5):
        *_, bar, stem, short, upright = scribe.write(
            syllable, np.random.default_rng(seed)
        )
        assert bar[:, 1].mean() < short[:, 1].mean() < upright[-1, 1]
        assert np.ptp(stem[:, 1]) > np.ptp(stem[:, 0])


def test_rounded_corners_are_cut_and_the_ends_stay():
    corners = np.float32([[0, 0], [1, 0], [1, 1]])
    (stroke,) = parse_shape("c0,0 100,0 100,100")
    np.testing.assert_array_equal(stroke[[0, -1]], corners[[0, -1]])
    turns = np.diff(stroke, axis=0)
    angles = np.diff(np.arctan2(turns[:, 1], turns[:, 0]))
    assert np.rad2deg(angles).max() < 40 and np.rad2deg(angles).sum() > 89
    assert np.hypot(*(stroke - corners[1]).T).min() > 0.15


@pytest.mark.parametrize("seed", range(5))
def test_strokes_are_finite_dense_and_near_the_square(seed):
    rng = np.random.default_rng(seed)
    scribe = Scribe(rng)
    for syllable in rng.choice(ALL_SYLLABLES, 40):
        for stroke in scribe.write(syllable, rng):
            assert stroke.dtype == np.float32 and stroke.shape[1] == 3
            assert np.isfinite(stroke).all() and np.abs(stroke[:, :2]).max() < 1.5
            assert 0 < stroke[:, 2].min() <= stroke[:, 2].max() <= 1


def test_a_picture_depends_on_its_generator_alone():
    np.testing.assert_array_equal(write("닭", 3), write("닭", 3))
    assert (write("닭", 3) != write("닭", 4)).any()


@pytest.mark.parametrize("syllable", "막귁쟁욱")
def test_a_final_may_hang_from_the_foot_of_the_upright(syllable):
    rng = np.random.default_rng(3)
    scribe = Scribe(rng)
    scribe.joins = scribe.joins_jamo = scribe.haste = scribe.hung_left = 0.0
    scribe.likes[:], scribe.faithful = 0, 1  # the shapes of schools

    def count(hangs, joins, strokes=0):
        scribe.hangs, scribe.hung_joins = hangs, joins
        for seed in range(20):
            strokes += len(scribe.write(syllable, np.random.default_rng(seed)))
        return strokes

    # Each of twenty loses a stroke: the upright runs on into the final.
    assert count(1, 0) - count(1, 1) == 20
    scribe.hangs, scribe.hung_joins, scribe.hung_width, seeds = 1, 0, 0.3, range(5)
    hung = [scribe.write("막", np.random.default_rng(i))[-1][:, 0].min() for i in seeds]
    scribe.hangs = 0
    wide = [scribe.write("막", np.random.default_rng(i))[-1][:, 0].min() for i in seeds]
    assert min(hung) > max(wide)


@pytest.mark.parametrize(("syllable", "narrows"), [("막", True), ("만", False)])
def test_a_giyeok_that_hangs_may_be_narrower_than_others(syllable, narrows):
    scribe = Scribe(np.random.default_rng(3))
    scribe.joins = scribe.joins_jamo = scribe.haste = scribe.hung_joins = 0.0
    scribe.likes[:], scribe.faithful, scribe.hangs, scribe.jitter = 0, 1, 1, 0.0

    def width(share):
        scribe.hung_giyeok = share
        final = scribe.write(syllable, np.random.default_rng(0))[-1]
        return np.ptp(final[:, 0])

    assert (width(0.3) < 0.6 * width(1)) == narrows


def test_a_thick_pen_leaves_paper_between_many_strokes():
    rng = np.random.default_rng(1)
    scribe, pen = Scribe(rng), Pen(rng)
    pen.width, pen.uneven, pen.taper = 0.13, 0.0, 0.0
    ink = {
        syllable: np.mean(draw_strokes(scribe.write(syllable, rng), pen, rng, 64) < 128)
        for syllable in "뺋쀓쮋"
    }
    assert max(ink.values()) < 0.5


def test_pictures_are_dark_ink_that_fills_the_square():
    for seed in range(20):
        image = write("훔", seed)
        box = cv2.boundingRect((image < 128).astype(np.uint8))
        assert image.shape == (64, 64) and image.dtype == np.uint8
        assert max(box[2:]) >= 48 and 0.01 < (image < 128).mean() < 0.7


def test_pretrained_weights_read_them():
    rng = np.random.default_rng(0)
    labels = rng.choice(ALL_SYLLABLES, 200)
    read = KoOCR().predict([write(s, i) for i, s in enumerate(labels)], n=1)
    right = np.mean([row[0] == label for row, label in zip(read, labels, strict=True)])
    assert right > 0.6


def test_patches_hold_every_hand_and_fewer_leave_none(tmp_path, monkeypatch):
    monkeypatch.setattr(written_patches, "SYLLABLES_PER_HAND", 6)
    assert written_patches.write_hands(tmp_path, 3, 32, 5, workers=1, quiet=True) == 18
    patches = [read_patch(path) for path in list_patches(tmp_path)]
    families = np.concatenate([patch.families for patch in patches])
    names, counts = np.unique(families, return_counts=True)
    assert list(names) == [f"invented hand {i}" for i in range(3)]
    assert list(counts) == [6, 6, 6]
    written_patches.write_hands(tmp_path, 1, 32, 5, workers=1, quiet=True)
    assert [path.name for path in list_patches(tmp_path)] == [
        "written_0.pickle",
        "written_1.pickle",
    ]


def test_crawl_data_invents_hands_without_fonts(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where there is no folder of fonts
    flags = ["--image_size=32"]
    flags += [f"--pickle_path={tmp_path / 'a'}", f"--val_path={tmp_path / 'b'}"]
    assert crawl_data.main([*flags, "--invented_hands=1", "--charset=ksx1001"]) == 0
    assert "300 written by 1 invented hands" in capsys.readouterr().out
    (path,) = list_patches(tmp_path / "a")
    labels = read_patch(path).labels
    assert len(labels) == 300 and set(labels) <= set(ksx1001_syllables())
    assert len(set(labels)) > 200  # not a few of them again and again


@pytest.mark.parametrize("pair", "ㄲㄸㅃㅉ")
def test_both_of_a_pair_may_share_strokes(pair):
    assert len(shapes(pair)) > 1
    rng = np.random.default_rng(4)
    layout = Layout(rng)

    def count(shares):
        layout.shares = shares
        syllable = ALL_SYLLABLES[INITIALS.index(pair) * len(MEDIALS) * len(FINALS)]
        return len(layout.place(syllable, np.random.default_rng(0)))

    assert (count(0), count(1)) == (3, 2)


def test_a_pen_in_haste_stays_down_between_near_strokes():
    rng = np.random.default_rng(5)
    scribe = Scribe(rng)
    scribe.joins = scribe.joins_jamo = scribe.hangs = 0.0

    def count(haste):
        scribe.haste, scribe.lift = haste, 0.05
        texts = np.random.default_rng(0).choice(ALL_SYLLABLES, 30)
        return sum(len(scribe.write(s, np.random.default_rng(1))) for s in texts)

    assert count(2.5) < 0.95 * count(0)
