import shutil

import numpy as np
import pytest
from conftest import BLANKS, BOXES, DRAWN, build_font, cells_of
from fontTools.ttLib import TTFont

from utils.data import fonts as module
from utils.data.families import (
    FontError,
    family_names,
    read_manifest,
    split_families,
)
from utils.data.fonts import Face, draw_ink, drawn_syllables, find_faces, load_face


def names(faces):
    return [(f.path.rsplit("/", 1)[-1], f.index, f.family, f.domain) for f in faces]


def test_faces_are_found_by_folder_and_name_table(fonts):
    faces, broken = find_faces(fonts)
    assert names(faces) == [
        ("brush.ttf", 0, "Brush", "handwriting"),
        ("pen.ttf", 0, "Pen", "handwriting"),
        ("pair.ttc", 0, "Pair One", "printed"),
        ("pair.ttc", 1, "Pair Two", "printed"),
        ("serif-bold.ttf", 0, "Serif", "printed"),  # the design of Serif, heavier
        ("serif.ttf", 0, "Serif", "printed"),
    ]
    assert [(path.rsplit("/", 1)[-1]) for path in broken] == ["broken.ttf"]
    assert {face.split for face in faces} == {""}


def test_broken_files_are_named_with_a_reason(tmp_path):
    whole = build_font(tmp_path / "whole.ttf", "Whole").read_bytes()
    (tmp_path / "empty.otf").touch()
    (tmp_path / "text.woff").write_text("no font")
    for size in range(10, len(whole), len(whole) // 8):
        (tmp_path / f"cut{size}.ttf").write_bytes(whole[:size])
    (tmp_path / "folder.ttf").mkdir()
    faces, broken = find_faces(str(tmp_path))
    assert any(face.family == "Whole" for face in faces)
    assert str(tmp_path / "empty.otf") in broken
    assert "TTLibError: " in broken[str(tmp_path / "text.woff")]
    assert "IsADirectoryError" in broken[str(tmp_path / "folder.ttf")]
    assert len(broken) + len(faces) == len(list(tmp_path.iterdir()))


def test_web_fonts_and_collections_by_any_name(fonts, tmp_path):
    for flavor in ("woff", "woff2"):
        font = TTFont(fonts / "handwriting" / "brush.ttf")
        font.flavor = flavor
        font.save(tmp_path / f"a.{flavor}")
    shutil.copy(fonts / "printed" / "pair.ttc", tmp_path / "b.TTF")
    faces, broken = find_faces(tmp_path)
    assert [face.family for face in faces] == ["Brush", "Brush", "Pair One", "Pair Two"]
    assert not broken
    for face in faces:
        ink = draw_ink(load_face(face, 100), DRAWN[0])
        assert ink.shape == (80, 100)  # the height of the ink, the width of an em


@pytest.mark.parametrize(
    "family, expected",
    [
        ("Nanum Gothic ExtraBold", "Nanum Gothic"),
        ("Dongle Light", "Dongle"),
        ("Some Semi Bold", "Some"),
        ("Black Han Sans", "Black Han Sans"),
        ("Sunflower-Medium", "Sunflower"),
        ("Bold", "Bold"),
    ],
)
def test_weight_is_no_part_of_the_family(tmp_path, family, expected):
    assert family_names(build_font(tmp_path / "a.ttf", family)) == [expected]


def test_file_name_stands_in_for_a_missing_family(tmp_path):
    for number, change in enumerate([lambda f: f["name"].names.clear(), None]):
        font = TTFont(build_font(tmp_path / f"part{number}.ttf", "Part"))
        if change:
            change(font)
        else:
            del font["name"]
        font.save(tmp_path / f"nameless{number}.ttf")
        path = tmp_path / f"nameless{number}.ttf"
        assert family_names(path) == [f"nameless{number}"]


HEAD = "file\tfamily\tdomain\tsplit\twrong_glyphs\n"


def test_manifest_decides_for_what_it_names(fonts, tmp_path):
    folder = tmp_path / "fonts"
    shutil.copytree(fonts, folder)
    (folder / "manifest.tsv").write_text(
        "\ufeff" + HEAD + "printed/serif.ttf\tMy Serif\thandwriting\tval\t가 각\n"
        "handwriting/pen.ttf\tMy Pen\tprinted\t\t\n"
        "gone.ttf\tGone\tprinted\ttrain\t\n",
        encoding="utf-8",
    )
    faces = {face.family: face for face in find_faces(folder)[0]}
    serif, pen = faces["My Serif"], faces["My Pen"]
    assert (serif.domain, serif.split) == ("handwriting", "val")
    assert serif.wrong_glyphs == {"가", "각"}
    assert (pen.domain, pen.split, pen.wrong_glyphs) == ("printed", "", frozenset())
    assert faces["Brush"].domain == "handwriting" and "Gone" not in faces


def test_broken_file_of_a_manifest_is_named_too(tmp_path):
    (tmp_path / "a.ttf").write_bytes(b"no font")
    (tmp_path / "manifest.tsv").write_text(HEAD + "a.ttf\tA\tprinted\ttrain\t\n")
    faces, broken = find_faces(tmp_path)
    assert faces == [] and "OSError" in broken[str(tmp_path / "a.ttf")]


@pytest.mark.parametrize(
    "table, message",
    [
        ("a.ttf\t\tprinted\ttrain\t\n", "line 2: no family"),
        ("a.ttf\tA\tprinted\t\t\nb.ttf\n", "line 3: no family, domain"),
        ("a.ttf\tA\tscript\ttrain\t\n", "line 2: domain 'script'.*expected"),
        ("a.ttf\tA\tprinted\ttest\t\n", "split 'test'; expected"),
        (
            "a.ttf\tA\tprinted\ttrain\t\nb.ttf\tA\tprinted\tval\t\n",
            "family 'A' stands in both splits",
        ),
    ],
)
def test_manifest_out_of_order(tmp_path, table, message):
    (tmp_path / "a.ttf").touch()
    (tmp_path / "manifest.tsv").write_text(HEAD + table)
    with pytest.raises(FontError, match=f"manifest.tsv.*{message}"):
        find_faces(tmp_path)


def test_manifest_must_be_utf8(tmp_path):
    path = tmp_path / "manifest.tsv"
    path.write_bytes((HEAD + "a.ttf\t나눔\tprinted\n").encode("euc_kr"))
    with pytest.raises(FontError, match="manifest.tsv is no UTF-8 table"):
        read_manifest(path)


def test_folder_without_fonts(tmp_path):
    (tmp_path / "readme.txt").touch()
    with pytest.raises(FontError, match="holds no font .*crawl_data.py --fonts=true"):
        find_faces(tmp_path)


# What a face draws


def test_a_file_is_no_folder_of_fonts(fonts):
    path = next(fonts.rglob("*.ttf"))
    with pytest.raises(FontError, match="is a file; expected a folder of fonts"):
        find_faces(path)


def test_ink_is_what_the_outline_says(fonts):
    face = Face(str(fonts / "handwriting" / "brush.ttf"))
    font = load_face(face, 100)
    for syllable in DRAWN:
        ink = draw_ink(font, syllable)
        # Hinting may move an edge by a pixel.
        np.testing.assert_allclose(ink.shape, (80, 100), atol=1)
        np.testing.assert_array_equal(ink[10::20, 20:90:20] > 128, cells_of(syllable))
    for syllable in (*BLANKS, "힣"):  # the last is not mapped at all
        assert draw_ink(font, syllable) is None


def test_boxes_and_blanks_are_not_drawn(fonts):
    face = Face(str(fonts / "handwriting" / "brush.ttf"))
    assert drawn_syllables(face) == DRAWN
    asked = (*BOXES[:3], DRAWN[5], "힣", DRAWN[1], *BLANKS[:3])
    assert drawn_syllables(face, asked) == (DRAWN[5], DRAWN[1])


@pytest.fixture
def few(monkeypatch):
    """Judges faces on 200 syllables, for speed."""
    monkeypatch.setattr(module, "ALL_SYLLABLES", module.ALL_SYLLABLES[:200])


@pytest.mark.parametrize("count, expected", [(3, 3), (4, 0)])
def test_pictures_that_repeat_often_are_none(few, tmp_path, count, expected):
    path = build_font(tmp_path / "a.ttf", "A", boxes=BOXES[:count])
    drawn = drawn_syllables(Face(str(path)), DRAWN + BOXES)
    assert len(drawn) == len(DRAWN) + expected


def test_wrong_glyphs_are_left_out(few, fonts):
    path = str(fonts / "handwriting" / "brush.ttf")
    face = Face(path, wrong_glyphs=frozenset(DRAWN[3:5]))
    assert drawn_syllables(face, DRAWN) == DRAWN[:3] + DRAWN[5:]


def test_glyphs_that_cannot_be_read_are_not_drawn(few, fonts):
    face = Face(str(fonts / "printed" / "serif.ttf"))
    with pytest.raises(OSError):
        draw_ink(load_face(face, 24), DRAWN[0])
    assert drawn_syllables(face, DRAWN) == DRAWN[2:]


def test_face_of_which_nothing_can_be_read(monkeypatch, few, fonts):
    def fail(font, syllable):
        raise ValueError("bad outline")

    monkeypatch.setattr(module, "_picture", fail)
    with pytest.raises(OSError, match="no glyph can be read: bad outline"):
        drawn_syllables(Face(str(fonts / "printed" / "serif.ttf")))


def test_file_that_is_gone(tmp_path):
    with pytest.raises(OSError):
        drawn_syllables(Face(str(tmp_path / "gone.ttf")))


# The split


def family_faces(count, domain="printed", **facts):
    return [
        Face("x", family=f"{domain} {i // 2}", domain=domain, **facts)
        for i in range(2 * count)
    ]


def test_split_is_by_family_and_domain_and_seed():
    faces = family_faces(40) + family_faces(20, "handwriting")
    splits = split_families(faces, 0.1, seed=0)
    assert sorted(splits) == sorted({face.family for face in faces})
    val = [family for family, split in splits.items() if split == "val"]
    assert sum(family.startswith("printed") for family in val) == 4
    assert sum(family.startswith("handwriting") for family in val) == 2
    assert split_families(faces[::-1], 0.1, seed=0) == splits
    assert split_families(faces, 0.1, seed=1) != splits


def test_few_families_still_leave_one_to_validate_by():
    faces = family_faces(3) + family_faces(1, "handwriting")
    splits = split_families(faces, 0.1, seed=0)
    assert sorted(splits.values()) == ["train"] * 3 + ["val"]
    assert set(split_families(faces, 0, seed=0).values()) == {"train"}
    faces.append(Face("x", family="Listed", split="val"))
    splits = split_families(faces, 0.1, seed=0)
    assert [family for family, split in splits.items() if split == "val"] == ["Listed"]


def test_manifest_split_stands():
    faces = family_faces(10, split="train")
    faces += family_faces(10, "handwriting", split="val")
    splits = split_families(faces, 0.5, seed=0)
    for family, split in splits.items():
        assert split == ("train" if family.startswith("printed") else "val")


def test_new_font_moves_no_other_across_the_split():
    before = split_families(family_faces(40), 0.5, seed=0)
    after = split_families(family_faces(41), 0.5, seed=0)
    moved = [family for family in before if before[family] != after[family]]
    assert len(moved) <= 1  # the one at the border


def test_family_of_both_domains_has_one_split():
    faces = [Face("a", family="A"), Face("b", family="A", domain="handwriting")]
    faces += family_faces(10)
    for seed in range(20):
        splits = split_families(faces, 0.5, seed)
        assert splits["A"] in ("train", "val")
    listed = [Face("a", family="A"), Face("b", family="A", split="val")]
    assert split_families(listed, 0, seed=0) == {"A": "val"}
