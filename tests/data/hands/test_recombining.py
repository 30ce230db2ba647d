"""Finals are cut where they were drawn, and serve again under other upper parts."""

import unicodedata
from pathlib import Path

import cv2
import numpy as np
import pytest

import crawl_data
from model import KoOCR
from utils.data.hands.cutting import Final, Upper, find_finals, gap_between, take_apart
from utils.data.hands.inking import Pen, draw_strokes
from utils.data.hands.recombined_patches import recombine_patches
from utils.data.hands.recombining import Parts, recombine, squeeze
from utils.data.hands.scribes import Scribe
from utils.data.patches import PatchError, list_patches, read_patch, write_patch
from utils.hangul import ksx1001_syllables, split_syllables
from utils.inference.imaging import fit_ink, prepare, upright

SIZE = 32


def draw_upper(shift=0):
    """Returns ink like 고's: a hook over a stem on a long stroke."""
    ink = np.zeros((96, 96), np.uint8)
    cv2.polylines(
        ink, [np.array([[28, 10], [66 + shift, 10], [66, 28]])], False, 255, 4
    )
    cv2.line(ink, (48, 36), (48, 50), 255, 4)
    cv2.line(ink, (14, 50), (82, 50), 255, 4)
    return ink


def draw_hieut():
    """Returns ink like ㅎ's: three parts above each other."""
    ink = np.zeros((96, 96), np.uint8)
    cv2.line(ink, (42, 60), (54, 60), 255, 3)
    cv2.line(ink, (30, 68), (66, 68), 255, 3)
    cv2.circle(ink, (48, 82), 7, 255, 3)
    return ink


def draw_mieum():
    """Returns ink like ㅁ's: one part."""
    ink = np.zeros((96, 96), np.uint8)
    cv2.rectangle(ink, (30, 62), (66, 86), 255, 4)
    return ink


def reader_of(*uppers):
    """Returns a network that knows upper parts of 고 by their picture alone."""
    known = [prepare(255 - ink, SIZE).astype(int) for ink in uppers]

    def read(squares):
        heads = {
            "initial": np.full((len(squares), 19), 0.01),
            "medial": np.full((len(squares), 21), 0.01),
            "final": np.full((len(squares), 28), 0.01),
        }
        for row, square in enumerate(squares.astype(int)):
            if min(np.abs(square - each).mean() for each in known) < 2:
                heads["initial"][row, 0] = heads["medial"][row, 8] = 0.9
                heads["final"][row, 0] = 0.9
        read.calls += 1
        return heads

    read.calls = 0
    return read


@pytest.mark.parametrize("draw, label", [(draw_hieut, "곻"), (draw_mieum, "곰")])
def test_the_cut_is_where_the_final_was_drawn(draw, label):
    image = 255 - np.maximum(draw_upper(), draw())
    cuts = find_finals([image, image], [label, "고"], reader_of(draw_upper()), SIZE)
    assert list(cuts) == [0]  # 고 has no final to cut
    np.testing.assert_array_equal(cuts[0], draw() > 40)


def test_a_final_that_touches_is_cut_at_the_thinnest_row():
    touching = np.maximum(draw_upper(), draw_mieum())
    cv2.line(touching, (48, 50), (48, 64), 255, 3)
    between = range(53, 60)  # rows that only the joining stroke crosses
    known = [np.where(np.arange(96)[:, None] < row, touching, 0) for row in between]
    cuts = find_finals([255 - touching], ["곰"], reader_of(*known), SIZE)
    assert not (cuts[0] & (draw_upper() > 40)).any()
    assert (draw_mieum() > 40)[cuts[0]].sum() == (draw_mieum() > 40).sum()


def test_what_the_network_does_not_know_is_not_cut():
    image = 255 - np.maximum(draw_upper(), draw_mieum())
    assert find_finals([image], ["곰"], reader_of(draw_mieum()), SIZE) == {}


def test_parts_hold_the_ink_between_them():
    ink = np.maximum(draw_upper(), draw_mieum())
    upper, final = take_apart(255 - ink, "곰", draw_mieum() > 40)
    np.testing.assert_array_equal(upper.ink, draw_upper())
    left, top, width, height = final.box
    whole = draw_mieum()
    np.testing.assert_array_equal(
        final.ink, whole[top : top + height, left : left + width]
    )
    assert final.ink.sum() == whole.sum()
    assert (upper.initial, upper.medial, final.final) == (0, 8, 16)
    assert upper.gap == (whole > 40).any(1).argmax() - 53  # the stroke ends with row 52


@pytest.mark.parametrize("seed", range(5))
def test_gap_is_that_of_a_loop_over_columns(seed):
    rng = np.random.default_rng(seed)
    above, below = (rng.random((2, 12, 9)) < 0.1).astype(np.uint8) * 255
    gaps = []
    for column in range(9):
        upper = [row for row in range(12) if above[row, column]]
        lower = [row for row in range(12) if below[row, column]]
        if upper and lower:
            gaps.append(min(lower) - max(upper) - 1)
    assert gap_between(above, below) == min(gaps, default=0)


