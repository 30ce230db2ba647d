import io
import unicodedata
import warnings
import zipfile

import numpy as np
import pytest
from PIL import Image

from utils.analysis import sources
from utils.analysis.sources import read_chunks, read_seen
from utils.config import ModelConfig
from utils.data.converting.tables import SourceError, decode, open_pictures
from utils.data.patches import PatchError, write_patch
from utils.inference.imaging import prepare
from utils.inference.looking import shrink


def picture(shift=0):
    image = np.full((40, 40), 255, np.uint8)
    image[8:30, 10 + shift : 14 + shift] = 0
    image[20:24, 6:32] = 0
    return image


def png(image):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "png")
    return buffer.getvalue()


TABLE = (
    "path\tlabel\tgroup\tset\n"
    "a/0.png\t가\twriter1\tphoto\n"
    "a/1.png\t나\twriter2\tphoto\n"
    "b/2.png\t힣\twriter1\tscan\n"
)
PICTURES = {
    f"{name}.png": png(picture(i)) for i, name in enumerate(["a/0", "a/1", "b/2"])
}


@pytest.fixture(params=["folder", "zip", "zip with a folder in it"])
def pack(request, tmp_path):
    """Returns a function that lays out files as a folder or as an archive."""

    def folder(files):
        for name, data in files.items():
            path = tmp_path / "data" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return tmp_path / "data"

    def archive(files):
        top = "" if request.param == "zip" else "top/"
        with zipfile.ZipFile(tmp_path / "data.zip", "w") as file:
            for name, data in files.items():
                file.writestr(top + name, data)
        return tmp_path / "data.zip"

    return folder if request.param == "folder" else archive


def files(table=TABLE, **changes):
    return PICTURES | {"labels.tsv": table.encode()} | changes


def test_pictures_come_by_set_and_prepared(pack):
    photo, scan = read_chunks(pack(files()), 32)
    assert (photo.source, scan.source) == ("photo", "scan")
    assert photo.labels.tolist() == ["가", "나"] and scan.labels.tolist() == ["힣"]
    assert photo.groups.tolist() == ["writer1", "writer2"]
    assert photo.images.shape == (2, 32, 32) and photo.images.dtype == np.uint8
    for i in range(2):
        np.testing.assert_array_equal(photo.images[i], prepare(picture(i), 32))
    assert photo.problems == scan.problems == {}


@pytest.mark.parametrize("first", [1.0, 0.7])
def test_pictures_come_in_the_size_of_the_first_look(pack, first):
    config = ModelConfig(image_size=32, first_look=first)
    path = pack(files())
    whole, seen = list(read_chunks(path, 32)), list(read_seen(path, config))
    assert len(whole) == len(seen) > 0
    for ours, theirs in zip(whole, seen, strict=True):
        expected = ours.images if first == 1 else shrink(ours.images, first)
        np.testing.assert_array_equal(theirs.images, expected)
        assert (theirs.source, theirs.problems) == (ours.source, ours.problems)
        assert (theirs.labels == ours.labels).all()


def test_set_and_group_may_be_left_out(pack):
    table = "\ufeffpath\tlabel\r\na/0.png\t가\r\na/1.png\t나\r\n"  # as Excel saves it
    (chunk,) = read_chunks(pack(files(table)), 32)
    assert chunk.source == "data"
    assert chunk.groups.tolist() == ["data", "data"]


def test_decomposed_labels_are_composed(pack):
    table = unicodedata.normalize("NFD", "path\tlabel\na/0.png\t각\n")
    assert next(read_chunks(pack(files(table)), 32)).labels.tolist() == ["각"]


def test_what_cannot_be_prepared_stays_as_a_blank_with_its_name(pack):
    blank = png(np.full((30, 30), 255, np.uint8))
    damaged = {"a/0.png": b"no picture", "b/2.png": blank}
    table = TABLE + "c/3.png\t다\twriter1\tscan\n"
    photo, scan = read_chunks(pack(files(table, **damaged)), 32)
    assert len(photo.labels) == len(scan.labels) == 2
    assert list(photo.problems) == [0] and list(scan.problems) == [0, 1]
    assert (photo.images[0] == 255).all() and (photo.images[1] < 255).any()
    assert photo.problems[0].startswith("a/0.png: 10 bytes: not a picture")
    assert "b/2.png: The picture holds no ink" in scan.problems[0]
    assert scan.problems[1] == "c/3.png: there is no such file."


