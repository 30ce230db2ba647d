import os
import pickle
import struct
import tracemalloc
import warnings

import numpy as np
import pytest

from utils.data import patches as module
from utils.data.atomic import write_atomically
from utils.data.patches import (
    PatchError,
    list_patches,
    read_patch,
    source_of,
    write_patch,
)

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
LABELS = ["가", "나", "힣"]


def check(patch, families=None):
    np.testing.assert_array_equal(patch.images, IMAGES)
    assert patch.images.dtype == np.uint8 and type(patch.images) is np.ndarray
    assert patch.labels.tolist() == LABELS and patch.labels.dtype == "<U1"
    if families is not None:
        assert patch.families.tolist() == families


# Writing


def test_written_patch_is_a_plain_pickle(tmp_path):
    path = tmp_path / "new" / "clova_3.pickle"
    write_patch(path, IMAGES, LABELS, ["a", "bc", "a"])
    with open(path, "rb") as file:
        content = pickle.load(file)
    assert sorted(content) == ["family", "image", "label"]
    np.testing.assert_array_equal(content["image"], IMAGES)
    assert content["image"].dtype == np.uint8
    assert content["label"].tolist() == LABELS
    assert content["family"].tolist() == ["a", "bc", "a"]
    assert b"_core" not in path.read_bytes()  # which NumPy 1 does not have
    check(read_patch(path), ["a", "bc", "a"])


def test_families_may_be_left_out(tmp_path):
    path = tmp_path / "printed_0.pickle"
    write_patch(path, IMAGES, LABELS)
    with open(path, "rb") as file:
        assert sorted(pickle.load(file)) == ["image", "label"]
    check(read_patch(path), ["printed"] * 3)


@pytest.mark.parametrize(
    "images, labels",
    [
        (list(IMAGES), tuple(LABELS)),
        (np.asfortranarray(IMAGES), np.array(LABELS, object)),
        (np.repeat(IMAGES, 2, axis=2)[:, :, ::2], np.array(LABELS, ">U3")),
    ],
)
def test_any_layout_is_written_alike(tmp_path, images, labels):
    write_patch(tmp_path / "a_0.pickle", IMAGES, LABELS)
    write_patch(tmp_path / "a_1.pickle", images, labels)
    check(read_patch(tmp_path / "a_1.pickle"))
    first, second = (tmp_path / f"a_{i}.pickle" for i in range(2))
    assert first.read_bytes() == second.read_bytes()


