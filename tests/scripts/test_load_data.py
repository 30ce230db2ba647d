import json
import re
import shutil
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import py7zr
import pytest
from PIL import Image

import load_data
from tests.helpers.hangul_sets import make_hanguldb, make_phd08
from utils.data.patches import read_patch, write_patch
from utils.inference.imaging import prepare


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


def test_published_sets_become_patches(tmp_path, capsys):
    make_hanguldb(tmp_path / "db")
    make_phd08(tmp_path / "phd")
    folders = [f"--data_path={tmp_path}/data", f"--val_data_path={tmp_path}/val"]
    folders += ["--image_size=16", "--workers=1"]
    flags = ["--dataset=pe92", f"--dataset_path={tmp_path}/db", "--drop_last=1"]
    assert load_data.main([*flags, *folders]) == 1  # its flat grey holds no ink
    assert "PE92: 0 training and 0 validation" in capsys.readouterr().out
    skipped = (tmp_path / "data" / "skipped_pe92.txt").read_text().splitlines()
    assert len(skipped) == 36 and "NoInkError" in skipped[0]
    flags = ["--dataset=phd08", f"--dataset_path={tmp_path}/phd", "--val_ratio=0.5"]
    assert load_data.main([*flags, *folders]) == 0
    assert "PHD08: 12 training and 12 validation" in capsys.readouterr().out
    patch = read_patch(tmp_path / "val" / "phd08_0.pickle")
    assert patch.images.shape == (12, 16, 16) and patch.images.min() == 0


def make_pictures(folder, writers):
    """Writes a picture of each syllable for each of some writers, and the table."""
    (folder / "pictures").mkdir(parents=True)
    lines = ["path\tlabel\tgroup"]
    for writer in writers:
        for place, syllable in enumerate("가나다라마"):
            image = np.full((30, 20), 200, np.uint8)
            image[5:25, 4 + place : 9 + place] = 10
            Image.fromarray(image).save(folder / f"pictures/{writer}{place}.png")
            lines.append(f"pictures/{writer}{place}.png\t{syllable}\t{writer}")
    lines.append("pictures/none.png\t바\ta")
    (folder / "labels.tsv").write_text("\n".join(lines), encoding="utf-8")


def write_twice(folder, convert):
    """Returns when the patch was written, after one conversion and after another."""
    for _ in range(2):
        convert()
        yield (folder / "pictures_0.pickle").stat().st_mtime_ns


@pytest.mark.parametrize("packed", [False, True])
def test_own_pictures_become_patches_split_by_writer(tmp_path, packed, capsys):
    make_pictures(tmp_path / "mine", "abcd")
    path = tmp_path / "mine"
    if packed:
        path = shutil.make_archive(str(path), "zip", path)
    flags = ["--dataset=pictures", f"--dataset_path={path}", "--val_ratio=0.3"]
    flags += [f"--data_path={tmp_path}/data", f"--val_data_path={tmp_path}/val"]
    assert load_data.main([*flags, "--image_size=24", "--workers=1"]) == 0
    told = capsys.readouterr().out
    skipped = (tmp_path / "data" / "skipped_pictures.txt").read_text()
    assert "none.png" in skipped and "1 of 4 groups for validation: " in told
    train = read_patch(tmp_path / "data" / "pictures_0.pickle")
    val = read_patch(tmp_path / "val" / "pictures_0.pickle")
    assert len(train.labels) == 15 and len(val.labels) == 5
    assert set(train.families) | set(val.families) == set("abcd")
    assert not set(train.families) & set(val.families)
    for image, label in zip(val.images, val.labels, strict=True):
        picture = Image.open(
            tmp_path / f"mine/pictures/{val.families[0]}{'가나다라마'.index(label)}.png"
        )
        np.testing.assert_array_equal(image, prepare(picture, 24))


def own(tmp_path, *flags):
    paths = [f"--data_path={tmp_path}/data", f"--val_data_path={tmp_path}/val"]
    paths += [f"--dataset_path={tmp_path}/mine", "--val_ratio=0", "--workers=1"]
    status = load_data.main(["--dataset=pictures", "--image_size=24", *paths, *flags])
    path = tmp_path / "data" / "pictures_0.pickle"
    return status, read_patch(path) if path.exists() else None