def test_large_member_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("utils.data.converting.picture_files._MAX_BYTES", 50)
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as file:
        for name, data in files().items():
            file.writestr(name, data)
    chunk = next(read_chunks(tmp_path / "data.zip", 32))
    assert "expected 50 at most" in chunk.problems[0]


def test_damaged_member_is_a_problem_and_not_the_end(tmp_path):
    path = tmp_path / "data.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, data in files().items():
            file.writestr(name, data)
    data = path.read_bytes()
    path.write_bytes(data.replace(PICTURES["a/1.png"][-40:], b"x" * 40, 1))
    photo, _ = read_chunks(path, 32)
    assert list(photo.problems) == [1] and "Bad CRC" in photo.problems[1]


def test_decode_raises_what_the_chunk_reports(tmp_path):
    (tmp_path / "labels.tsv").write_text(TABLE, encoding="utf-8")
    with open_pictures(tmp_path) as (sets, read):
        assert list(sets) == ["photo", "scan"]
        with pytest.raises(ValueError, match="there is no such file"):
            decode(read, "a/0.png")
        with pytest.raises(ValueError, match="6 bytes: not a picture"):
            decode(lambda name: b"GIF89a", "a/0.png")


@pytest.mark.parametrize(
    "table, message",
    [
        ("path\tlabel\n", "lists no picture"),
        ("path\tlabel\na/0.png\tab\n", "line 2: the label 'ab' is no Hangul syllable"),
        ("path\tlabel\na/0.png\t가\na/1.png\t\n", "line 3: no label"),
        ("file\tlabel\na/0.png\t가\n", "has no column path; its first line is"),
        ("path,label\na/0.png,가\n", "no column path and no column label; .* a tab"),
        (
            "path\tlabel\n../secret.png\t가\n",
            "line 2: '../secret.png' leaves the folder",
        ),
        ("path\tlabel\n/etc/secret.png\t가\n", "'/etc/secret.png' leaves the folder"),
    ],
)
def test_table_out_of_order_is_an_error(pack, table, message):
    with pytest.raises(SourceError, match=message):
        list(read_chunks(pack(files(table)), 32))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp949"])
def test_tables_as_excel_saves_them(pack, encoding):
    chunks = read_chunks(pack(PICTURES | {"labels.tsv": TABLE.encode(encoding)}), 32)
    assert [chunk.labels.tolist() for chunk in chunks] == [["가", "나"], ["힣"]]


def test_table_must_be_text(pack):
    with pytest.raises(SourceError, match="is no table of text .*save it as UTF-8"):
        list(read_chunks(pack({"labels.tsv": TABLE.encode("utf-32-be")}), 32))
    with pytest.raises(SourceError, match="save it as UTF-8"):
        list(read_chunks(pack({"labels.tsv": b"path\tlabel\n\xff\xff\xff"}), 32))


def test_a_picture_has_one_label(pack):
    table = "path\tlabel\na/0.png\t가\na/1.png\t나\na/0.png\t다\n"
    with pytest.raises(SourceError, match="line 4: a/0.png is 다, and 가 in line 2"):
        list(read_chunks(pack(files(table)), 32))


@pytest.mark.parametrize("encoding", ["cp949", "utf-8"])
def test_names_of_archives_that_do_not_tell_their_encoding(tmp_path, encoding):
    """As Korean Windows, and a Mac, write them: bytes without the flag of UTF-8."""
    table = "path\tlabel\n글자/한.png\t한\nb/2.png\t힣\n".encode()
    buffer, name = io.BytesIO(), "글자/한.png".encode(encoding)
    stand_in = "x" * len(name)
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("labels.tsv", table)
        file.writestr(stand_in, png(picture(3)))
        file.writestr("b/2.png", png(picture(1)))
    path = tmp_path / "korean.zip"
    path.write_bytes(buffer.getvalue().replace(stand_in.encode(), name))
    (chunk,) = read_chunks(path, 32)
    assert chunk.problems == {} and chunk.labels.tolist() == ["한", "힣"]
    np.testing.assert_array_equal(chunk.images[0], prepare(picture(3), 32))