def test_write_is_atomic(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    write_atomically(path, b"old")

    def fail(descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old" and os.listdir(tmp_path) == ["a.txt"]


# Reading what 2021 wrote


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "content",
    [
        {"image": IMAGES, "label": np.array(LABELS)},
        {"image": IMAGES, "label": LABELS},
        {"image": list(IMAGES), "label": tuple(LABELS)},
        {"image": IMAGES, "label": np.array(LABELS, object)},
        {"image": IMAGES, "label": list(np.array(LABELS))},
        {"image": IMAGES, "label": np.array(LABELS, ">U1"), "size": np.int64(96)},
        {"image": np.asfortranarray(IMAGES), "label": np.array(LABELS, "U5")},
        {"image": IMAGES.transpose(0, 2, 1).copy().transpose(0, 2, 1), "label": LABELS},
    ],
    ids=str(list(range(8))).strip("[]").split(", "),
)
def test_patches_of_2021(tmp_path, content, protocol):
    path = tmp_path / "handwritten_12.pickle"
    path.write_bytes(pickle.dumps(content, protocol))
    check(read_patch(path), ["handwritten"] * 3)
    # NumPy 1, which wrote them then, had no underscore.
    old = path.read_bytes().replace(b"numpy._core.", b"numpy.core.")
    if protocol < 4:  # later protocols count the bytes of names
        path.write_bytes(old)
        check(read_patch(path))


def test_names_of_numpy_1_are_known(tmp_path):
    """A protocol 4 pickle with the names that NumPy 1.19 wrote."""
    written = pickle.dumps({"image": IMAGES, "label": np.array(LABELS)}, 4)
    name = b"\x8c\x16numpy._core.multiarray"
    old = written.replace(name, b"\x8c\x15numpy.core.multiarray")
    start = old.index(b"\x95") + 1
    frame = struct.unpack("<Q", old[start : start + 8])[0] - (old != written)
    path = tmp_path / "printed_0.pickle"
    path.write_bytes(old[:start] + struct.pack("<Q", frame) + old[start + 8 :])
    check(read_patch(path))


# Refusing


class Attack:
    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


def marker(folder):
    return folder / "was_run"


def attacks(folder):
    """Pickles that would create a file, each in another way."""
    command = f"echo > {marker(folder)}"
    touch = Attack(os.system, (command,))
    reconstruct = np.zeros(1).__reduce__()[0]
    state = (1, (1,), np.dtype(object), False, [touch])
    quoted = f"open({str(marker(folder))!r}, 'w')"
    return {
        "reduce": touch,
        "in the labels": {"image": IMAGES, "label": [touch] * 3},
        "in an array": {"image": IMAGES, "label": np.array([touch] * 3, object)},
        "eval": Attack(eval, (quoted,)),
        "dotted": b"\x80\x04\x8c\x05numpy\x8c\x09os.system\x93\x8c\x01a\x85R.",
        "nested": b"cnumpy\ncore.multiarray.os.system\n(S'a'\ntR.",
        "another of numpy": Attack(np.load, ("x.npy",)),
        "state": Attack(reconstruct, (np.ndarray, (0,), b"b"), state),
        "reconstruct": Attack(reconstruct, (os.system, (0,), b"b")),
        "reconstructed kind": Attack(reconstruct, (np.dtype, (0,), b"b")),
        "inst": f"(S'{command}'\nios\nsystem\n.".encode(),
        "codec": b"c_codecs\nencode\n(Va\nVrot13\ntR.",
        "set on a function": b"c_codecs\nencode\nN}S'__defaults__'\nNs\x86b.",
        "set on a class": b"cnumpy\nndarray\nN}S'__init__'\nNs\x86b.",
        "extension": b"\x80\x02\x82\x01.",
        "persistent": b"\x80\x02K\x01Q.",
        "buffer": b"\x80\x05\x97.",
        "key of tuples in tuples": b"\x80\x04}N" + b"\x85" * 2 * 10**5 + b"Ns.",
        "keys of tuples in tuples": b"\x80\x04}(N" + b"\x85" * 2 * 10**5 + b"Nu.",
        "dict of tuples in tuples": b"\x80\x04(N" + b"\x85" * 2 * 10**5 + b"Nd.",
        "set of tuples in tuples": b"\x80\x04\x8f(N" + b"\x85" * 2 * 10**5 + b"\x90.",
        "frozen set": b"\x80\x04(N" + b"\x85" * 2 * 10**5 + b"\x91.",
    }


def to_bytes(content):
    return content if isinstance(content, bytes) else pickle.dumps(content)


@pytest.mark.parametrize("name", attacks(module.Path("x")))
def test_hostile_pickles_run_nothing(tmp_path, name):
    path = tmp_path / "printed_0.pickle"
    path.write_bytes(to_bytes(attacks(tmp_path)[name]))
    with pytest.raises(PatchError, match="printed_0.pickle: "):
        read_patch(path)
    assert not marker(tmp_path).exists()
    # Nor do they leave anything changed behind them.
    write_patch(path, IMAGES, LABELS)
    check(read_patch(path))


def test_the_attacks_work_on_pickle_itself(tmp_path):
    pickle.loads(to_bytes(attacks(tmp_path)["reduce"]))
    assert marker(tmp_path).exists()


@pytest.mark.parametrize(
    "content, message",
    [
        (Attack(os.system, ("true",)), "refused: it asks for (posix|nt).system"),
        (Attack(np.dtype, ("V8",)), "refused: an array of type 'V8'"),
        (Attack(np.dtype, ("u1,O",)), "refused: an array of type 'u1,O'"),
        (np.zeros(2, [("a", "u1")]), "refused: an array of type 'V1'"),
        (b"c_codecs\nencode\n(Va\nVrot13\ntR.", "refused: a codec other than latin1"),
        (b"c_codecs\nencode\nN}S'a'\nNs\x86b.", "refused: it alters what is no array"),
        (
            Attack(np.zeros(1).__reduce__()[0], (np.dtype, (0,), b"b")),
            "refused: an array that is not NumPy's own kind",
        ),
        (
            b"cnumpy\nndarray\n((K\x01tVO\nVxxxxxxxx\ntR.",
            "refused: objects that are made of bytes",
        ),
        (
            b"cnumpy\nndarray\n((K\x01tVU1\nc_codecs\nencode\n(VABCD\ntRtR.",
            "an array of text holds no text",
        ),
        (
            b"cnumpy\ndtype\n(Vu1\ntR(K\x03V|\n(Va\nt(Va\ntNK\x08K\x01K\x00tb.",
            "refused: an array of records",
        ),
    ],
)
def test_refusals_say_why(tmp_path, content, message):
    path = tmp_path / "printed_0.pickle"
    path.write_bytes(to_bytes(content))
    with pytest.raises(PatchError, match=message):
        read_patch(path)


def huge(shape, data, kind="u1"):
    """A patch whose array claims a shape that its bytes do not fill."""
    array = Attack(np.ndarray, (shape, kind, data))
    return pickle.dumps({"image": array, "label": LABELS})


def laughs(depth=12):
    """A list of ten lists of ten ... that are one and the same."""
    content = ["ha"] * 10
    for _ in range(depth):
        content = [content] * 10
    return content


ONE = np.zeros((1, 100, 100), np.uint8)[0]
GREEDY = {
    "shape": huge((10**6, 10**3, 10**3), b"123"),
    "shape beyond counting": huge((2**40, 2**40), b"123"),
    "objects": pickle.dumps(
        Attack(
            np.zeros(1).__reduce__()[0],
            (np.ndarray, (0,), b"b"),
            (1, (10**10,), np.dtype(object), False, []),
        )
    ),
    "bytes": b"\x80\x04\x8e" + struct.pack("<Q", 10**10) + b"abc.",
    "bytearray": b"\x80\x05\x96" + struct.pack("<Q", 10**10) + b"abc.",
    "frame": b"\x80\x04\x95" + struct.pack("<Q", 10**10) + b"N.",
    "memo": b"\x80\x02Nr" + struct.pack("<I", 2**31 - 1) + b".",
    "one picture many times": pickle.dumps({"image": [ONE] * 20000, "label": "가"}),
    "one text many times": pickle.dumps(
        {"image": IMAGES, "label": LABELS, "family": ["x" * 10**6] * 3}
    ),
    "one family many times": pickle.dumps(
        {
            "image": np.zeros((10**5, 1, 1), np.uint8),
            "label": ["가"] * 10**5,
            "family": ["x" * 256] * 10**5,
        }
    ),
    "a type that prints long": pickle.dumps(Attack(np.dtype, (laughs(),))),
    "lists of lists": pickle.dumps({"image": [[[1] * 99] * 99] * 99, "label": LABELS}),
}


@pytest.mark.parametrize("name", GREEDY)
def test_greedy_pickles_get_no_memory(tmp_path, name):
    path = tmp_path / "printed_0.pickle"
    path.write_bytes(GREEDY[name])
    tracemalloc.start()
    try:
        with pytest.raises(PatchError, match="printed_0.pickle: "):
            read_patch(path)
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_truncated_patches_are_refused(tmp_path):
    path = tmp_path / "printed_0.pickle"
    write_patch(path, IMAGES, LABELS, LABELS)
    whole = path.read_bytes()
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(PatchError, match="printed_0.pickle: "):
            read_patch(path)


def test_damaged_patches_raise_nothing_else(tmp_path, rng):
    path = tmp_path / "printed_0.pickle"
    write_patch(path, IMAGES, LABELS)
    whole = path.read_bytes()
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] = rng.integers(256)
        path.write_bytes(damaged)
        try:
            assert read_patch(path).images.dtype == np.uint8
        except PatchError:
            refused += 1
    assert refused > 50


