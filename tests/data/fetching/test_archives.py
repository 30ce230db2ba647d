import sys
import zipfile
from types import SimpleNamespace

import py7zr
import pytest

from utils.data.fetching import archives
from utils.data.fetching.archives import unpack
from utils.data.fetching.download_checks import DownloadError

FILES = {"a.pickle": b"A" * 70000, "sub/b.pickle": b"", "sub/c.pickle": b"C"}


def make_zip(path, files=FILES):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sub/", b"")
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def make_7z(path, files=FILES):
    with py7zr.SevenZipFile(path, "w") as archive:
        for number, (name, data) in enumerate(files.items()):
            archive.writestr(data, f"member{number}")
            # Afterwards: py7zr does not accept the bad names that tests are about.
            archive.header.files_info.files[-1]["filename"] = name
    return path


MAKERS = pytest.mark.parametrize(
    "make, suffix", [(make_zip, ".zip"), (make_7z, ".7z")], ids=["zip", "7z"]
)


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@MAKERS
def test_unpacks_everything_and_nothing_else(tmp_path, make, suffix):
    archive = make(tmp_path / f"a{suffix}")
    paths = unpack(archive, tmp_path / "out", quiet=True)
    assert contents(tmp_path / "out") == FILES
    assert [p.relative_to(tmp_path / "out").as_posix() for p in paths] == list(FILES)
    assert sorted(p.name for p in tmp_path.iterdir()) == [archive.name, "out"]