def make_parts():
    upper = Upper(draw_upper(), 0, 8, (30, 60, 36, 26), 7)
    whole = draw_mieum()
    box = cv2.boundingRect((whole > 40).astype(np.uint8))
    left, top, width, height = box
    return upper, Final(whole[top : top + height, left : left + width], 16, box)


@pytest.mark.parametrize("seed", range(8))
def test_recombined_syllable_holds_both_parts_and_is_called_so(seed):
    image, syllable = recombine(*make_parts(), np.random.default_rng(seed))
    jamo = unicodedata.normalize("NFD", syllable)
    assert jamo == "\u1100\u1169\u11b7"
    assert image.shape == (96, 96) and image.dtype == np.uint8
    # Three parts: hook, stem on its stroke, and the box, which lies below both.
    count, _, stats, _ = cv2.connectedComponentsWithStats(
        (image < 128).astype(np.uint8)
    )
    assert count == 4
    order = stats[1:][stats[1:, 1].argsort()]
    assert order[2, 1] >= order[:2, 1].max()
    assert order[2, 1] + order[2, 3] == (order[:, 1] + order[:, 3]).max()


def test_recombining_depends_on_its_generator_alone():
    parts = make_parts()
    found = [recombine(*parts, np.random.default_rng(s))[0] for s in (1, 1, 2)]
    np.testing.assert_array_equal(found[0], found[1])
    assert (found[0] != found[2]).any()


def test_squeezing_leaves_room_below():
    upper = squeeze(255 - draw_upper(), 0, 8, np.random.default_rng(0))
    before = np.flatnonzero((draw_upper() > 40).any(1))
    after = np.flatnonzero((upper.ink > 40).any(1))
    assert 0.5 * len(before) <= len(after) <= 0.7 * len(before)
    assert after[0] >= before[0] and upper.room[1] > after[-1]


def test_every_pair_and_final_of_a_face_meet():
    images = [255 - np.maximum(draw_upper(), d()) for d in (draw_hieut, draw_mieum)]
    images.append(255 - draw_upper(9))
    labels = ["곻", "몸", "구"]  # what the pictures show does not matter here
    cuts = {0: draw_hieut() > 40, 1: draw_mieum() > 40}
    parts, rng = Parts(images, labels, cuts), np.random.default_rng(3)
    drawn = {parts.draw(rng)[1] for _ in range(200)}
    pairs, finals = ("고", "모", "구"), (27, 16)
    assert drawn == {chr(ord(pair) + final) for pair in pairs for final in finals}


def test_finals_of_other_faces_are_lent():
    cuts = {0: draw_mieum() > 40}
    image = 255 - np.maximum(draw_upper(), draw_mieum())
    parts, rng = Parts([image], ["곰"], cuts), np.random.default_rng(3)
    lent = [make_parts()[1]._replace(final=27)]
    drawn = [parts.draw(rng, lent)[1] for _ in range(300)]
    assert set(drawn) == {"곰", "곻"} and drawn.count("곻") < 90


@pytest.fixture
def folder(tmp_path):
    images, labels = [], []
    for draw, label in [(draw_hieut, "곻"), (draw_mieum, "곰")]:
        images.append(255 - np.maximum(draw_upper(), draw()))
        labels.append(label)
    families = ["Pen"] * 2
    write_patch(tmp_path / "clova_0.pickle", images, labels, families)
    write_patch(tmp_path / "printed_0.pickle", images, labels, ["Print"] * 2)
    return tmp_path


def test_patches_are_made_of_handwriting_alone(folder):
    read = reader_of(draw_upper())
    assert recombine_patches(folder, read, SIZE, 7, 5, quiet=True) == (7, 1)
    patches = [read_patch(folder / f"recombined_{i}.pickle") for i in range(2)]
    assert [len(patch.labels) for patch in patches] == [5, 2]
    labels = np.concatenate([patch.labels for patch in patches])
    assert set(split_syllables(labels)["final"]) <= {16, 27}
    assert set(np.concatenate([patch.families for patch in patches])) == {"Pen"}


def test_pictures_of_several_sizes_are_told_before_any_work(folder):
    small = np.full((2, 64, 64), 255, np.uint8)
    write_patch(folder / "clova_1.pickle", small, list("가나"), ["Pencil"] * 2)
    read = reader_of(draw_upper())
    with pytest.raises(PatchError, match="64 x 64 pixels, others .* 96 x 96.*one size"):
        recombine_patches(folder, read, SIZE, 7, 5, quiet=True)
    assert read.calls == 0


def test_a_second_run_asks_no_more_than_which_network_it_is(folder):
    read = reader_of(draw_upper())
    recombine_patches(folder, read, SIZE, 7, 5, quiet=True)
    before = (folder / "recombined_0.pickle").read_bytes()
    calls = read.calls
    recombine_patches(folder, read, SIZE, 7, 5, quiet=True)
    assert read.calls == calls + 1 > 2
    assert (folder / "recombined_0.pickle").read_bytes() == before