def good(**changes):
    return {"image": IMAGES, "label": LABELS} | changes


@pytest.mark.parametrize(
    "content, message",
    [
        ([1, 2], "expected a dict of 'image' and 'label', got <class 'list'>"),
        ({"images": IMAGES}, r"expected a dict .* got \['images'\]"),
        ({10**5000: 1}, r"expected a dict .* got \['int'\]"),
        (good(image=IMAGES.astype(float)), r"'image' is float64 of shape \(3, 4, 5\)"),
        (good(image=IMAGES[0]), r"'image' is uint8 of shape \(4, 5\); expected uint8"),
        (good(image=IMAGES[:0]), r"'image' of shape \(0, 4, 5\) holds no picture"),
        (good(image=[]), "'image' is a list of nothing"),
        (good(image=[1, 2, 3]), "'image' is a list of int; expected uint8 pictures"),
        (
            good(image=[IMAGES[0], IMAGES[0, :2]]),
            r"'image' is a list of uint8 \(2, 5\), uint8 \(4, 5\)",
        ),
        (good(image="text"), "'image' is <U4"),
        (good(image=None), "'image' is object"),
        (good(label=LABELS[:2]), r"'label' is list of 2 \(str\); expected 3 strings"),
        (good(label=np.arange(3)), r"'label' is list of 3 \(int\); expected 3 strings"),
        (good(label=np.array(LABELS)[:, None]), r"'label' is list of 3 \(list\)"),
        (good(label=[["가"], ["나", "다"], "라"]), r"of 3 \(list, str\)"),
        (good(label="가나다"), "'label' is str of 0"),
        (good(label=["가", "a", "나"]), "'label' 'a' in row 1 is no Hangul syllable"),
        (good(label=["가", "", "나"]), "'label' '' in row 1 is no Hangul syllable"),
        (good(label=["가나"] * 3), "'label' '가나' in row 0"),
        (good(family=["a"]), r"'family' is list of 1 \(str\); expected 3 strings"),
        (good(family=["x" * 300] * 3), "'family' holds a string of 300 characters"),
    ],
)
def test_contents_that_are_no_patch(tmp_path, content, message):
    path = tmp_path / "printed_0.pickle"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(PatchError, match=f"printed_0.pickle: .*{message}"):
        read_patch(path)
    if isinstance(content, dict) and "image" in content:
        path.unlink()
        with pytest.raises(PatchError, match=f"printed_0.pickle: .*{message}"):
            rows = content["image"], content["label"], content.get("family")
            write_patch(path, *rows)
        assert not path.exists()


