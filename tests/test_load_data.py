import re
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import py7zr
import pytest

import load_data
from utils.data.patches import write_patch


def write_archive(path, sources, folder):
    """Packs two tiny patches of each source below a folder of the archive."""
    names = []
    for source in sources:
        for number in range(2):
            names.append(f"{source}_{number}.pickle")
            images = np.full((3, 8, 8), number, np.uint8)
            write_patch(path.parent / names[-1], images, list("가나다"))
    kinds = {".7z": py7zr.SevenZipFile, ".zip": zipfile.ZipFile}
    with kinds[path.suffix](path, "w") as archive:
        for name in names:
            archive.write(path.parent / name, folder + name)
            (path.parent / name).unlink()


@pytest.fixture
def drive(tmp_path, monkeypatch):
    """Stands in for gdown: a dict of id -> file; empty, it is unreachable."""
    files = {}

    def download(id, output, **options):
        if id not in files:
            raise OSError("Max retries\nexceeded")
        Path(output).write_bytes(files[id].read_bytes())

    errors = SimpleNamespace(DownloadError=KeyError)
    module = SimpleNamespace(download=download, exceptions=errors)
    monkeypatch.setitem(sys.modules, "gdown", module)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drive").mkdir()
    for name, id in load_data.DRIVE_IDS.items():
        files[id] = tmp_path / "drive" / name
        sources = ["clova", "printed"] if name.startswith("data") else ["handwritten"]
        write_archive(files[id], sources, name.split(".")[0] + "/")
    return files


@pytest.mark.parametrize("flags", [[], ["--sevenzip=false"]], ids=["7z", "zip"])
def test_patches_lie_in_the_two_folders(drive, tmp_path, flags, capsys):
    assert load_data.main(flags) == 0
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == [
        "clova_0.pickle",
        "clova_1.pickle",
        "printed_0.pickle",
        "printed_1.pickle",
    ]
    assert len(list((tmp_path / "val_data").iterdir())) == 2
    suffix = ".zip" if flags else ".7z"
    kept = {p.name for p in tmp_path.iterdir() if p.is_file()}
    assert kept == {f"data{suffix}", f"val_data{suffix}", "SHA256SUMS"}
    said = capsys.readouterr().out
    assert re.search(r"\./data: 4 patches \(2 clova, 2 printed\), 0\.00 GB", said)
    assert re.search(r"\./val_data: 2 patches \(2 handwritten\)", said)


def test_other_folders(drive, tmp_path):
    flags = [f"--data_path={tmp_path}/t/a", f"--val_data_path={tmp_path}/v/b"]
    assert load_data.main(flags) == 0
    assert (tmp_path / "t" / "a" / "clova_0.pickle").is_file()
    assert (tmp_path / "v" / "b" / "handwritten_0.pickle").is_file()


def test_second_run_fetches_nothing(drive, capsys):
    assert load_data.main([]) == 0
    drive.clear()
    assert load_data.main([]) == 0
    assert capsys.readouterr().out.count("./data: 4 patches") == 2


def test_unreachable_drive_is_one_line_and_status_1(drive, capsys):
    drive.clear()
    assert load_data.main([]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert re.fullmatch(r"load_data: data\.7z .*cannot be reached.*\n", captured.err)


def test_damaged_archive_is_status_1_and_leaves_no_patch(drive, tmp_path, capsys):
    archive = drive[load_data.DRIVE_IDS["data.7z"]]
    archive.write_bytes(archive.read_bytes()[:-20])
    assert load_data.main([]) == 1
    assert "cannot be unpacked" in capsys.readouterr().err
    assert not list((tmp_path).glob("data/*"))


def test_archive_of_other_things_is_status_1(drive, tmp_path, capsys):
    with zipfile.ZipFile(drive[load_data.DRIVE_IDS["data.zip"]], "w") as archive:
        archive.writestr("clova_0.pickle", b"no pickle")
    assert load_data.main(["--sevenzip=false"]) == 1
    assert "clova_0.pickle: not a readable patch" in capsys.readouterr().err


def test_one_folder_for_both_is_refused(capsys):
    with pytest.raises(SystemExit) as exit:
        load_data.main(["--data_path=a", "--val_data_path=./a"])
    assert exit.value.code == 2
    assert "need a folder each" in capsys.readouterr().err


def test_ids_are_the_published_ones():
    assert load_data.DRIVE_IDS == {
        "data.7z": "1-I3BtCzYE7swpKERGygRhlMnim2xX0_2",
        "val_data.7z": "17NusZQw2RKpBIvCKp6hW6RuJKY43SWqz",
        "data.zip": "1HBu43eBO-vXJsJp8crEp_Iih3_U7QSR2",
        "val_data.zip": "1WOP_sQsu4vXCY739VGgiWIbHyOozcjHw",
    }