@pytest.mark.parametrize(
    ("names", "message"),
    [([], "holds no labels"), (["labels.tsv", "x/labels.tsv"], "holds 2 files labels")],
)
def test_archive_must_hold_one_table(tmp_path, names, message):
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as file:
        for name in ["other.txt", *names]:
            file.writestr(name, TABLE)
    with pytest.raises(SourceError, match=message):
        list(read_chunks(tmp_path / "data.zip", 32))


def test_damaged_archive_is_an_error(tmp_path):
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as file:
        file.writestr("labels.tsv", TABLE)
    data = (tmp_path / "data.zip").read_bytes()
    (tmp_path / "data.zip").write_bytes(data.replace("가".encode(), "나".encode(), 1))
    with pytest.raises(SourceError, match="data.zip cannot be read .*CRC"):
        list(read_chunks(tmp_path / "data.zip", 32))


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("x")])
def test_path_of_another_kind_is_an_error(tmp_path, make):
    make(tmp_path / "data.bin")
    with pytest.raises(SourceError, match="data.bin is neither a folder nor a zip"):
        list(read_chunks(tmp_path / "data.bin", 32))


def test_folder_of_neither_kind_is_an_error(tmp_path):
    (tmp_path / "a.png").write_bytes(png(picture()))
    with pytest.raises(SourceError, match="neither labelled pictures.*nor patches"):
        list(read_chunks(tmp_path, 32))
    (tmp_path / "other.pickle").write_bytes(b"")
    with pytest.raises(PatchError, match="holds no patches"):
        list(read_chunks(tmp_path, 32))


def test_a_picture_that_is_listed_twice_counts_once(pack):
    table = "path\tlabel\na/0.png\t가\na/1.png\t나\na/0.png\t가\n"
    (chunk,) = read_chunks(pack(files(table)), 32)
    assert chunk.labels.tolist() == ["가", "나"]


def test_columns_that_nothing_reads_are_told_where_one_may_tell_writers(pack):
    table = "Path\tLABEL \twriter\tpage\na/0.png\t가\tkim\t3\n"
    with pytest.warns(UserWarning, match="the column writer, page; a writer or family"):
        (chunk,) = read_chunks(pack(files(table)), 32)
    assert chunk.labels.tolist() == ["가"] and chunk.groups.tolist() == ["data"]
    table = "path\tlabel\tGroup\tpage\na/0.png\t가\tkim\t3\n"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (chunk,) = read_chunks(pack(files(table)), 32)
    assert chunk.groups.tolist() == ["kim"]


def write_patches(folder, source, sizes):
    """Writes patches whose families number their pictures through."""
    start = 0
    for number, rows in enumerate(sizes):
        images = np.stack([picture(i % 4) for i in range(rows)])
        families = [f"f{i}" for i in range(start, start + rows)]
        path = folder / f"{source}_{number}.pickle"
        write_patch(path, images, ["각"] * rows, families)
        start += rows


def test_patches_come_by_source_and_prepared(tmp_path):
    write_patches(tmp_path, "printed", [3, 2])
    write_patches(tmp_path, "handwritten", [4])
    chunks = list(read_chunks(tmp_path, 24))
    assert [chunk.source for chunk in chunks] == ["handwritten", "printed", "printed"]
    assert chunks[1].groups.tolist() == ["f0", "f1", "f2"]
    assert chunks[2].groups.tolist() == ["f3", "f4"]
    for i in range(4):
        np.testing.assert_array_equal(chunks[0].images[i], prepare(picture(i), 24))


