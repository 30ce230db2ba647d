"""Full disks, read-only folders, unreadable files: a clear line, and nothing lost."""

import errno
import os
import subprocess
import zipfile

import numpy as np
import pytest

import crawl_data
from tests.helpers import serving
from utils.data.download import fetch
from utils.data.fetching.archives import unpack
from utils.data.patches import read_patch, write_patch

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 64, 64)).astype(np.uint8)
LABELS = ["가"] * 40


@pytest.fixture
def mount(tmp_path):
    """A function that mounts a small disk of its own and remounts it read-only."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def run(*options):
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "disk", folder]
        if subprocess.run(command, capture_output=True).returncode:
            pytest.skip("mounting is not permitted here")
        return folder

    yield run
    while subprocess.run(["umount", folder], capture_output=True).returncode == 0:
        pass


def test_full_disk_keeps_the_old_file(mount):
    folder = mount("size=300k")
    path = folder / "printed_0.pickle"
    write_patch(path, IMAGES, LABELS)
    with pytest.raises(OSError, match="No space left on device.*printed_0.pickle"):
        write_patch(path, np.concatenate([IMAGES] * 2), LABELS * 2)
    assert os.listdir(folder) == ["printed_0.pickle"]
    np.testing.assert_array_equal(read_patch(path).images, IMAGES)


def test_full_disk_leaves_a_download_to_go_on_with(mount):
    folder, data = mount("size=300k"), b"OTTO" + bytes(range(256)) * 2000
    with serving.serve({"a": (data, serving.HONEST)}) as server:
        with pytest.raises(OSError, match="No space left on device.*a.part") as raised:
            fetch(f"{server.address}/a", folder / "a", quiet=True)
        assert raised.value.errno == errno.ENOSPC
        assert 0 < (folder / "a.part").stat().st_size < len(data)
        subprocess.run(["mount", "-o", "remount,size=2m", folder], check=True)
        fetch(f"{server.address}/a", folder / "a", quiet=True)
    assert (folder / "a").read_bytes() == data
    assert server.requests[-1][1]["Range"] != "bytes=0-"


def test_disk_that_fills_while_unpacking(mount, tmp_path, monkeypatch):
    folder = mount("size=300k")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a", os.urandom(500_000))
    monkeypatch.setattr("utils.data.fetching.archives._check_space", lambda *_: None)
    with pytest.raises(OSError, match="No space left on device"):
        unpack(tmp_path / "a.zip", folder / "out", quiet=True)
    assert os.listdir(folder) == []


def test_read_only_folder_is_named(mount, fonts, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = mount("size=300k")
    mount("remount,ro")
    for argv in (
        [f"--font_path={fonts}", f"--pickle_path={folder}/data", "--workers=1"],
        [f"--font_path={fonts}", f"--val_path={folder}", "--workers=1"],
    ):
        flags = [*argv, "--charset=가나", "--image_size=16", "--val_ratio=0.5"]
        assert crawl_data.main(flags) == 1
        said = capsys.readouterr().err.splitlines()[-1]
        assert said.startswith("crawl_data.py: ") and "Read-only file system" in said
        assert str(folder) in said


def test_unreadable_file_is_named(tmp_path):
    path = tmp_path / "printed_0.pickle"
    path.mkdir()  # what even root cannot read
    with pytest.raises(OSError, match="Is a directory.*printed_0.pickle"):
        read_patch(path)
    path.rmdir()
    write_patch(path, IMAGES, LABELS)
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user reads every file")
    with pytest.raises(OSError, match="Permission denied.*printed_0.pickle"):
        read_patch(path)