def test_one_picture_named_many_times(tmp_path):
    path = tmp_path / "printed_0.pickle"
    path.write_bytes(GREEDY["one picture many times"])
    with pytest.raises(PatchError, match="would grow to 200000000 bytes, far beyond"):
        read_patch(path)


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="printed_0.pickle"):
        read_patch(tmp_path / "printed_0.pickle")


# Folders


def test_patches_are_listed_by_source_and_number(tmp_path):
    names = ["printed_10", "printed_9", "clova_0", "hand_written_1", ".printed_3", "x"]
    for name in names:
        (tmp_path / f"{name}.pickle").touch()
    (tmp_path / "printed_2.txt").touch()
    with pytest.warns(UserWarning, match=r"Passed by, .*: \.printed_3\.pickle, x\."):
        found = [path.stem for path in list_patches(tmp_path)]
    assert found == ["clova_0", "hand_written_1", "printed_9", "printed_10"]
    with pytest.raises(PatchError, match="holds no patches of pen, ink .*crawl_data"):
        list_patches(tmp_path, ["pen", "ink"])
    for name in (".printed_3", "x"):
        (tmp_path / f"{name}.pickle").unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        chosen = list_patches(str(tmp_path), ["printed", "clova"])
    assert [p.stem for p in chosen] == ["clova_0", "printed_9", "printed_10"]


@pytest.mark.parametrize("name", ["my-hand_0", "손글씨_0", "mine", "p_0 (1)", "9_0"])
def test_a_name_that_no_reader_finds_is_not_written(tmp_path, name):
    images = np.zeros((1, 8, 8), np.uint8)
    with pytest.raises(PatchError, match="no name of a patch; expected a source"):
        write_patch(tmp_path / f"{name}.pickle", images, ["가"])
    (tmp_path / f"{name}.pickle").touch()
    with pytest.raises(PatchError, match="holds no patches .*Passed by"):
        list_patches(tmp_path)


def test_folders_without_patches(tmp_path):
    with pytest.raises(PatchError, match="holds no patches .*load_data.py"):
        list_patches(tmp_path)
    with pytest.raises(PatchError, match="nowhere: there is no such folder"):
        list_patches(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name, source",
    [("clova_3.pickle", "clova"), ("a/b_c_10.pickle", "b_c"), ("other.pkl", "other")],
)
def test_source_of_names(name, source):
    assert source_of(name) == source