def test_fewer_pictures_leave_none_of_more(folder):
    read = reader_of(draw_upper())
    recombine_patches(folder, read, SIZE, 12, 5, quiet=True)
    assert len(list(folder.glob("recombined_*.pickle"))) == 3
    recombine_patches(folder, read, SIZE, 7, 5, quiet=True)
    left = sorted(path.name for path in folder.glob("*.pickle"))
    assert left[1:] == [
        "printed_0.pickle",
        "recombined_0.pickle",
        "recombined_1.pickle",
    ]


def test_damaged_or_foreign_cuts_are_found_again(folder):
    read = reader_of(draw_upper())
    recombine_patches(folder, read, SIZE, 7, 5, quiet=True)
    before = (folder / "recombined_0.pickle").read_bytes()
    (kept,) = (folder / ".cuts").iterdir()
    kept.write_bytes(kept.read_bytes()[:50])
    recombine_patches(folder, read, SIZE, 7, 5, quiet=True)
    assert (folder / "recombined_0.pickle").read_bytes() == before


def test_real_pictures_are_cut_and_read_after_recombining():
    samples = Path(__file__).parents[3] / "files" / "samples"
    names = ("05_hand.png", "06_brush.png", "12_rare.png")
    labels, network = "뵙흙뷁", KoOCR()
    images = [fit_ink(upright(samples / name), 96) for name in names]
    size = network.config.image_size
    cuts = find_finals(images, list(labels), network.probabilities, size)
    assert list(cuts) == [0, 1, 2]
    parts = [take_apart(images[row], labels[row], cuts[row]) for row in cuts]
    upper = parts[0][0]
    drawn = [recombine(upper, p[1], np.random.default_rng(0)) for p in parts]
    assert [syllable for _, syllable in drawn] == ["뵙", "뵑", "뵑"]
    assert network.predict([image for image, _ in drawn]) == [["뵙"], ["뵑"], ["뵑"]]


def test_crawl_data_puts_syllables_together(folder, tmp_path, capsys, fonts):
    flags = [f"--font_path={fonts}", f"--pickle_path={folder}", "--charset=ksx1001"]
    flags += [f"--val_path={tmp_path / 'val'}", "--images_per_family=3"]
    for path in folder.glob("*.pickle"):  # of another plan
        path.unlink()
    assert crawl_data.main([*flags, "--recombined_per_family=4"]) == 0
    # Faces of a few rectangles hold nothing that the weights could cut.
    assert "\n0 put together from parts of 0 families" in capsys.readouterr().out


def test_crawl_data_keeps_to_its_charset_when_it_recombines(tmp_path):
    habits, labels = np.random.default_rng(3), ksx1001_syllables()[::40]
    scribe, pen = Scribe(habits), Pen(habits)
    images = [draw_strokes(scribe.write(s, habits), pen, habits, 96) for s in labels]
    write_patch(tmp_path / "clova_0.pickle", images, labels, ["Pen"] * len(labels))
    flags = {"pickle_path": str(tmp_path), "charset": "ksx1001", "seed": 1}
    told = crawl_data.recombine(crawl_data.Options(recombined_per_family=30, **flags))
    assert told.startswith("30 put together from parts of 1 families")
    made = read_patch(tmp_path / "recombined_0.pickle").labels
    assert set(made) <= set(ksx1001_syllables()) and set(made) - set(labels)


def test_recombining_keeps_to_the_charset_and_to_its_network(folder):
    whole = reader_of(draw_upper())
    recombine_patches(folder, whole, SIZE, 7, 5, quiet=True)
    (path,) = (folder / ".cuts").iterdir()
    wanted = read_patch(folder / "recombined_0.pickle").labels[0]
    made, _ = recombine_patches(
        folder, whole, SIZE, 7, 5, quiet=True, syllables=[wanted]
    )
    assert made > 0
    paths = list_patches(folder, ["recombined"])
    assert {s for each in paths for s in read_patch(each).labels} == {wanted}

    def other(images):
        return {name: values * 0.5 for name, values in whole(images).items()}

    recombine_patches(folder, other, SIZE, 7, 5, quiet=True)
    assert len(list((folder / ".cuts").iterdir())) == 2 and path.exists()


def test_weights_of_whole_syllables_cannot_tell_where_finals_begin(
    folder, tmp_path, capsys, fonts, tiny_network
):
    path = tmp_path / "flat.weights.h5"
    flat = KoOCR(None, network=tiny_network, image_size=16, split_components=False)
    flat.save(path)
    options = crawl_data.Options(weights=str(path), recombined_per_family=4)
    with pytest.raises(ValueError, match="answer whole syllables"):
        crawl_data.recombine(options)


def test_without_handwriting_there_is_nothing_to_cut(tmp_path):
    image = 255 - np.maximum(draw_upper(), draw_mieum())
    write_patch(tmp_path / "printed_0.pickle", [image], ["곰"])
    with pytest.raises(PatchError, match="no patches of clova"):
        recombine_patches(tmp_path, reader_of(draw_upper()), SIZE, 7, 5)
