import time
import weakref

import numpy as np
import pytest
from conftest import glyph_picture

from utils.data import dataset as module
from utils.data.batches import preparers, squares
from utils.data.batches.encoders import JamoEncoder, SyllableEncoder
from utils.data.batches.rows import read_evenly
from utils.data.batches.squares import prepare_or_blank
from utils.data.dataset import PatchDataset
from utils.data.patches import Patch, PatchError, list_patches, read_patch, write_patch
from utils.hangul import ALL_SYLLABLES, split_syllables
from utils.inference.imaging import prepare

SYLLABLES = ALL_SYLLABLES[:35]  # one a row of the fixture's patches


def make(folder, batch_size=4, patch_size=2, encode=None, **options):
    encode = encode or SyllableEncoder(SYLLABLES)
    paths = list_patches(folder)
    return PatchDataset(paths, 24, encode, batch_size, patch_size, **options)


def labels_of(batches):
    return [targets["syllable"].tolist() for _, targets in batches]


def equal(first, second):
    assert len(first) == len(second) > 0
    for (images, targets), (others, their_targets) in zip(first, second, strict=True):
        np.testing.assert_array_equal(images, others)
        assert targets.keys() == their_targets.keys()
        for name in targets:
            np.testing.assert_array_equal(targets[name], their_targets[name])


