import shutil
import subprocess
import zipfile

import numpy as np
import pytest

from tests.helpers.hangul_sets import cut_zip
from utils.data.fetching.archives import unpack
from utils.data.fetching.download_checks import DownloadError
from utils.data.fetching.split_zip import open_zip, zip_parts

RNG = np.random.default_rng(0)
FILES = {f"room/{i}.bin": RNG.bytes(3000 * (i + 1)) for i in range(6)}


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in FILES.items():
            file.writestr(name, data)
    return path


def contents(path):
    with open_zip(path) as file:
        assert file.testzip() is None
        return {name: file.read(name) for name in file.namelist()}


def test_whole_archive(archive):
    assert zip_parts(archive) == [archive]
    assert contents(archive) == FILES


@pytest.mark.parametrize(
    "places", [[100], [20, 4000, 9001, 30000], [63000, 63420]], ids=str
)
def test_parts_are_read_as_one(archive, places):
    parts = cut_zip(archive, [p for p in places if p < archive.stat().st_size])
    assert zip_parts(archive) == parts
    assert contents(archive) == FILES


def test_directory_in_two_parts(archive):
    size = archive.stat().st_size
    cut_zip(archive, [size // 2, size - 150])  # within the directory
    assert contents(archive) == FILES


def test_what_the_program_zip_splits(tmp_path):
    if not shutil.which("zip"):
        pytest.skip("the program zip is not installed")
    big = {f"{i}.bin": RNG.bytes(30000) for i in range(7)}
    for name, data in big.items():
        (tmp_path / name).write_bytes(data)
    command = ["zip", "-q", "-s", "64k", "set.zip", *big]
    subprocess.run(command, cwd=tmp_path, check=True)
    assert len(zip_parts(tmp_path / "set.zip")) == 4
    assert contents(tmp_path / "set.zip") == big


def test_unpacking_takes_all_parts(archive, tmp_path):
    cut_zip(archive, [5000, 20000])
    paths = unpack(archive, tmp_path / "out", quiet=True)
    found = {p.relative_to(tmp_path / "out").as_posix(): p.read_bytes() for p in paths}
    assert found == FILES


def broken(data, place, value):
    return data[:place] + value + data[place + len(value) :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts[1].unlink(),
        lambda parts: parts[-1].write_bytes(b"nothing"),
        lambda parts: parts[0].write_bytes(parts[0].read_bytes()[:-1]),
        lambda parts: parts[-1].write_bytes(parts[-1].read_bytes()[:-30]),
        lambda parts: parts[-1].write_bytes(
            broken(d := parts[-1].read_bytes(), d.rindex(b"PK\5\6") + 12, b"\xff" * 4)
        ),
        lambda parts: parts[-1].write_bytes(
            broken(d := parts[-1].read_bytes(), d.rindex(b"PK\5\6") + 10, b"\xff" * 2)
        ),
        lambda parts: parts[-1].write_bytes(
            broken(d := parts[-1].read_bytes(), d.index(b"PK\1\2") + 34, b"\7\0")
        ),
        lambda parts: parts[-1].write_bytes(
            broken(d := parts[-1].read_bytes(), d.index(b"PK\1\2") + 42, b"\xff" * 4)
        ),
    ],
    ids=["part", "end", "short", "cut", "size", "count", "number", "zip64"],
)
def test_damage_is_refused(archive, tmp_path, spoil):
    spoil(cut_zip(archive, [5000, 20000]))
    with pytest.raises(DownloadError, match=r"cannot be unpacked \(BadZipFile"):
        unpack(archive, tmp_path / "out", quiet=True)
    assert not list(tmp_path.glob("out/*"))