def test_pictures_and_groups_that_changed_are_converted_anew(tmp_path):
    make_pictures(tmp_path / "mine", "ab")
    _, before = own(tmp_path)
    image = np.full((30, 20), 255, np.uint8)
    image[10:20] = 0
    Image.fromarray(image).save(tmp_path / "mine/pictures/a2.png")
    table = tmp_path / "mine" / "labels.tsv"
    table.write_text(table.read_text("utf-8").replace("\tb\n", "\tc\n"), "utf-8")
    _, after = own(tmp_path)
    changed = (after.images != before.images).any(axis=(1, 2))
    (place,) = np.flatnonzero(changed)
    assert (after.families[place], after.labels[place]) == ("a", "다")
    np.testing.assert_array_equal(after.images[place], prepare(image, 24))
    assert set(before.families) == set("ab") and set(after.families) == set("ac")


def test_pictures_that_are_as_they_were_are_not_converted_again(tmp_path):
    make_pictures(tmp_path / "mine", "ab")
    (tmp_path / "mine" / "pictures" / "none.png").write_bytes(
        (tmp_path / "mine" / "pictures" / "a0.png").read_bytes()
    )
    first, second = write_twice(tmp_path / "data", lambda: own(tmp_path))
    assert first == second


def test_what_was_skipped_is_forgotten_when_it_is_mended(tmp_path):
    make_pictures(tmp_path / "mine", "a")
    own(tmp_path)
    assert (tmp_path / "data" / "skipped_pictures.txt").exists()
    image = np.full((30, 20), 255, np.uint8)
    image[5:25, 9:12] = 0
    Image.fromarray(image).save(tmp_path / "mine" / "pictures" / "none.png")
    _, patch = own(tmp_path)
    assert "바" in patch.labels
    assert not (tmp_path / "data" / "skipped_pictures.txt").exists()


def test_several_sets_lie_in_one_folder(tmp_path):
    make_pictures(tmp_path / "mine", "a")
    assert own(tmp_path)[0] == own(tmp_path, "--source=my_hand")[0] == 0
    names = sorted(path.name for path in (tmp_path / "data").glob("*.pickle"))
    assert names == ["my_hand_0.pickle", "pictures_0.pickle"]


def test_no_picture_that_can_be_read_is_status_1(tmp_path, capsys):
    make_pictures(tmp_path / "mine", "")
    assert own(tmp_path) == (1, None)
    assert "0 training and 0 validation pictures" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_own_pictures_without_a_table_are_one_line_and_status_1(tmp_path, name, capsys):
    flags = ["--dataset=pictures", f"--dataset_path={tmp_path / name}"]
    assert load_data.main(flags) == 1
    (line,) = capsys.readouterr().err.splitlines()
    reason = (
        "is not there; give a folder or a .zip"
        if name
        else "holds no labels.tsv; expected a table"
    )
    assert line.startswith(f"load_data: {tmp_path / name} ") and reason in line


@pytest.mark.parametrize(
    ("writers", "ratio", "held"),
    [("ab", "0.1", "b"), ("abc", "0.2", "b|c"), ("abcde", "0.4", "..")],
)
def test_writers_are_learnt_from_or_validated_on(
    tmp_path, capsys, writers, ratio, held
):
    make_pictures(tmp_path / "mine", writers)  # of a, one more is listed
    flags = ["--dataset=pictures", f"--dataset_path={tmp_path}/mine", "--workers=1"]
    flags += [f"--data_path={tmp_path}/data", f"--val_data_path={tmp_path}/val"]
    assert load_data.main([*flags, f"--val_ratio={ratio}"]) == 0
    train, val = (
        set(read_patch(tmp_path / name / "pictures_0.pickle").families)
        for name in ("data", "val")
    )
    assert not train & val and train | val == set(writers)
    assert re.fullmatch(held, "".join(sorted(val)))
    groups = f"{len(val)} of {len(writers)} groups for validation"
    assert groups in capsys.readouterr().out


