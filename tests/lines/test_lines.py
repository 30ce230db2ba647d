"""Lines of text: rows, tilt, rules, cuts, pieces, the best way to cut."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from utils.cleaning.paper import NoInkError
from utils.cleaning.polarity import is_light_text
from utils.cleaning.strokes import stroke_widths
from utils.hangul import syllable_indices
from utils.inference.frequencies import text_shares
from utils.inference.imaging import fit_ink
from utils.inference.ordering import PAIR_POWER
from utils.inference.pair_shares import follow_shares, space_odds, start_shares
from utils.lines.cuts import find_cuts
from utils.lines.lattice import posteriors
from utils.lines.line import Line
from utils.lines.measures import CERTAINTY_MEASURES, SHAPE_MEASURES, certainties, shapes
from utils.lines.pages import read_page
from utils.lines.path import OTHER, best_path
from utils.lines.pieces import Pieces
from utils.lines.rows import _merge, find_rows
from utils.lines.rules import letter_height, text_ink
from utils.lines.scores import (
    _WEIGHT_FILES,
    SPACE_MEASURES,
    format_weights,
    learnt_weights,
)
from utils.lines.sheet import cover_surroundings
from utils.lines.spaces import find_spaces, gap_measures, gaps_between
from utils.lines.strips import LINE_HEIGHT, Page
from utils.lines.tilt import find_tilt
from utils.pictures.geometry import transform, turn


def boxes(places, shape=(100, 400)):
    """A white picture with black boxes (top, bottom, left, right)."""
    picture = np.full(shape, 255, np.uint8)
    for top, bottom, left, right in places:
        picture[top:bottom, left:right] = 0
    return picture


def letters(rng, lines, per_line, size=40, apart=12):
    """Lines of rings and bars, as many parts as letters have."""
    step = size + apart
    picture = np.full((lines * 2 * size + size, per_line * step + size), 255, np.uint8)
    for row in range(lines):
        for place in range(per_line):
            x, y = size // 2 + place * step, size // 2 + row * 2 * size
            cv2.rectangle(picture, (x, y), (x + size // 2, y + size - 1), 0, 4)
            cv2.line(picture, (x + size - 4, y), (x + size - 4, y + size - 1), 0, 4)
            if rng.random() < 0.5:
                cv2.line(picture, (x, y + size), (x + size, y + size), 0, 4)
    return picture


def all_ways(ends, last):
    """Every sequence of pieces from cut 0 to the last, by brute force."""
    ways, done = [[piece] for piece, (start, _) in enumerate(ends) if start == 0], []
    while ways:
        way = ways.pop()
        at = ends[way[-1]][1]
        if at == last:
            done.append(way)
        ways += [[*way, piece] for piece, (start, _) in enumerate(ends) if start == at]
    return done


def some_pieces(rng, cuts=6):
    pairs = [(i, j) for i in range(cuts - 1) for j in range(i + 1, min(cuts, i + 4))]
    return np.array(pairs), rng.normal(size=(len(pairs), 2)) * 2


def test_posteriors_are_those_of_all_ways(rng):
    ends, scores = some_pieces(rng)
    total, found = posteriors(ends, scores, 6)
    mass, true = 0.0, np.zeros_like(scores)
    for way in all_ways(ends.tolist(), 5):
        for kinds in np.ndindex(*(2,) * len(way)):
            weight = np.exp(sum(scores[p, k] for p, k in zip(way, kinds, strict=True)))
            mass += weight
            for piece, kind in zip(way, kinds, strict=True):
                true[piece, kind] += weight
    assert total == pytest.approx(np.log(mass))
    np.testing.assert_allclose(found, true / mass, rtol=1e-9)


def test_there_may_be_no_way():
    total, found = posteriors(np.array([(0, 1), (2, 3)]), np.zeros((2, 2)), 4)
    assert total == -np.inf and not found.any()
    ends, none = np.array([(0, 1), (2, 3)]), np.zeros((2, 3))
    assert best_path(ends, none[:, :2], none.astype(int), none + 0.3, ends[:, 0]) == []


def test_the_best_way_is_the_best_of_all(rng):
    ends, scores = some_pieces(rng, 5)
    indices = rng.choice(syllable_indices(list("가나다이은는을에의로")), (len(ends), 2))
    values = np.sort(rng.random((len(ends), 2)))[:, ::-1]
    penalty = rng.random(len(ends))
    best, path = -np.inf, None
    for way in all_ways(ends.tolist(), 4):
        for kinds in np.ndindex(*(3,) * len(way)):  # either answer, or none
            log_score, before, first = 0.0, None, True
            for piece, kind in zip(way, kinds, strict=True):
                if kind == 2:
                    log_score += scores[piece, 1]
                    log_score -= penalty[piece] * (first or before is not None)
                    before = None
                else:
                    index = indices[piece, kind]
                    share = text_shares()[index]
                    log_score += scores[piece, 0]
                    log_score += np.log(values[piece, kind] / values[piece, 0])
                    if first:
                        log_score += PAIR_POWER * np.log(start_shares(index) / share)
                    elif before is not None:
                        follows = follow_shares(np.array([before]), np.array([index]))
                        log_score += PAIR_POWER * np.log(follows[0, 0] / share)
                    before = index
                first = False
            if log_score > best:
                best = log_score
                path = [
                    (p, indices[p, k] if k < 2 else OTHER)
                    for p, k in zip(way, kinds, strict=True)
                ]
    assert best_path(ends, scores, indices, values, penalty) == path


@pytest.mark.parametrize("degrees", [-8, -3, 0, 2.5, 6])
def test_a_tilt_is_found(rng, degrees):
    ink = (255 - turn(letters(rng, 3, 9), -degrees, 255)[0] > 127).view(np.uint8)
    assert find_tilt(ink) == pytest.approx(degrees, abs=0.5)


def test_few_letters_have_no_tilt(rng):
    ink = (turn(letters(rng, 1, 1), 5, 255)[0] < 128).view(np.uint8)
    assert find_tilt(ink) == 0
    assert find_tilt(np.zeros((9, 9), np.uint8)) == 0


@pytest.mark.parametrize("count", [1, 2, 5])
def test_rows_are_lines(rng, count):
    picture = letters(rng, count, 8)
    rows = find_rows((picture < 128).view(np.uint8))
    assert len(rows) == count
    for row, (top, bottom) in enumerate(rows):
        assert top == pytest.approx(20 + 80 * row, abs=4)
        assert bottom == pytest.approx(61 + 80 * row, abs=4)


def test_there_are_no_rows_without_ink():
    assert find_rows(np.zeros((20, 20), np.uint8)) == []


def test_rules_and_frames_go_and_letters_stay(rng):
    clean = letters(rng, 2, 8)
    ruled = clean.copy()
    ruled[72:74] = ruled[152:154] = 100
    cv2.rectangle(ruled, (3, 3), (clean.shape[1] - 4, clean.shape[0] - 4), 0, 3)
    ruled[110, 5] = 0  # a speck
    np.testing.assert_array_equal(text_ink(ruled), clean < 128)


def test_letters_that_cross_a_rule_stay(rng):
    clean = letters(rng, 1, 8)
    ruled = clean.copy()
    ruled[40:42] = np.minimum(ruled[40:42], 60)
    kept = text_ink(ruled)
    assert not (kept & (clean > 128)).any()
    uprights = clean < 128
    uprights[:36], uprights[46:] = False, False
    assert kept[uprights].mean() > 0.95


def test_a_height_is_that_of_most_ink():
    ink = boxes([(10, 50, 10, 40), (10, 52, 60, 90), (90, 92, 0, 400)]) < 128
    assert letter_height(ink.view(np.uint8)) in (40, 42)


@pytest.mark.parametrize("light", [False, True])
def test_text_is_darker_or_lighter_than_its_ground(rng, light):
    picture = letters(rng, 3, 8) * np.linspace(1, 0.5, 456)[None]
    picture = np.pad(picture.astype(np.uint8), 12)  # a dark frame around it
    shown = 255 - picture if light else picture
    assert is_light_text(shown, min(stroke_widths(shown))) == light


def test_cuts_lie_in_gaps_and_where_ink_is_thin():
    picture = boxes([(10, 90, 20, 60), (10, 90, 80, 120), (48, 50, 120, 160)])
    picture[10:90, 160:200] = 0
    cuts = find_cuts(picture < 128)
    assert cuts.places[0] == 20 and cuts.places[-1] == 200
    assert 70 in cuts.places
    gap = cuts.places.tolist().index(70)
    assert cuts.gaps[gap] == 20 / LINE_HEIGHT and cuts.ink[gap] == 0
    thin = [at for at in range(len(cuts.places)) if 122 < cuts.places[at] < 158]
    assert thin and np.allclose(cuts.ink[thin], 2 / LINE_HEIGHT)
    assert (np.diff(cuts.places) > 0).all()


def test_pieces_are_all_that_lies_between_cuts_and_no_wider_than_syllables():
    picture = boxes([(10, 90, 20, 60), (10, 90, 80, 120), (10, 90, 150, 190)])
    pieces = Pieces(picture)
    by_ends = {(p.start, p.end): p for p in pieces.all}
    assert set(by_ends) == {(0, 1), (1, 2), (2, 3), (0, 2), (1, 3)}
    assert by_ends[0, 2].box == (10, 90, 20, 120)
    assert pieces.ends.tolist() == [list(pair) for pair in sorted(by_ends)]
    wanted = fit_ink(picture[9:91, 79:121], 32)
    np.testing.assert_array_equal(pieces.squares([by_ends[1, 2]], 32)[0], wanted)
    halves = [by_ends[pair] for pair in pairwise(range(4))]
    np.testing.assert_allclose(pieces.ink_of(halves), [1 / 3] * 3)
    assert pieces.whole.box == (10, 90, 20, 190)


def test_a_stroke_that_reaches_under_its_neighbour_stays_whole():
    picture = boxes([(10, 60, 20, 60), (60, 64, 20, 75), (10, 50, 70, 110)])
    pieces = Pieces(picture)
    first = next(
        p for p in pieces.all if p.start == 0 and 60 <= pieces.cuts.places[p.end] <= 75
    )
    assert first.box == (10, 64, 20, 75)
    second = next(p for p in pieces.all if p.start == first.end)
    square = pieces.squares([second], 32)[0]
    np.testing.assert_array_equal(
        square, fit_ink(boxes([(10, 50, 70, 110)])[9:51, 69:111], 32)
    )


def test_measures_are_finite_and_named():
    pieces = Pieces(boxes([(10, 90, 20, 60), (70, 90, 80, 95), (10, 90, 150, 270)]))
    measured = shapes(pieces)
    assert measured.shape == (len(pieces.all), len(SHAPE_MEASURES))
    assert np.isfinite(measured).all()
    first = dict(zip(SHAPE_MEASURES, measured[0].tolist(), strict=True))
    assert first["one"] == 1 and first["width"] == 0.5 and first["height"] == 1
    kinds = np.array([[0.7, 0.1, 0.1, 0.1], [0.0, 0.0, 1.0, 0.0]])
    sure = certainties(np.array([[0.9, 0.1], [0.0, 0.0]]), np.ones(2), kinds)
    np.testing.assert_allclose(sure[:, -1], [np.log(0.2), 0])
    assert sure.shape == (2, len(CERTAINTY_MEASURES)) and np.isfinite(sure).all()
    assert sure[0, 0] == pytest.approx(np.log(0.9))
    alone = certainties(np.array([[1.0]]), np.ones(1), np.ones((1, 3)) / 3)
    assert alone.shape == (1, len(CERTAINTY_MEASURES))


@pytest.mark.parametrize(
    ("mark", "low", "high"),
    [
        ((72, 80, 64, 70), 1, 0),  # a full stop
        ((16, 24, 64, 70), 0, 1),  # a quotation mark
        ((40, 48, 64, 70), 0, 0),  # a short stroke
        ((72, 80, 40, 46), 0, 0),  # at the foot, but not behind
        ((50, 80, 64, 70), 0, 0),  # too large
    ],
)
def test_marks_behind_a_piece_are_told(mark, low, high):
    pieces = Pieces(boxes([(12, 80, 20, 26), (12, 20, 30, 60), (60, 66, 30, 60), mark]))
    whole = next(
        at for at, p in enumerate(pieces.all) if len(p.whole) == 4 and not len(p.cut)
    )
    told = dict(zip(SHAPE_MEASURES, shapes(pieces)[whole].tolist(), strict=True))
    assert (told["foot_mark"], told["head_mark"]) == (low, high)
    alone = [at for at, p in enumerate(pieces.all) if len(p.whole) + len(p.cut) == 1]
    assert not shapes(pieces)[alone, -2:].any()


def test_spaces_are_gaps_wider_than_the_others():
    gaps = np.array([0.08, 0.1, 0.6, 0.12, 0.07, 0.55, 0.1])
    unknown = np.full(8, OTHER)
    assert find_spaces(gaps, unknown).tolist() == [g > 0.5 for g in gaps]
    assert find_spaces(np.zeros(0), unknown[:1]).tolist() == []
    assert not find_spaces(np.array([0.05, 0.06]), unknown[:3]).any()


def test_measures_of_gaps_are_those_by_hand():
    gaps = np.array([0.1, 0.5, 0.2])
    indices = np.array([*syllable_indices(list("나는")), OTHER, 0])
    measures = gap_measures(gaps, indices)
    odds = space_odds(indices[:1], indices[1:2])[0]
    assert measures.shape == (3, len(SPACE_MEASURES))
    np.testing.assert_allclose(measures[:, :3].T, [[1] * 3, gaps, gaps - 0.1])
    # The widest step leads from 0.2 to 0.5, its middle is 0.35.
    np.testing.assert_allclose(measures[:, 3], [-0.2 * 0.3, 0.15 * 0.3, -0.15 * 0.3])
    np.testing.assert_allclose(measures[:, 4], [max(odds, -4), 0, 0])


def test_a_doubtful_gap_is_a_space_where_text_ends_a_word():
    def narrowest(text):
        indices = syllable_indices(list(text))
        widths = np.arange(0.05, 0.6, 0.005)
        gaps = (np.array([0.05, width, 0.05]) for width in widths)
        return widths[[find_spaces(some, indices)[1] for some in gaps].index(True)]

    assert 0.05 < narrowest("나는사람") < narrowest("그사람은") < 0.6


def test_gaps_between_pieces_are_those_of_their_ink():
    pieces = Pieces(boxes([(10, 90, 20, 60), (10, 90, 80, 130), (10, 90, 150, 190)]))
    parts = [p for p in pieces.all if p.end == p.start + 1]
    assert gaps_between(parts) * LINE_HEIGHT == pytest.approx([20, 20], abs=1)
    assert gaps_between(parts[:1]).shape == (0,)


@pytest.mark.parametrize("vertical", [False, True])
def test_weights_survive_their_file(monkeypatch, tmp_path, vertical):
    weights = learnt_weights(vertical)
    (tmp_path / "weights.json").write_text(format_weights(weights), encoding="utf-8")
    monkeypatch.setitem(_WEIGHT_FILES, vertical, tmp_path / "weights.json")
    learnt_weights.cache_clear()
    for again, first in zip(learnt_weights(vertical), weights, strict=True):
        np.testing.assert_allclose(again, first)
    learnt_weights.cache_clear()


@pytest.mark.parametrize("degrees", [0, 4])
def test_strips_know_where_they_stand_in_the_picture(rng, degrees):
    picture, matrix = turn(letters(rng, 2, 9), -degrees, 255)
    page = Page(picture)
    assert len(page.rows) == 2 and page.is_sure
    for row, y in enumerate((20, 100)):  # the upper left corner of each line
        strip = page.strip(row, row)
        pieces = Pieces(strip.clean)
        top, _, left, _ = pieces.all[0].box
        found = transform(strip.to_picture, np.array([[left, top]], float))[0]
        true = transform(matrix, np.array([[20.0, y]]))[0]
        assert np.abs(found - true).max() < 4


def test_rows_do_not_reach_over_each_other():
    """A thin row of its own may lie between two that are joined: finals, say."""
    rows = [(52, 100), (103, 116), (120, 124)]
    ink = np.zeros((140, 200), np.uint8)
    for top, bottom in rows:
        for left in range(10, 180, 30):
            ink[top:bottom, left : left + 20] = 1
    assert _merge(rows, 38.0, ink) == [(52, 124)]


def test_blank_pictures_have_no_lines():
    with pytest.raises(NoInkError):
        Page(np.full((60, 200), 255, np.uint8))
    with pytest.raises(NoInkError):
        Page(np.random.default_rng(0).integers(250, 256, (60, 200)).astype(np.uint8))


class Rows:
    """A page whose rows have some ink; lines are told by which rows they are."""

    rows, is_sure = [(0, 1), (1, 2), (2, 3), (3, 4)], False

    def ink(self, first, last):
        return last - first + 1

    def strip(self, first, last):
        return first, last


@pytest.mark.parametrize(
    ("good", "lines"),
    [
        ({(0, 1), (2, 3)}, [(0, 1), (2, 3)]),
        ({(0, 0), (1, 3)}, [(0, 0), (1, 3)]),
        ({(0, 3)}, [(0, 3)]),
    ],
)
def test_rows_are_together_that_read_better_so(good, lines):
    def read(strip):
        return Line(str(strip), [None]), 0.0 if strip in good else -1.0

    found = read_page(Rows(), read)
    assert [line.text for line in found] == [str(line) for line in lines]


def test_sure_rows_are_read_once():
    seen = []

    def read(strip):
        seen.append(strip)
        return Line("가", [None]), -1.0

    page = Rows()
    page.is_sure = True
    assert len(read_page(page, read)) == 4
    assert seen == [(row, row) for row in range(4)]


@pytest.mark.parametrize("level", [40, 200])
def test_what_lies_around_a_sheet_is_covered(rng, level):
    picture = letters(rng, 2, 9)
    sheet = picture if level < 128 else 255 - picture
    whole = np.pad(sheet, 60, constant_values=level)
    covered = cover_surroundings(whole)
    edge = covered[:40], covered[-40:], covered[:, :40], covered[:, -40:]
    assert all((part == np.median(sheet)).all() for part in edge)
    np.testing.assert_array_equal(covered[75:-75, 75:-75], whole[75:-75, 75:-75])
    assert len(Page(whole).rows) == 2


def test_letters_are_no_sheets(rng):
    bold = boxes([(20, 80, 100, 160), (20, 80, 180, 210)])
    bold[40:60, 120:140] = 255
    for picture in (bold, 255 - bold, letters(rng, 2, 8), np.zeros((9, 9), np.uint8)):
        assert cover_surroundings(picture) is picture


def test_small_lines_below_large_ones_stay(rng):
    large, small = letters(rng, 1, 5, 120, 30), letters(rng, 1, 12, 30, 10)
    width = max(large.shape[1], small.shape[1])
    picture = np.concatenate(
        [
            np.pad(part, ((0, 0), (0, width - part.shape[1])), constant_values=255)
            for part in (large, small)
        ]
    )
    assert len(find_rows((picture < 128).view(np.uint8))) == 2


def test_ink_that_cannot_be_cut_is_a_piece_and_the_line_goes_on():
    picture = boxes([(10, 90, 10, 40), (10, 90, 60, 300), (10, 90, 320, 350)])
    ends = {(piece.start, piece.end) for piece in Pieces(picture).all}
    assert {(0, 1), (1, 2), (2, 3)} <= ends and (0, 2) not in ends
