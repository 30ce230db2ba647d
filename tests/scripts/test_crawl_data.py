import dataclasses

import numpy as np
import pytest
from conftest import BLANKS, BOXES, DRAWN
from PIL import Image

import crawl_data
from tests.helpers.aihub_set import make_set
from utils.data import crawl_steps
from utils.data.fetching.download_checks import DownloadError
from utils.data.fetching.packages import Obtained
from utils.data.patches import list_patches, read_patch
from utils.data.rendering import Placement

# The seed's flags and defaults; those that place the glyph are off unless given.
SEED = {
    "AIHub": False,
    "clova": False,
    "font_path": "./fonts",
    "AIHub_path": "./AIhub",
    "pickle_path": "./data",
    "val_path": "./val_data",
    "val_ratio": 0.1,
    "pickle_size": 5000,
    "image_size": 96,
    "image_test": False,
}


def run(folder, *flags):
    paths = [f"--pickle_path={folder / 'data'}", f"--val_path={folder / 'val'}"]
    return crawl_data.main([*paths, "--workers=1", "--image_size=32", *flags])


@pytest.fixture
def listed(tmp_path):
    """A charset file of what the test faces draw, box and leave blank."""
    path = tmp_path / "charset.txt"
    path.write_text("".join([*DRAWN[:20], *BOXES[:5], *BLANKS[:5]]))
    return f"--charset={path}"


def test_defaults_are_the_seeds():
    options = dataclasses.asdict(crawl_data.Options())
    assert {name: options[name] for name in SEED} == SEED


def test_fonts_become_patches_of_what_they_draw(fonts, tmp_path, capsys, listed):
    flags = (f"--font_path={fonts}", "--val_ratio=0.34", listed, "--pickle_size=15")
    assert run(tmp_path, *flags) == 0
    output = capsys.readouterr()
    assert "skipped" in output.out and "pictures drawn, 0 there already" in output.out
    assert "broken.ttf was skipped" in output.err
    found = [read_patch(path) for path in list_patches(tmp_path / "data")]
    labels = set(np.concatenate([patch.labels for patch in found]))
    assert labels == set(DRAWN[:20])  # no boxes, no blanks
    families = [
        {
            family
            for path in list_patches(tmp_path / part)
            for family in read_patch(path)[2]
        }
        for part in ("data", "val")
    ]
    assert families[0] and families[1] and not families[0] & families[1]
    assert run(tmp_path, *flags) == 0
    assert " 0 pictures drawn" in capsys.readouterr().out
    assert run(tmp_path, *flags, "--seed=1") == 1
    assert "patches of other fonts, options or sources" in capsys.readouterr().err


def test_fonts_that_all_count_as_print_are_told_of(fonts, tmp_path, listed, capsys):
    told = []
    for folder in (fonts, fonts / "printed"):
        out = tmp_path / folder.name
        flags = (f"--font_path={folder}", "--val_ratio=0", listed)
        assert run(out, *flags, "--images_per_family=9") == 0
        told.append("all are taken for print" in capsys.readouterr().out)
    assert told == [False, True]


def test_glyphs_are_placed_as_the_seed_says(fonts, tmp_path, listed):
    flags = ("--x_offset=2", "--y_offset=3", "--char_size=20", "--val_ratio=0")
    assert run(tmp_path, f"--font_path={fonts}", listed, *flags) == 0
    patch = read_patch(list_patches(tmp_path / "data")[0])
    ink = (patch.images < 128).any(0)
    # The test glyphs fill 100-900 of an em of 1000 across.
    columns = np.flatnonzero(ink.any(0))
    assert columns[0] == pytest.approx(2 + 2, abs=1)
    assert columns[-1] == pytest.approx(2 + 18 - 1, abs=1)