@pytest.mark.parametrize("batch_size", [1, 4, 7, 14, 20, 35, 64])
@pytest.mark.parametrize("patch_size", [1, 2, 5, 9])
def test_every_picture_comes_exactly_once(patches, batch_size, patch_size):
    dataset = make(patches, batch_size, patch_size)
    batches = labels_of(dataset.batches(epoch=0))
    assert sorted(sum(batches, [])) == list(range(35))
    assert len(batches) == dataset.num_steps == -(-35 // batch_size)
    assert {len(batch) for batch in batches[:-1]} <= {batch_size}
    assert dataset.num_images == 35


def test_pictures_stay_with_their_labels(patches):
    for images, targets in make(patches).batches(epoch=3):
        assert images.dtype == np.uint8 and images.shape[1:] == (24, 24, 1)
        for image, place in zip(images, targets["syllable"], strict=True):
            expected = prepare(glyph_picture(SYLLABLES[place]), 24)
            np.testing.assert_array_equal(image[..., 0], expected)


def test_processes_prepare_what_threads_do(patches):
    expected = make(patches, augmented=True)
    dataset = make(patches, augmented=True, workers=2)
    for epoch in range(2):
        equal(list(dataset.batches(epoch)), list(expected.batches(epoch)))
    first = next(dataset.batches(1, first_step=2))
    equal([first], list(expected.batches(1, first_step=2))[:1])
    dataset.close()
    equal(list(dataset.batches(2)), list(expected.batches(2)))  # begins again
    dataset.close()
    expected.close()


@pytest.mark.parametrize("noticed", [False, True])
def test_a_process_that_is_gone_is_an_error_that_says_so(patches, noticed):
    dataset = make(patches, augmented=True, workers=1)
    batches = dataset.batches(0)
    next(batches)
    for process in list(dataset._preparers._pool._processes.values()):
        process.kill()
    for _ in range(500 * noticed):  # until the pool itself knows that it is broken
        time.sleep(0 if dataset._preparers._pool._broken else 0.02)
    with pytest.raises(ChildProcessError, match="fewer workers"):
        list(dataset.batches(1))
    dataset.close()
    assert len(list(dataset.batches(0))) == dataset.num_steps
    dataset.close()


def test_order_is_of_seed_and_epoch(patches):
    def order(seed, epoch):
        return sum(labels_of(make(patches, seed=seed).batches(epoch)), [])

    assert order(0, 0) == order(0, 0)
    assert len({tuple(order(*key)) for key in [(0, 0), (0, 1), (1, 0), (1, 1)]}) == 4
    assert order(0, 0) != sorted(order(0, 0))


def test_one_batch_mixes_sources_and_patches(patches):
    first = labels_of(make(patches, batch_size=20, patch_size=5).batches(0))[0]
    assert len({place // 7 for place in first}) == 5


@pytest.mark.parametrize("augmented", [False, True])
@pytest.mark.parametrize("batch_size", [3, 7, 10])
def test_any_step_can_be_the_first(patches, augmented, batch_size):
    dataset = make(patches, batch_size, augmented=augmented, seed=5)
    whole = list(dataset.batches(epoch=2))
    for first in range(dataset.num_steps):
        equal(list(dataset.batches(2, first_step=first)), whole[first:])
    assert list(dataset.batches(2, first_step=dataset.num_steps)) == []


def test_groups_before_the_first_step_are_not_read(patches, monkeypatch):
    dataset, read = make(patches, batch_size=7), []
    monkeypatch.setattr(module, "read_patch", lambda p: read.append(p) or read_patch(p))
    list(dataset.batches(0, first_step=4))
    assert len(read) == 1  # groups of 2, 2 and 1 patches of 7 rows


def test_number_of_threads_changes_nothing(patches, monkeypatch):
    runs = []
    for threads in (1, 4):
        monkeypatch.setattr(preparers, "_THREADS", threads)
        runs.append(list(make(patches, augmented=True).batches(0)))
    equal(*runs)


def test_augmentation_differs_by_epoch_and_leaves_labels_right(patches):
    plain, augmented = make(patches), make(patches, augmented=True)
    assert labels_of(plain.batches(0)) == labels_of(augmented.batches(0))
    seen = {}
    for epoch in range(2):
        for images, targets in augmented.batches(epoch):
            for image, place in zip(images, targets["syllable"], strict=True):
                seen.setdefault(int(place), []).append(image)
    differ = [not np.array_equal(*pictures) for pictures in seen.values()]
    assert len(differ) == 35 and all(differ)


def test_hands_that_were_invented_are_not_rearranged(tmp_path, monkeypatch):
    seen = []

    def distort(image, rng, neighbour, kinds):
        seen.append((int(image.min()), "hands" in kinds, "pen" in kinds))
        return image

    monkeypatch.setattr(squares, "augment", distort)
    for source, ink in (("written", 10), ("clova", 20), ("printed", 30)):
        images = np.full((6, 16, 16), 255, np.uint8)
        images[:, 4:12, 4:12] = ink
        write_patch(tmp_path / f"{source}_0.pickle", images, ["가"] * 6, [source] * 6)
    list(make(tmp_path, encode=JamoEncoder(), augmented=True).batches(0))
    assert sorted(set(seen)) == [(10, False, True), (20, True, True), (30, True, True)]


@pytest.mark.parametrize("batch_size", [4, 5, 64])
def test_memory_is_bounded_by_patch_size(tmp_path, monkeypatch, batch_size):
    for number in range(8):
        rows = [glyph_picture(s) for s in SYLLABLES[:7]]
        write_patch(tmp_path / f"printed_{number}.pickle", rows, SYLLABLES[:7])
    dataset = make(tmp_path, batch_size=batch_size, patch_size=2)
    alive, held = weakref.WeakValueDictionary(), []

    def read_and_count(path):
        patch = read_patch(path)
        images = patch.images.copy()  # its own memory, which views keep alive
        alive[len(held)] = images
        held.append(len(alive))
        return patch._replace(images=images)

    monkeypatch.setattr(module, "read_patch", read_and_count)
    batches = []
    for batch in dataset.batches(0):
        batches.append(batch)
        assert len(alive) <= 2
    assert len(held) == 8 and max(held) == 2
    assert not alive


def test_pictures_of_several_sizes(tmp_path):
    for number, side in enumerate((16, 24, 40)):
        labels = SYLLABLES[7 * number : 7 * number + 7]
        images = [glyph_picture(label, side) for label in labels]
        write_patch(tmp_path / f"printed_{number}.pickle", images, labels)
    batches = list(make(tmp_path, patch_size=3).batches(0))
    assert {images.shape[1:] for images, _ in batches} == {(24, 24, 1)}
    assert sorted(sum(labels_of(batches), [])) == list(range(21))


def test_blank_pictures_become_white(tmp_path):
    blank = np.full((2, 24, 24), 255, np.uint8)
    write_patch(tmp_path / "printed_0.pickle", blank, ["가", "각"])
    ((images, _),) = make(tmp_path).batches(0)
    assert images.shape == (2, 24, 24, 1) and (images == 255).all()
    assert (prepare_or_blank(blank[0], 16) == np.full((16, 16), 255)).all()
    assert (prepare_or_blank(glyph_picture("가"), 16) < 255).any()


def test_sample_is_the_head_of_the_epoch(patches):
    for augmented in (False, True):
        dataset = make(patches, augmented=augmented)
        images, labels = dataset.sample(10, epoch=1)
        batches = list(dataset.batches(1))[:3]
        expected = np.concatenate([each for each, _ in batches])[:10, ..., 0]
        np.testing.assert_array_equal(images, expected)
        places = sum(labels_of(batches), [])[:10]
        assert labels.tolist() == [SYLLABLES[place] for place in places]
    assert len(dataset.sample(1000)[1]) == 35


def test_reading_can_stop_early(patches):
    batches = make(patches).batches(0)
    next(batches)
    batches.close()


# Encoding


def test_jamo_targets_are_named(patches):
    encode = JamoEncoder()
    for images, targets in make(patches, encode=encode).batches(0):
        assert list(targets) == ["initial", "medial", "final"]
        assert {values.dtype for values in targets.values()} == {np.dtype(np.int32)}
        assert {len(values) for values in targets.values()} == {len(images)}
    labels = np.array(["한", "글"])
    expected = {"initial": [18, 0], "medial": [0, 18], "final": [4, 8]}
    assert {k: v.tolist() for k, v in encode(labels).items()} == expected
    assert split_syllables("한글")["final"].tolist() == [4, 8]


def test_syllable_targets_are_places_in_the_charset():
    targets = SyllableEncoder("다나가")(np.array(["가", "다", "나", "가"]))
    assert targets["syllable"].tolist() == [2, 0, 1, 2]
    assert targets["syllable"].dtype == np.int32
    with pytest.raises(
        ValueError, match="2 labels are not in the charset, such as 각힣"
    ):
        SyllableEncoder("가나")(np.array(["힣", "가", "각", "각"]))


# What is refused, before the first step


def test_labels_outside_the_charset_are_found_at_once(patches):
    with pytest.raises(PatchError, match="printed_2.pickle: 7 labels are not in the"):
        make(patches, encode=SyllableEncoder(SYLLABLES[:28]))


def test_damaged_patches_are_found_at_once(patches):
    (patches / "printed_1.pickle").write_bytes(b"damaged")
    with pytest.raises(PatchError, match="printed_1.pickle: not a readable patch"):
        make(patches)


def test_no_patches():
    with pytest.raises(ValueError, match="No patches were given"):
        PatchDataset([], 24, JamoEncoder())


# Reading evenly


@pytest.mark.parametrize(
    "count, expected",
    [
        (5, [1, 1, 1, 1, 1]),
        (12, [2, 2, 3, 2, 3]),
        (2, [0, 0, 1, 0, 1]),
        (35, [7] * 5),
        (100, [7] * 5),
        (0, [7] * 5),
    ],
)
def test_count_is_spread_over_the_patches(patches, count, expected):
    paths = list_patches(patches)
    read = {path: patch for path, patch in read_evenly(paths, count)}
    assert [len(read[p].labels) if p in read else 0 for p in paths] == expected
    for path, patch in read.items():
        whole = read_patch(path)
        places = [whole.labels.tolist().index(label) for label in patch.labels]
        assert places == sorted(set(places)) and isinstance(patch, Patch)
        np.testing.assert_array_equal(patch.images, whole.images[places])
        assert patch.families.tolist() == whole.families[places].tolist()
    assert list(read_evenly([], 5)) == []


def test_shares_are_disjoint_and_complete(patches):
    shares = [make(patches, batch_size=2, share=(i, 2), whole=True) for i in range(2)]
    found = [{path for path in share.paths} for share in shares]
    assert found[0].isdisjoint(found[1])
    assert found[0] | found[1] == set(list_patches(patches))
    for share in shares:  # sources are spread over both
        assert {path.name.split("_")[0] for path in share.paths} == {"clova", "printed"}


def test_whole_batches_alone_leave_out_other_pictures_each_epoch(patches):
    dataset = make(patches, batch_size=8, whole=True)
    assert dataset.num_steps == 4
    epochs = [sum(labels_of(dataset.batches(epoch)), []) for epoch in range(3)]
    assert [len(set(epoch)) for epoch in epochs] == [32] * 3
    assert len({frozenset(epoch) for epoch in epochs}) > 1
    dataset.num_steps = 2  # another process has fewer
    assert len(labels_of(dataset.batches(0))) == 2


def test_a_share_that_cannot_be_is_refused(patches):
    with pytest.raises(ValueError, match="5 patches cannot be shared by 6 processes"):
        make(patches, share=(0, 6))
    with pytest.raises(ValueError, match="35 pictures do not fill a batch of 36"):
        make(patches, batch_size=36, whole=True)
