import io
import os
import pickle
import tracemalloc
import zipfile

import numpy as np
import pytest

from utils.data.npz import ArraysError, read_arrays

ARRAYS = {
    "a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "b": np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3)),
    "facts": np.array("글"),
    "none": np.empty((0, 4)),
}


def npy(header, data=b""):
    """A .npy file with a header as it is given."""
    text = header.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\0" + len(text).to_bytes(2, "little") + text + data


def pack(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_writes_is_read(tmp_path, save):
    save(tmp_path / "a.npz", **ARRAYS)
    found = read_arrays(tmp_path / "a.npz")
    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


class Attack:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_objects_run_nothing(tmp_path):
    array = np.array([Attack(tmp_path / "ran")], object)
    np.savez(tmp_path / "a.npz", a=array)
    with pytest.raises(ArraysError, match="an array of object"):
        read_arrays(tmp_path / "a.npz")
    (tmp_path / "b.npz").write_bytes(pickle.dumps(Attack(tmp_path / "ran")))
    with pytest.raises(ArraysError, match="BadZipFile"):
        read_arrays(tmp_path / "b.npz")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-2, -2), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776,) * 9, }",
        "{'descr': 'O', 'fortran_order': False, 'shape': (4,), }",
        "{'descr': '|V8', 'fortran_order': False, 'shape': (4,), }",
        "(" * 100,
        "__import__('os').mkdir('ran')",
    ],
)
def test_headers_that_lie_get_no_memory(tmp_path, header, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = pack(tmp_path / "a.npz", {"a.npy": npy(header, bytes(32))})
    tracemalloc.start()
    try:
        with pytest.raises(ArraysError):
            read_arrays(path)
        assert tracemalloc.get_traced_memory()[1] < 5e6
    finally:
        tracemalloc.stop()
    assert os.listdir(tmp_path) == ["a.npz"]


def test_bombs_are_not_unpacked(tmp_path):
    path = pack(tmp_path / "a.npz", {"a.npy": bytes(1 << 24)})
    with pytest.raises(ArraysError, match="would unpack to 16777216"):
        read_arrays(path)


def test_damage_raises_nothing_else(tmp_path, rng):
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **ARRAYS)
    whole, refused = buffer.getvalue(), 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[rng.integers(len(whole))] = rng.integers(256)
        (tmp_path / "a.npz").write_bytes(damaged)
        try:
            read_arrays(tmp_path / "a.npz")
        except ArraysError:
            refused += 1
    assert refused > 50


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_arrays(tmp_path / "a.npz")