def test_what_a_placement_leaves_out_is_the_seeds():
    assert crawl_data.Options().placement is None
    assert crawl_data.Options(char_size=70).placement == Placement(8, 8, 70)
    given = crawl_data.Options(x_offset=5, y_offset=0)
    assert given.placement == Placement(5, 0, 80)
    # Beside what is given, the same parts of the square: nothing leaves it.
    small = crawl_data.Options(x_offset=5, image_size=32)
    assert small.placement == Placement(5, 3, 27)
    assert crawl_data.Options(y_offset=9, image_size=192).placement.char_size == 160


def test_image_test_draws_the_samples_alone(fonts, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert crawl_data.main([f"--font_path={fonts}", "--image_test=true"]) == 0
    names = {path.name for path in (tmp_path / "logs").iterdir()}
    assert "pen_0_가.png" in names and not (tmp_path / "data").exists()
    assert f"{len(names)} pictures drawn to ./logs" in capsys.readouterr().out


@pytest.mark.parametrize(
    "flag",
    ["AIHub=true", "seed=9", "val_ratio=0.5", "pickle_path=x", "charset=ksx1001"],
)
def test_samples_of_fonts_know_nothing_of_patches(capsys, flag):
    with pytest.raises(SystemExit, match="2"):
        crawl_data.main(["--image_test=true", f"--{flag}"])
    said = capsys.readouterr().err
    assert f"leave {flag.partition('=')[0]}, or run it without image_test" in said


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--char_size=0"], "char_size=0 draws nothing"),
        (["--charset=nowhere"], "neither 'ksx1001' nor 'all' nor a file"),
        (["--val_ratio=2"], "val_ratio=2.0 is too large"),
        (["--pickle_size=0"], "pickle_size=0 is too small"),
        (["--weights=melnyk"], "weights='melnyk' is for recombined_per_family; set"),
        (["--AIHub_path=hub"], "AIHub_path='hub' is for AIHub; set AIHub=true as"),
        (
            ["--AIHub=true", "--font_path=x"],
            "font_path='x' is read by nothing that was asked",
        ),
        (
            ["--invented_hands=1", "--val_ratio=0.5"],
            "val_ratio=0.5 is for AIHub; set",
        ),
        (
            ["--AIHub=true", "--charset=ksx1001"],
            "charset='ksx1001' is for recomb",
        ),
        (["--pickle_path=all", "--val_path=./a/../all"], "they need a folder each"),
    ],
)
def test_illegal_flags_end_with_status_2(tmp_path, capsys, flags, message):
    with pytest.raises(SystemExit) as stop:
        run(tmp_path, *flags)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_no_fonts_is_one_line(tmp_path, capsys):
    (tmp_path / "fonts").mkdir()
    assert run(tmp_path, f"--font_path={tmp_path / 'fonts'}") == 1
    error = capsys.readouterr().err
    assert "holds no font" in error and error.count("\n") == 1


def test_fonts_that_cannot_be_had_are_named_and_the_rest_goes_on(
    fonts, tmp_path, monkeypatch, capsys, listed
):
    obtained = Obtained(0, 0, [("fonts-nanum", "no client")])
    monkeypatch.setattr(crawl_steps, "obtain_fonts", lambda path: obtained)
    failures = [("나눔.ttf", "time-out")]
    monkeypatch.setattr(crawl_steps, "download_clova_fonts", lambda path: failures)
    flags = (f"--font_path={fonts}", listed, "--fonts=true", "--clova=true")
    assert run(tmp_path, *flags) == 1
    output = capsys.readouterr()
    assert "pictures drawn" in output.out
    assert "not obtained: fonts-nanum: no client" in output.err
    assert "not obtained: 나눔.ttf: time-out" in output.err


def test_reasons_are_told_where_nothing_at_all_could_be_had(
    tmp_path, monkeypatch, capsys
):
    (tmp_path / "fonts").mkdir()
    obtained = Obtained(0, 0, [("fonts-nanum", "install Node.js")])
    monkeypatch.setattr(crawl_steps, "obtain_fonts", lambda path: obtained)
    assert run(tmp_path, f"--font_path={tmp_path / 'fonts'}", "--fonts=true") == 1
    error = capsys.readouterr().err
    assert "not obtained: fonts-nanum: install Node.js" in error
    assert "holds no font" in error