def test_blank_picture_of_a_patch_is_named(tmp_path):
    images = np.stack([picture(), np.full((40, 40), 255, np.uint8)])
    write_patch(tmp_path / "printed_0.pickle", images, ["가", "나"])
    (chunk,) = read_chunks(tmp_path, 24)
    assert list(chunk.problems) == [1]
    assert "printed_0.pickle, row 1: The picture holds no ink" in chunk.problems[1]


def test_chunks_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "_CHUNK", 3)
    write_patches(tmp_path, "printed", [7])
    chunks = list(read_chunks(tmp_path, 24))
    assert [len(chunk.labels) for chunk in chunks] == [3, 3, 1]
    names = [name for chunk in chunks for name in chunk.groups.tolist()]
    assert names == [f"f{i}" for i in range(7)]


@pytest.mark.parametrize(
    "sizes, count, expected",
    [
        ([4, 4], 3, ["f0", "f4", "f6"]),
        ([2, 2, 2, 2], 2, ["f2", "f6"]),
        ([4, 4], 50, [f"f{i}" for i in range(8)]),
    ],
)
def test_max_images_spreads_over_the_patches(tmp_path, sizes, count, expected):
    write_patches(tmp_path, "printed", sizes)
    chunks = read_chunks(tmp_path, 24, count)
    assert [name for chunk in chunks for name in chunk.groups] == expected


def test_max_images_spreads_over_a_table(pack):
    table = "path\tlabel\tgroup\n" + "".join(f"a/0.png\t가\tw{i}\n" for i in range(10))
    (chunk,) = read_chunks(pack(files(table)), 32, 5)
    assert chunk.groups.tolist() == ["w0", "w2", "w4", "w6", "w8"]


@pytest.mark.parametrize(
    ("listed", "there"),
    [
        ("a/한.png", unicodedata.normalize("NFD", "a/한.png")),
        (unicodedata.normalize("NFD", "a/한.png"), "a/한.png"),
        ("a\\한.png", "a/한.png"),
        ("a\\b.png", "a\\b.png"),
    ],
)
def test_names_as_other_systems_spell_them(pack, listed, there):
    path = pack(
        {there: png(picture()), "labels.tsv": f"path\tlabel\n{listed}\t한\n".encode()}
    )
    (chunk,) = read_chunks(path, 24)
    assert not chunk.problems and (chunk.images[0] == prepare(picture(), 24)).all()


@pytest.mark.parametrize(
    "place",
    [
        "..\\x.png",
        "/x.png",
        "\\x.png",
        "C:/Users/x.png",
        "C:x.png",
        "\\\\host\\share\\x",
    ],
)
def test_no_path_leads_out_of_the_folder_on_any_system(pack, place):
    path = pack({"labels.tsv": f"path\tlabel\n{place}\t한\n".encode()})
    with pytest.raises(SourceError, match="leaves the folder"):
        list(read_chunks(path, 24))


@pytest.mark.parametrize("name", ["12:30.png", "가:1.png", "img\\1.png"])
def test_a_colon_is_no_drive(pack, name):
    path = pack({"labels.tsv": f"path\tlabel\n{name}\t한\n".encode()})
    (chunk,) = read_chunks(path, 24)
    assert "there is no such file" in str(chunk.problems[0])


def test_a_group_that_no_patch_takes_is_named_by_its_line(pack):
    table = "path\tlabel\tgroup\na.png\t한\t김\nb.png\t글\t" + "가" * 257
    with pytest.raises(SourceError, match="line 3: the group has 257 characters"):
        list(read_chunks(pack({"labels.tsv": table.encode()}), 24))


@pytest.mark.parametrize(
    ("last", "message"),
    [
        (
            '"a\nb/2.png\t힣\t"',
            "line 2: a quotation mark makes several lines",
        ),
        (
            '"a\nb/2.png\t힣\tb',
            "labels.tsv is no table of text .*unexpected end of data",
        ),
    ],
)
def test_a_quotation_mark_swallows_no_row(pack, last, message):
    table = f"path\tlabel\tgroup\na/0.png\t가\t{last}\n".encode()
    with pytest.raises(SourceError, match=message):
        list(read_chunks(pack({"labels.tsv": table, **PICTURES}), 24))