def test_a_single_writer_is_split_by_picture(tmp_path, capsys):
    make_pictures(tmp_path / "mine", "a")
    flags = ["--dataset=pictures", f"--dataset_path={tmp_path}/mine"]
    flags += [f"--data_path={tmp_path}/data", f"--val_data_path={tmp_path}/val"]
    flags += ["--val_ratio=0.4", "--images_per_syllable=1", "--workers=1"]
    assert load_data.main(flags) == 0
    assert "split by picture: " in capsys.readouterr().out
    found = [
        label
        for folder in ("data", "val")
        for label in read_patch(tmp_path / folder / "pictures_0.pickle").labels
    ]
    assert sorted(found) == list("가나다라마")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--drop_last=2"], "drop_last=2 is for the sets of HangulDB"),
        (["--dataset=pe92", "--val_ratio=0.2"], "val_ratio=0.2 splits phd08 and pic"),
        (["--images_per_syllable=9"], "is for dataset; set dataset"),
        (["--dataset_path=d"], "dataset_path='d' is for dataset"),
        (["--seed=3"], "seed=3 is for dataset; set dataset"),
        (["--dataset=pe92", "--sevenzip=false"], "dataset=pe92 is converted"),
        (["--source=mine"], "source='mine' is for dataset=pictures"),
        (["--dataset=pictures", "--source=가"], "expected letters (a-z), digits"),
        (["--dataset=pictures", "--source=phd08"], "none of printed, phd08, written"),
        (["--val_data_path="], "has an empty name"),
        (["--data_path="], "has an empty name"),
        (["--dataset=etl9"], "choose from: '', pe92, seri95a, handb, phd08"),
    ],
)
def test_options_that_would_be_ignored(flags, message, capsys):
    with pytest.raises(SystemExit):
        load_data.main(flags)
    assert message in " ".join(capsys.readouterr().err.split())


def test_absent_set_is_one_line_and_status_1(tmp_path, capsys):
    assert load_data.main(["--dataset=handb", f"--dataset_path={tmp_path}"]) == 1
    assert "holds no training files of HanDB" in capsys.readouterr().err


def test_the_first_picture_may_change_as_well(tmp_path):
    make_pictures(tmp_path / "mine", "a")
    own(tmp_path)
    for place in range(5):
        image = np.full((30, 20), 255, np.uint8)
        image[10 + place : 20] = 0
        Image.fromarray(image).save(tmp_path / "mine" / "pictures" / f"a{place}.png")
    status, patch = own(tmp_path)
    assert status == 0
    for shown, label in zip(patch.images, patch.labels, strict=True):
        path = tmp_path / "mine" / "pictures" / f"a{'가나다라마'.index(label)}.png"
        np.testing.assert_array_equal(shown, prepare(Image.open(path), 24))


def test_a_plan_of_before_goes_on(tmp_path):
    """Of a version that recorded a digest with the first picture, and no marks."""
    make_pictures(tmp_path / "mine", "a")
    own(tmp_path)
    patch = tmp_path / "data" / "pictures_0.pickle"
    rows = [f"mine/pictures/a{i}.png" for i in range(5)] + ["mine/pictures/none.png"]
    labels = dict(zip(rows, "가나다라마바", strict=True))
    order = sorted(rows, key=lambda id: sha256(f"0/pictures/{id}".encode()).digest())
    first = next(id for id in order if "none" not in id)
    shown = prepare(Image.open(tmp_path / first), 24)
    plan = [(patch.name, [(id, labels[id]) for id in order])]
    digest = sha256(repr((shown.shape, plan)).encode())
    digest.update(shown.tobytes())
    marker = patch.with_name(".pictures.plan.json")
    marker.write_text(json.dumps({"plan": digest.hexdigest()}))
    assert own(tmp_path)[0] == 0
    assert set(json.loads(marker.read_text())) == {"plan", "marks"}
    marker.write_text(json.dumps({"plan": "0" * 64}))
    assert own(tmp_path)[0] == 1