def draw_set(root, source):
    """An AI Hub of which every picture holds a stroke."""
    make_set(root, num=6, source=source)
    for path in root.rglob("*.png"):
        image = Image.new("L", (40, 30), 255)
        image.paste(0, (10, 5, 16, 25))
        image.save(path)


def test_aihub_is_converted_beside_the_fonts(
    fonts, tmp_path, monkeypatch, capsys, listed
):
    assert run(tmp_path, f"--font_path={fonts}", listed, "--val_ratio=0") == 0
    before = {path.name for path in list_patches(tmp_path / "data", ["printed"])}
    for source in ("handwritten", "printed"):
        draw_set(tmp_path / "hub" / source, source)
    monkeypatch.setattr(crawl_steps, "download_aihub", lambda path, sources: None)
    flags = ("--AIHub=true", f"--AIHub_path={tmp_path / 'hub'}", "--val_ratio=0.34")
    for _ in range(2):  # the second run finds everything done
        assert run(tmp_path, *flags) == 0
        text = capsys.readouterr().out
        assert "AI Hub printed: 4 training and 2 validation pictures" in text
    after = {path.name for path in list_patches(tmp_path / "data", ["printed"])}
    assert len(after - before) == 1  # fonts' patches are kept, numbers go on
    assert len(read_patch(tmp_path / "data" / "handwritten_0.pickle").labels) == 4


def test_aihub_out_of_reach_is_one_line(tmp_path, monkeypatch, capsys):
    def fail(path, sources):
        raise DownloadError("Drive cannot be reached.")

    monkeypatch.setattr(crawl_steps, "download_aihub", fail)
    assert run(tmp_path, "--AIHub=true") == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        f"crawl_data.py: {source}: Drive cannot be reached."
        for source in ("handwritten", "printed")
    ]


def test_half_of_aihub_is_converted_where_the_other_is_out_of_reach(
    tmp_path, monkeypatch, capsys
):
    def fetch(path, sources):
        if sources != ("printed",):
            raise DownloadError("Drive cannot be reached.")

    draw_set(tmp_path / "hub", "printed")
    next((tmp_path / "hub").rglob("*.png")).unlink()
    monkeypatch.setattr(crawl_steps, "download_aihub", fetch)
    flags = ("--AIHub=true", f"--AIHub_path={tmp_path / 'hub'}", "--val_ratio=0")
    assert run(tmp_path, *flags) == 1
    output = capsys.readouterr()
    assert "AI Hub printed: 5 training" in output.out
    assert "handwritten: Drive cannot be reached." in output.err
    skipped = (tmp_path / "data" / "skipped_printed.txt").read_text().splitlines()
    assert len(skipped) == 1 and skipped[0].endswith(" has no picture")


def test_aihub_leaves_the_numbers_of_planned_patches_free(
    fonts, tmp_path, monkeypatch, listed
):
    flags = (f"--font_path={fonts}", listed, "--val_ratio=0", "--pickle_size=30")
    assert run(tmp_path, *flags) == 0
    paths = list_patches(tmp_path / "data", ["printed"])
    content = paths[-1].read_bytes()
    paths[-1].unlink()  # as if the run had been killed before its last patch
    draw_set(tmp_path / "hub", "printed")
    draw_set(tmp_path / "hub2", "handwritten")
    (tmp_path / "hub2").rename(tmp_path / "hub" / "other")
    monkeypatch.setattr(crawl_steps, "download_aihub", lambda path, sources: None)
    hub = ("--AIHub=true", f"--AIHub_path={tmp_path / 'hub'}", "--val_ratio=0")
    assert run(tmp_path, *hub) == 0
    assert not paths[-1].exists()
    assert run(tmp_path, *flags) == 0
    assert paths[-1].read_bytes() == content
