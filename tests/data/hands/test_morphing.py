"""Hands between hands: flows that are known, and patches made of patches."""

import cv2
import numpy as np
import pytest

import crawl_data
from utils.data import crawl_steps
from utils.data.hands import morphed_patches, morphing
from utils.data.hands.morphed_patches import Pool, morph_patches
from utils.data.patches import PatchError, list_patches, read_patch, write_patch

SIDE = 96


def ring(x, y, radius=18, width=6):
    """A circle about (x, y): `uint8` (SIDE, SIDE), dark on white."""
    image = np.full((SIDE, SIDE), 255, np.uint8)
    return cv2.circle(image, (x, y), radius, 0, width)


def centre(image):
    rows, columns = np.nonzero(image < 128)
    return np.array([columns.mean(), rows.mean()])


@pytest.mark.parametrize("x, y", [(6, 0), (0, -7), (-5, 4)])
def test_flow_of_a_moved_ring_is_its_movement(x, y):
    image, target = ring(48, 48), ring(48 + x, 48 + y)
    flow = morphing.find_flow(image, target)
    on_ink = flow[target < 128]  # where it comes from lies against the movement
    assert np.abs(on_ink.mean(0) + (x, y)).max() < 1


@pytest.mark.parametrize("share", [-0.5, 0.5, 1])
def test_a_share_of_the_flow_moves_that_share_of_the_way(share):
    image, target = ring(44, 48), ring(52, 48)
    flow = morphing.find_flow(image, target)
    moved = centre(morphing.bend(image, np.float32(share) * flow)) - centre(image)
    assert np.abs(moved - (8 * share, 0)).max() < 1.2


def test_a_whole_flow_gives_the_other_shape_with_the_own_pen():
    image, target = ring(48, 48, 16), ring(48, 48, 24)
    bent = morphing.bend(image, morphing.find_flow(image, target))
    box = cv2.boundingRect((bent < 128).astype(np.uint8))
    wanted = cv2.boundingRect((target < 128).astype(np.uint8))
    assert np.abs(np.subtract(box, wanted)).max() <= 3


def test_pictures_that_no_movement_joins_are_told():
    blank = np.full((SIDE, SIDE), 255, np.uint8)
    left = cv2.rectangle(blank.copy(), (2, 2), (10, 93), 0, -1)
    right = cv2.rectangle(blank.copy(), (80, 2), (93, 10), 0, -1)
    with pytest.raises(morphing.NoFlowError, match="at most .* counts as alike"):
        morphing.find_flow(left, right)


def test_parts_of_ink_and_paper_are_counted():
    two = ring(24, 48, 12) // 2 + ring(72, 48, 12) // 2  # ink of either is 127
    assert morphing.count_shapes(ring(48, 48)) == (1, 2)
    assert morphing.count_shapes(two) == (2, 3)
    speck = ring(48, 48)
    speck[2, 2] = 0
    assert morphing.count_shapes(speck) == (1, 2)


def test_none_and_all_of_the_way():
    image, target = ring(48, 48, 40), ring(48, 48, 44)
    assert (
        morphing.between(image, target, 0) == morphing.between(image, image, 1)
    ).all()
    ink = (morphing.between(image, target, 0) < 128) ^ (image < 128)
    assert ink.mean() < 0.08  # fitted into the square anew, else as it was


