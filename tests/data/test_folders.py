import os

import pytest
from conftest import build_font

from utils.data.converting.label_folders import names_below
from utils.data.folders import walk
from utils.data.fonts import find_faces


def files(folder):
    found = [(place / name) for place, _, names in walk(folder) for name in names]
    assert len(found) == len(set(found))
    return sorted(path.relative_to(folder).as_posix() for path in found)


@pytest.fixture()
def folder(tmp_path):
    for name in ("here/b/deep/2.png", "here/a.png", "there/1.png", "there/한/3.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "here"


def test_what_lies_below_is_what_the_system_finds(folder):
    expected = {os.path.join(at, n) for at, _, names in os.walk(folder) for n in names}
    assert {str(folder / name) for name in files(folder)} == expected


def test_linked_folders_are_looked_into(folder):
    (folder / "linked").symlink_to(folder.parent / "there", target_is_directory=True)
    names = ["a.png", "b/deep/2.png", "linked/1.png", "linked/한/3.png"]
    assert files(folder) == names_below(folder) == names
    assert files(folder / "linked") == ["1.png", "한/3.png"]


def test_a_folder_has_its_own_place_not_that_of_a_link(folder):
    (folder / "a").symlink_to(folder / "b", target_is_directory=True)
    (folder / "z").symlink_to(folder / "b" / "deep", target_is_directory=True)
    assert files(folder) == ["a.png", "b/deep/2.png"]


def test_links_in_circles_end(folder):
    (folder / "b" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "self").symlink_to(folder / "self")
    (folder / "nowhere").symlink_to(folder / "none")
    assert files(folder)[:2] == ["a.png", "b/deep/2.png"]
    assert list(walk(folder / "none")) == [(folder / "none", [], [])]


def test_fonts_of_a_linked_folder_are_found(tmp_path):
    elsewhere, fonts = tmp_path / "elsewhere", tmp_path / "fonts"
    for each in (elsewhere, fonts):
        each.mkdir()
    build_font(elsewhere / "pen.ttf", "Pen")
    build_font(fonts / "serif.ttf", "Serif")
    (fonts / "handwriting").symlink_to(elsewhere, target_is_directory=True)
    faces, broken = find_faces(fonts)
    assert [(f.family, f.domain) for f in faces] == [
        ("Pen", "handwriting"),
        ("Serif", "printed"),
    ]
    assert not broken