@MAKERS
def test_progress_counts_every_byte_twice(tmp_path, make, suffix, capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    unpack(make(tmp_path / f"a{suffix}"), tmp_path / "out")
    shown = capsys.readouterr().err
    assert f"testing a{suffix}: 100%" in shown and f"unpacking a{suffix}: 100%" in shown


@MAKERS
def test_flat_leaves_out_the_folders(tmp_path, make, suffix):
    unpack(make(tmp_path / f"a{suffix}"), tmp_path / "out", flat=True, quiet=True)
    expected = {name.split("/")[-1]: data for name, data in FILES.items()}
    assert contents(tmp_path / "out") == expected


@MAKERS
def test_what_is_unpacked_is_left(tmp_path, make, suffix, monkeypatch):
    archive = make(tmp_path / f"a{suffix}")
    unpack(archive, tmp_path / "out", quiet=True)
    (tmp_path / "out" / "own.txt").write_text("mine")
    monkeypatch.setattr(archives, "_unpack_beside", None)  # would fail if called
    unpack(archive, tmp_path / "out", quiet=True)
    assert contents(tmp_path / "out") == FILES | {"own.txt": b"mine"}


@MAKERS
def test_completes_what_a_killed_run_left(tmp_path, make, suffix):
    archive = make(tmp_path / f"a{suffix}")
    unpack(archive, tmp_path / "out", quiet=True)
    (tmp_path / "out" / "a.pickle").unlink()
    (tmp_path / ".out.unpacking").mkdir()
    (tmp_path / ".out.unpacking" / "a.pickle").write_bytes(b"half")
    unpack(archive, tmp_path / "out", quiet=True)
    assert contents(tmp_path / "out") == FILES
    assert not (tmp_path / ".out.unpacking").exists()


@MAKERS
def test_other_file_of_that_name_is_not_overwritten(tmp_path, make, suffix):
    archive, own = make(tmp_path / f"a{suffix}"), tmp_path / "out" / "a.pickle"
    own.parent.mkdir()
    own.write_bytes(b"B" * 70000)  # as long, so that only its content tells
    with pytest.raises(DownloadError, match="a.pickle is there already and is not"):
        unpack(archive, tmp_path / "out", quiet=True)
    assert contents(tmp_path / "out") == {"a.pickle": b"B" * 70000}


BAD_NAMES = ["../x", "a/../../x", "/x", "C:x", "C:/x", "a\\..\\x", "a//x", "./x", "a:b"]


@MAKERS
@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_leave_are_refused(tmp_path, make, suffix, name):
    archive = make(tmp_path / f"a{suffix}", {"ok": b"1", name: b"2"})
    with pytest.raises(DownloadError, match="refused: .* leaves the folder"):
        unpack(archive, tmp_path / "in" / "out", quiet=True)
    assert not (tmp_path / "in").exists() and not (tmp_path / "x").exists()


def test_link_in_zip_is_refused(tmp_path):
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/hosts")
    with pytest.raises(DownloadError, match="'link' is a link"):
        unpack(tmp_path / "a.zip", tmp_path / "out", quiet=True)


def test_link_in_7z_is_refused(tmp_path):
    (tmp_path / "link").symlink_to("/etc/hosts")
    with py7zr.SevenZipFile(tmp_path / "a.7z", "w") as archive:
        archive.write(tmp_path / "link", "link")
    with pytest.raises(DownloadError, match="'link' is a link"):
        unpack(tmp_path / "a.7z", tmp_path / "out", quiet=True)


@MAKERS
@pytest.mark.parametrize(
    "first, second, flat",
    [("a", "A", False), ("x/a", "y/a", True), ("가", "\u1100\u1161", False)],
    ids=["case", "flat", "composition"],
)
def test_name_that_comes_twice_is_refused(tmp_path, make, suffix, first, second, flat):
    archive = make(tmp_path / f"a{suffix}", {first: b"1", second: b"2"})
    with pytest.raises(DownloadError, match="refused: it holds .* twice"):
        unpack(archive, tmp_path / "out", flat=flat, quiet=True)


@MAKERS
def test_limits(tmp_path, make, suffix, monkeypatch):
    archive, out = make(tmp_path / f"a{suffix}"), tmp_path / "out"
    with pytest.raises(DownloadError, match="refused: it holds more than 2 files"):
        unpack(archive, out, max_members=2, quiet=True)
    with pytest.raises(
        DownloadError, match="unpacks to 70,001 bytes, more than the 70,000"
    ):
        unpack(archive, out, max_bytes=70000, quiet=True)
    usage = SimpleNamespace(free=70000)
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(DownloadError, match="has 70,000 free; make room"):
        unpack(archive, out, quiet=True)
    assert contents(tmp_path) == {archive.name: archive.read_bytes()}


@MAKERS
@pytest.mark.parametrize("damage", ["middle", "end", "everything"])
def test_damage_leaves_nothing(tmp_path, make, suffix, damage):
    noise = bytes(i * i % 251 for i in range(5000))
    archive = make(tmp_path / f"a{suffix}", {"a": noise, "b": noise[::-1]})
    data = bytearray(archive.read_bytes())
    if damage == "middle":
        data[len(data) // 3] ^= 0xFF
    archive.write_bytes(data[:-9] if damage == "end" else data)
    if damage == "everything":
        archive.write_bytes(b"no archive")
    with pytest.raises(DownloadError, match="cannot be unpacked .* download it again"):
        unpack(archive, tmp_path / "out", quiet=True)
    assert contents(tmp_path).keys() == {archive.name}


def test_other_suffix_is_refused(tmp_path):
    with pytest.raises(DownloadError, match="a.rar is neither .7z nor .zip"):
        unpack(tmp_path / "a.rar", tmp_path)


def test_missing_py7zr_says_what_to_install(tmp_path, monkeypatch):
    archive = make_7z(tmp_path / "a.7z")
    monkeypatch.setitem(sys.modules, "py7zr", None)
    with pytest.raises(DownloadError, match="pip install py7zr"):
        unpack(archive, tmp_path / "out")


@MAKERS
def test_bombs_are_refused_by_their_ratio(tmp_path, make, suffix, monkeypatch):
    monkeypatch.setattr(archives, "_SMALL", 1 << 16)
    archive = make(tmp_path / f"a{suffix}", {"a": bytes(1 << 20)})
    assert archive.stat().st_size < (1 << 20) / archives.MAX_RATIO
    with pytest.raises(DownloadError, match="unpacks to 1,048,576 bytes, more than"):
        unpack(archive, tmp_path / "out", quiet=True)
    assert not (tmp_path / "out").exists()
    whole = unpack(archive, tmp_path / "out", max_ratio=100_000, quiet=True)
    assert whole[0].stat().st_size == 1 << 20


def test_members_that_share_their_bytes_count_each(tmp_path):
    """A zip of which every entry of the directory points to the same data."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a00", bytes(1 << 20))
        info = archive.infolist()[0]
        for number in range(1, 40):
            copy = zipfile.ZipInfo(f"a{number:02}")
            for name in ("compress_type", "CRC", "compress_size", "file_size"):
                setattr(copy, name, getattr(info, name))
            copy.header_offset = info.header_offset
            archive.filelist.append(copy)
    with pytest.raises(DownloadError, match="unpacks to 41,943,040 bytes, more than"):
        unpack(path, tmp_path / "out", quiet=True)