def test_what_tears_strokes_is_told(monkeypatch):
    def tear(image, target):
        flow = np.zeros((*image.shape, 2), np.float32)
        flow[:, image.shape[1] // 2 :, 0] = 25
        return flow

    monkeypatch.setattr(morphing, "find_flow", tear)
    monkeypatch.setattr(morphing, "draw_share", lambda rng: np.float32(1))
    with pytest.raises(morphing.NoFlowError, match="tears or joins strokes"):
        morphing.between(ring(48, 48), ring(40, 40), 1)
    with pytest.raises(morphing.NoFlowError, match="tears or joins strokes"):
        morphing.morph(ring(48, 48), [ring(40, 40)], np.random.default_rng(0))


def test_nearness_falls_from_ink_to_a_reach():
    image = np.full((SIDE, SIDE), 255, np.uint8)
    image[:, 0] = 0
    near = morphing.nearness(image)[0]
    assert near[0] == 255 and near[13] == 0
    assert np.abs(near[:12] - (255 - 255 * np.arange(12) / 12)).max() <= 12


def test_shares_are_drawn_between_past_and_away():
    rng = np.random.default_rng(0)
    drawn = np.array([morphing.draw_share(rng) for _ in range(4000)])
    assert abs((drawn < 0).mean() - 0.3) < 0.03 and abs((drawn > 1).mean() - 0.1) < 0.02
    assert drawn.min() >= -0.7 and drawn.max() <= 1.25
    assert not ((drawn > -0.25) & (drawn < 0.25)).any()


def test_morph_fits_the_ink_and_depends_on_the_seed_alone():
    image, others = ring(48, 48, 30), [ring(50, 46, 26), ring(45, 50, 33)]
    first, again = (
        morphing.morph(image, others, np.random.default_rng(5)) for _ in range(2)
    )
    other = morphing.morph(image, others, np.random.default_rng(6))
    assert first.shape == (SIDE, SIDE) and first.dtype == np.uint8
    assert (first == again).all() and (first != other).any()
    _, _, width, height = cv2.boundingRect((first < 200).astype(np.uint8))
    assert max(width, height) > 0.85 * SIDE


def write(folder, source, families, labels="가나", seed=0):
    """A patch in which every family writes every label, rings by family and label."""
    rng = np.random.default_rng(seed)
    rows = [
        (ring(48, 48, 24 + 2 * place + int(rng.integers(3))), label, family)
        for place, family in enumerate(families)
        for label in labels
    ]
    columns = zip(*rows, strict=True)
    write_patch(folder / f"{source}_0.pickle", *(list(column) for column in columns))


def test_patches_hold_each_family_alike_and_labels_stay(tmp_path):
    write(tmp_path, "clova", ["one", "two", "three"])
    write(tmp_path, "printed", ["print"])
    assert morph_patches(tmp_path, 10, 12, workers=2, quiet=True) == (30, 3)
    paths = list_patches(tmp_path, ["morphed"])
    patches = [read_patch(path) for path in paths]
    assert [len(patch.labels) for patch in patches] == [12, 12, 6]
    families = np.concatenate([patch.families for patch in patches])
    assert {name: int((families == name).sum()) for name in set(families)} == {
        "one": 10,
        "two": 10,
        "three": 10,
    }
    assert set(np.concatenate([patch.labels for patch in patches])) == set("가나")


def test_patches_depend_on_the_seed_and_replace_those_before(tmp_path):
    write(tmp_path, "clova", ["one", "two"])
    morph_patches(tmp_path, 8, 4, workers=2, quiet=True)
    before = (tmp_path / "morphed_0.pickle").read_bytes()
    assert len(list_patches(tmp_path, ["morphed"])) == 4
    morph_patches(tmp_path, 8, 4, workers=1, quiet=True)
    assert (tmp_path / "morphed_0.pickle").read_bytes() == before
    morph_patches(tmp_path, 4, 4, seed=1, quiet=True)
    assert len(list_patches(tmp_path, ["morphed"])) == 2
    assert (tmp_path / "morphed_0.pickle").read_bytes() != before


def test_a_syllable_of_one_hand_alone_is_never_bent(tmp_path):
    write(tmp_path, "clova", ["one", "two"])
    write(tmp_path, "recombined", ["one"], labels="닭")
    morph_patches(tmp_path, 20, 100, quiet=True)
    assert set(read_patch(tmp_path / "morphed_0.pickle").labels) == set("가나")


def pairs_of(pool, family, monkeypatch, count=300):
    """Which pictures are bent towards which, as places in the pool."""
    drawn = []

    def note(image, others, rng):
        find = {id(each): place for place, each in enumerate(pool.images)}
        drawn.append((find[id(image)], [find[id(other)] for other in others]))
        return image

    monkeypatch.setattr(morphed_patches, "morph", note)
    rng = np.random.default_rng(0)
    for _ in range(count):
        _, label, name = pool.draw(family, rng)
        assert (label, name) == ("가", family)
    return drawn


def test_the_hand_that_is_named_has_a_part_in_its_pictures(tmp_path, monkeypatch):
    write(tmp_path, "clova", ["one", "two", "three"], labels="가")
    write(tmp_path, "printed", ["print"], labels="가")
    pool = Pool(tmp_path)
    assert pool.hands == ["one", "three", "two"]
    drawn = pairs_of(pool, "two", monkeypatch)
    families = [(pool.families[a], [pool.families[o] for o in b]) for a, b in drawn]
    of_print = [others for base, others in families if base == "print"]
    assert 0.06 < len(of_print) / len(drawn) < 0.2
    assert all(others[0] == "two" for others in of_print)
    rest = [(base, others) for base, others in families if base != "print"]
    assert all(base == "two" and "two" not in others for base, others in rest)
    two = [others for _, others in families if len(others) == 2]
    assert 0.3 < len(two) / len(drawn) < 0.5
    assert all(len(set(others)) == 2 for others in two)


def test_where_no_hand_can_be_reached_nothing_is_drawn(tmp_path, monkeypatch):
    def fail(*_):
        raise morphing.NoFlowError

    write(tmp_path, "clova", ["one", "two"], labels="가")
    monkeypatch.setattr(morphed_patches, "morph", fail)
    assert Pool(tmp_path).draw("one", np.random.default_rng(0)) is None
    assert morph_patches(tmp_path, 5, 5, quiet=True) == (0, 2)
    assert list_patches(tmp_path, ["clova"]) and not list(tmp_path.glob("morphed*"))


def test_a_second_hand_that_cannot_be_reached_is_left_out():
    image, blank = ring(48, 48, 30), np.full((SIDE, SIDE), 255, np.uint8)
    rng = [np.random.default_rng(5) for _ in range(2)]
    alone = morphing.morph(image, [ring(48, 48, 33)], rng[0])
    assert (morphing.morph(image, [ring(48, 48, 33), blank], rng[1]) == alone).all()
    with pytest.raises(morphing.NoFlowError, match="no ink"):
        morphing.morph(image, [blank], rng[0])


def test_pictures_of_several_sizes_are_told(tmp_path):
    write(tmp_path, "clova", ["one", "two"])
    small = np.full((2, 64, 64), 255, np.uint8)
    write_patch(tmp_path / "recombined_0.pickle", small, list("가나"), ["one"] * 2)
    with pytest.raises(
        PatchError, match="64 x 64 pixels, others of the folder 96 x 96"
    ):
        Pool(tmp_path)


def test_one_hand_is_too_few(tmp_path):
    write(tmp_path, "clova", ["one"])
    with pytest.raises(PatchError, match="1 handwriting families; .* need two"):
        morph_patches(tmp_path, 5, 5, quiet=True)


def test_crawl_data_bends_training_pictures(tmp_path):
    write(tmp_path, "clova", ["one", "two"])
    paths = {"pickle_path": str(tmp_path), "val_path": str(tmp_path / "val")}
    options = crawl_data.Options(morphed_per_family=6, pickle_size=8, **paths)
    told = crawl_steps.morph(options)
    assert told.startswith("12 bent between hands of 2 families; ")
    assert len(list_patches(tmp_path, ["morphed"])) == 2
    assert options.draws_fonts
    with pytest.raises(ValueError, match="leave morphed_per_family"):
        crawl_data.Options(image_test=True, morphed_per_family=6)
