import csv
from pathlib import Path

import pytest

from tests.helpers.packing import FONT, make_shell
from utils.data.fetching.download_checks import DownloadError
from utils.data.fetching.packages import FONTS_TABLE, obtain_fonts, read_table

COLUMNS = "family package client file licence domain split style wrong_glyphs".split()
ROWS = [
    [
        "Pen",
        "@f/pen",
        "npm",
        "files/pen-400.woff2",
        "OFL",
        "handwriting",
        "train",
        "",
        "",
    ],
    ["Book", "fonts-book", "apt", "Book.ttf", "OFL", "printed", "val", "", "뢟쐛"],
    ["Maker", "-", "-", "Maker_R.*", "free", "handwriting", "val", "", "쏀"],
]


def write_table(path, rows=ROWS, columns=COLUMNS):
    lines = ["\t".join(line) for line in [columns, *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def shell(tmp_path, monkeypatch):
    return make_shell(tmp_path, monkeypatch)


def manifest(folder):
    with open(folder / "manifest.tsv", encoding="utf-8", newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file, delimiter="\t")}


def test_faces_are_placed_with_their_facts(tmp_path, shell):
    fonts, table = tmp_path / "fonts", write_table(tmp_path / "fonts.tsv")
    assert obtain_fonts(fonts, table, quiet=True) == (2, 2, [])
    pen, book = "handwriting/f-pen/pen-400.woff2", "printed/fonts-book/Book.ttf"
    assert (fonts / pen).read_bytes() == (fonts / book).read_bytes() == FONT
    rows = manifest(fonts)
    assert set(rows) == {pen, book}
    assert rows[book] == {
        "file": book,
        "family": "Book",
        "domain": "printed",
        "split": "val",
        "wrong_glyphs": "뢟쐛",
    }
    calls = shell.calls.read_text().splitlines()
    assert [call.split()[0] for call in calls] == ["npm", "apt-get"]
    assert calls[0].endswith("@f/pen") and calls[1].endswith("download fonts-book")


def test_second_call_asks_no_client(tmp_path, shell):
    fonts, table = tmp_path / "fonts", write_table(tmp_path / "fonts.tsv")
    obtain_fonts(fonts, table, quiet=True)
    shell.calls.unlink()
    assert obtain_fonts(fonts, table, quiet=True) == (2, 0, [])
    assert not shell.calls.exists() and len(manifest(fonts)) == 2


def test_users_own_files_keep_their_rows_and_get_the_facts(tmp_path, shell):
    fonts, table = tmp_path / "fonts", write_table(tmp_path / "fonts.tsv")
    (fonts / "mine").mkdir(parents=True)
    for name in ("Maker_R.otf", "Maker_R.txt", "Other.otf"):
        (fonts / "mine" / name).write_bytes(FONT)
    own = "file\tfamily\tdomain\tnote\nmine/Other.otf\tOther\tprinted\thers\n"
    (fonts / "manifest.tsv").write_text(own, encoding="utf-8-sig")  # as Excel has it
    obtain_fonts(fonts, table, quiet=True)
    rows = manifest(fonts)
    assert rows["mine/Other.otf"]["note"] == "hers"
    assert rows["mine/Maker_R.otf"]["split"] == "val"
    assert rows["mine/Maker_R.otf"]["wrong_glyphs"] == "쏀"
    assert "mine/Maker_R.txt" not in rows and len(rows) == 4


def test_missing_clients_say_what_to_install(tmp_path, shell):
    for name in ("npm", "apt-get"):
        (shell.tools / name).unlink()
    result = obtain_fonts(tmp_path / "fonts", write_table(tmp_path / "t"), quiet=True)
    reasons = dict(result.failures)
    assert "needs npm, which is missing: install Node.js" in reasons["@f/pen"]
    assert "needs apt-get, which is missing" in reasons["fonts-book"]
    assert result.faces == 0 and not (tmp_path / "fonts" / "manifest.tsv").exists()


def test_failure_is_named_and_the_rest_goes_on(tmp_path, shell):
    shell("npm", "echo 404 not found >&2; exit 3")
    result = obtain_fonts(tmp_path / "fonts", write_table(tmp_path / "t"), quiet=True)
    assert (result.faces, result.fetched) == (1, 1)
    ((package, reason),) = result.failures
    assert package == "@f/pen"
    assert "npm ended with status 3 (404 not found); see that the network" in reason


def test_face_that_left_its_package_is_named(tmp_path, shell):
    rows = [ROWS[0], [*ROWS[0][:3], "files/pen-900.woff2", *ROWS[0][4:]]]
    table = write_table(tmp_path / "t", rows)
    result = obtain_fonts(tmp_path / "fonts", table, quiet=True)
    assert (result.faces, result.fetched) == (1, 0)
    assert "@f/pen does not hold files/pen-900.woff2" in result.failures[0][1]


@pytest.mark.parametrize(
    "column, value, message",
    [
        ("client", "pip", "line 2: client is 'pip'; expected one of -, npm, apt"),
        ("domain", "print", "line 2: domain is 'print'; expected one of handwriting"),
        ("split", "test", "line 2: split is 'test'; expected one of train, val"),
        ("family", "", "line 2: family is ''."),
    ],
)
def test_table_that_is_not_in_order(tmp_path, column, value, message):
    row = list(ROWS[0])
    row[COLUMNS.index(column)] = value
    with pytest.raises(DownloadError, match=message):
        read_table(write_table(tmp_path / "t", [row]))


def test_missing_table(tmp_path):
    with pytest.raises(DownloadError, match="is missing; restore it"):
        read_table(tmp_path / "none.tsv")


def test_the_projects_table():
    rows = read_table(FONTS_TABLE)
    assert len(rows) == 131
    assert list(rows[0]) == COLUMNS
    splits = {}
    for row in rows:
        splits.setdefault(row["family"], set()).add(row["split"])
        assert (row["package"] == "-") == (row["client"] == "-")
        assert (row["client"] == "npm") == row["package"].startswith("@")
        assert row["licence"] and row["style"]
        assert ("*" in Path(row["file"]).name) == (row["client"] == "-")
    assert all(len(found) == 1 for found in splits.values())
    places = {(row["package"], row["file"]) for row in rows}
    assert len(places) == len(rows)


@pytest.mark.parametrize("data", [b"family\xff", b"a\tb\n" + b"x" * 200_000])
def test_table_that_is_none(tmp_path, data):
    (tmp_path / "fonts.tsv").write_bytes(data)
    with pytest.raises(DownloadError, match="fonts.tsv is no UTF-8 table"):
        read_table(tmp_path / "fonts.tsv")


def test_a_face_that_changed_is_not_taken(tmp_path, shell):
    fonts, table = tmp_path / "fonts", write_table(tmp_path / "fonts.tsv")
    obtain_fonts(fonts, table, quiet=True)
    book = fonts / "printed" / "fonts-book" / "Book.ttf"
    book.unlink()
    sums = book.with_name("SHA256SUMS")
    sums.write_text(sums.read_text().replace(sums.read_text()[:64], "0" * 64))
    ((package, reason),) = obtain_fonts(fonts, table, quiet=True).failures
    assert package == "fonts-book" and "Book.ttf has the SHA-256" in reason
    assert not book.exists()
