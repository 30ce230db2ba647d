import csv

import numpy as np
import pytest

from utils.analysis.report import (
    Percent,
    display_width,
    file_name,
    format_table,
    write_csv,
)


@pytest.mark.parametrize(
    "text, width",
    [
        ("abc", 3),
        ("가나", 4),
        ("가a", 3),
        ("", 0),
        ("ㄱ", 2),
        ("\u1112\u1161\u11ab", 2),
    ],
)
def test_width_is_that_of_a_terminal(text, width):
    assert display_width(text) == width


def test_columns_line_up_under_hangul():
    table = format_table(["file", "n"], [["가.png", 5], ["ab.png", 123]])
    assert table.splitlines() == ["file      n", "가.png    5", "ab.png  123"]
    assert len({display_width(line) for line in table.splitlines()}) == 1


def test_table_without_rows_is_its_header():
    assert format_table(["file", "n"], []) == "file  n"


def test_percent_shows_two_decimals():
    assert str(Percent(0.98765)) == "98.77"
    assert Percent(0.5) + 0.25 == 0.75


def test_csv_reads_back_with_hangul(tmp_path):
    write_csv(tmp_path / "new" / "a.csv", ["글자", "share"], [["가, 나", 0.123456789]])
    data = (tmp_path / "new" / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")  # what spreadsheets know UTF-8 by
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert rows == [["글자", "share"], ["가, 나", "0.123456789"]]
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.csv"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-x", "-", "@SUM(1)", "\t=1", "\r=1"]
)
def test_names_of_others_are_no_formulas(tmp_path, text):
    write_csv(tmp_path / "a.csv", [text], [[np.str_(text), 1]])
    with open(tmp_path / "a.csv", encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [[f"'{text}"], [f"'{text}", "1"]]


def test_numbers_and_other_text_stay_as_they_are(tmp_path):
    cells = ["-0.5", "+1", "-inf", "a=b", "'a", "", -0.5, Percent(-0.25), None]
    write_csv(tmp_path / "a.csv", ["x"], [cells])
    line = (tmp_path / "a.csv").read_text("utf-8-sig").splitlines()[1]
    assert line == "-0.5,+1,-inf,a=b,'a,,-0.5,-25.00,"


@pytest.mark.parametrize(
    "text, name",
    [
        ("writers12", "writers12"),
        ("../손 글씨", "_손_글씨"),
        ("..", "_"),
        ("a/b:c", "a_b_c"),
    ],
)
def test_file_names_stay_in_their_folder(text, name):
    assert file_name(text) == name