def test_quoted_values_are_read_as_pandas_writes_them(pack):
    table = 'path\tlabel\tgroup\na/0.png\t가\t"the ""old"" one"\n'.encode()
    (chunk,) = read_chunks(pack({"labels.tsv": table, **PICTURES}), 24)
    assert chunk.groups.tolist() == ['the "old" one']


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_tables_of_one_name_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as file:
        file.writestr("labels.tsv", TABLE)
        file.writestr("labels.tsv", TABLE)
    with pytest.raises(SourceError, match="holds 2 files labels.tsv; expected one"):
        list(read_chunks(tmp_path / "data.zip", 32))


@pytest.fixture
def by_syllable(tmp_path):
    """Pictures in folders that are called as their syllables, and a .zip of them."""
    files = {
        "한/1.png": picture(1),
        "한/2.JPG": picture(2),
        unicodedata.normalize("NFD", "글") + "/1.png": picture(3),
        "김/뷁/1.png": picture(4),
        "한/._1.png": None,
        "한/note.txt": None,
        "others/5.png": picture(5),
    }
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        for name, image in files.items():
            data = b"" if image is None else png(image)
            path = tmp_path / "mine" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            archive.writestr(name, data)
    return tmp_path


@pytest.mark.parametrize("name", ["mine", "mine.zip"])
def test_folders_may_be_called_as_their_syllables(by_syllable, name):
    (chunk,) = read_chunks(by_syllable / name, 32)
    assert chunk.source == "mine" and chunk.problems == {}
    found = dict(zip(chunk.labels.tolist(), chunk.groups.tolist(), strict=True))
    assert sorted(chunk.labels) == sorted("한한글뷁")
    assert found == {"한": "mine", "글": "mine", "뷁": "김"}
    (place,) = np.flatnonzero(chunk.labels == "뷁")
    np.testing.assert_array_equal(chunk.images[place], prepare(picture(4), 32))


def test_patches_and_tables_go_before_folders_of_syllables(by_syllable):
    folder = by_syllable / "mine"
    write_patch(folder / "printed_0.pickle", picture()[None], ["가"])
    assert [chunk.source for chunk in read_chunks(folder, 32)] == ["printed"]
    (folder / "labels.tsv").write_text("path\tlabel\n한/1.png\t힣\n", "utf-8")
    (chunk,) = read_chunks(folder, 32)
    assert chunk.labels.tolist() == ["힣"]


def test_without_labels_it_is_said_how_to_give_them(tmp_path):
    (tmp_path / "mine").mkdir()
    with (
        pytest.raises(SourceError, match=r"no labels.tsv; .* or folders .*한/1\.png"),
        open_pictures(tmp_path / "mine"),
    ):
        pass


def test_texts_are_labels_only_of_lines(pack):
    path = pack(files("path\tlabel\na/0.png\t한글 두 줄\n"))
    with pytest.raises(SourceError, match="no Hangul syllable. Texts are for lines"):
        list(read_chunks(path, 32))
    with open_pictures(path, texts=True) as (sets, _):
        ((row,),) = sets.values()
    assert row["label"] == "한글 두 줄"


@pytest.mark.parametrize("listed", ["éà1.png", "img/2.png"])
def test_names_of_archives_that_are_what_they_say(tmp_path, listed):
    """In code page 437, whose accents are Hangul in CP949; and with a backslash."""
    table = f"path\tlabel\n{listed}\t한\n".encode()
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("labels.tsv", table)
        file.writestr("xx1.png", png(picture(3)))
        file.writestr("img?2.png", png(picture(3)))
    data = (tmp_path / "a.zip").read_bytes().replace(b"xx1", "éà1".encode("cp437"))
    (tmp_path / "a.zip").write_bytes(data.replace(b"img?2", b"img\\2"))
    (chunk,) = read_chunks(tmp_path / "a.zip", 32)
    assert chunk.problems == {}
    np.testing.assert_array_equal(chunk.images[0], prepare(picture(3), 32))
