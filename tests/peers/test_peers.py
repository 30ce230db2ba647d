import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from conftest import glyph_picture
from PIL import Image

import benchmark
from tests.helpers.exports import facts, write_export
from utils import benchmarking
from utils.data.patches import write_patch
from utils.peers import comparison, worker
from utils.peers import contestants as who
from utils.peers.comparison import compare, summarise
from utils.peers.contestants import Contestant, find_contestants
from utils.peers.gemm import make_product
from utils.peers.pictures import (
    Pictures,
    load_pictures,
    read_pictures,
    save_pictures,
)
from utils.peers.table import accuracy_table, speed_table

FIRST = list("이다는에하")  # of text; by default `predict` has them before all others


@pytest.fixture
def pictures(tmp_path):
    """A zip of four pictures with a table, of two sets, and one that is blank."""
    path = tmp_path / "pictures.zip"
    lines = ["path\tlabel\tset\tgroup"]
    with zipfile.ZipFile(path, "w") as archive:
        for number, label in enumerate(FIRST):
            picture = glyph_picture(label) if number else np.full((9, 9), 255, np.uint8)
            file = tmp_path / f"{number}.png"
            Image.fromarray(picture).save(file)
            archive.write(file, file.name)
            lines.append(f"{file.name}\t{label}\t{'ab'[number % 2]}\tone")
        archive.writestr("labels.tsv", "\n".join(lines) + "\n")
    return path


def test_pictures_come_evenly_and_with_ink(pictures, patches):
    found = read_pictures(pictures, 0)
    assert sorted(found.labels) == sorted(FIRST[1:])  # the first is blank
    assert sorted(set(found.sources)) == ["a", "b"]
    found = read_pictures(patches, 3)
    assert {s: found.sources.count(s) for s in found.sources} == {
        "clova": 3,
        "printed": 3,
    }
    with pytest.raises(ValueError, match="neither a folder nor a zip"):
        read_pictures(pictures.with_name("none"), 3)


def test_pictures_come_evenly_from_every_patch(tmp_path):
    for number, label in enumerate("가나다라마바"):
        path = tmp_path / f"clova_{number}.pickle"
        write_patch(path, [glyph_picture(label)] * 4, [label] * 4)
    count = Counter(read_pictures(tmp_path, 8).labels)
    assert set(count) == set("가나다라마바") and sorted(count.values())[-2:] == [2, 2]
    assert sum(count.values()) == 8


def test_what_only_colours_show_is_left_out(tmp_path):
    """Contestants get the grey of a picture, in which such ink is none."""
    coloured = np.full((40, 40, 3), (255, 0, 0), np.uint8)
    coloured[10:30, 10:30] = (0, 130, 0)
    grey = np.asarray(Image.fromarray(coloured).convert("L"))
    assert np.ptp(grey) <= 1
    Image.fromarray(coloured).save(tmp_path / "0.png")
    Image.fromarray(glyph_picture("나")).save(tmp_path / "1.png")
    table = "path\tlabel\n0.png\t가\n1.png\t나\n"
    (tmp_path / "labels.tsv").write_text(table, encoding="utf-8")
    assert read_pictures(tmp_path, 0).labels == ["나"]


def test_pictures_survive_their_file(tmp_path, rng):
    images = [
        rng.integers(0, 256, shape).astype(np.uint8) for shape in ((3, 4), (5, 2))
    ]
    before = Pictures(images, ["가", "힣"], ["a", "b"])
    save_pictures(before, tmp_path / "p.npz")
    after = load_pictures(tmp_path / "p.npz")
    assert after.labels == before.labels and after.sources == before.sources
    for one, other in zip(before.images, after.images, strict=True):
        np.testing.assert_array_equal(one, other)


def test_contestants_are_presets_exports_and_tesseract(tmp_path, monkeypatch):
    monkeypatch.setattr(who, "tesseract_model", lambda: None)
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "net.weights.h5").touch()
    found, notes = find_contestants(tmp_path)
    assert [each.kind for each in found] == ["keras", "bare"]
    assert "export.py" in notes[0] and "Tesseract: left out" in notes[1]
    (tmp_path / "net" / "net_int8.onnx").touch()
    model = tmp_path / "kor.traineddata"
    monkeypatch.setattr(who, "tesseract_model", lambda: model)
    found, notes = find_contestants(tmp_path)
    assert [each.kind for each in found] == ["keras", "bare", "onnx", "tesseract"]
    assert found[2].name == "net (ONNX int8)" and notes == []


def test_a_contestant_is_measured_in_its_own_process(tmp_path, pictures):
    path = write_export(tmp_path / "even_float32.onnx", facts())
    contestant = Contestant("even", "onnx", str(path))
    read = read_pictures(pictures, 0)
    (row,) = compare([contestant], read, rounds=2)
    tasks = ("one", "some", "many", "product", "product_all")
    assert [len(row[key]) for key in tasks] == [2] * 5
    assert row["answers"] == [FIRST] * 4
    (figures,) = summarise([row], {"even": 10**6}, {"even": 1.5}, read)
    json.dumps(figures)
    assert figures["top_5"] == {"a": 1, "b": 1}  # the first five syllables
    assert figures["top_1"] == {"a": 0, "b": 0}  # that of 이 has no ink
    assert figures["memory"] > 10 and figures["cold_start"] > 0
    assert figures["share"] > 0 and figures["gemm"] > 0
    assert figures["share_all"] > 0
    shown = accuracy_table([figures]) + speed_table([figures])
    assert "100.00" in shown and "even" in shown and "1.5" in shown


def test_one_that_fails_is_named(tmp_path, pictures):
    contestant = Contestant("broken", "onnx", str(tmp_path / "none.onnx"))
    with pytest.raises(ValueError, match="broken ended: .*no exported network"):
        compare([contestant], read_pictures(pictures, 1), rounds=1)


def test_the_reason_comes_in_any_encoding_and_its_file_is_closed(monkeypatch):
    program = r"import sys; sys.stderr.buffer.write(b'\xb0\xa1 is broken\n')"
    monkeypatch.setattr(comparison, "_PROGRAM", program)
    made, make = [], comparison.tempfile.TemporaryFile
    monkeypatch.setattr(
        comparison.tempfile,
        "TemporaryFile",
        lambda *how: made.append(make(*how)) or made[-1],
    )
    with pytest.raises(ValueError, match="x ended: .* is broken"):
        comparison._Process(Contestant("x", "onnx", ""), 1, "")
    assert [file.closed for file in made] == [True]


def test_one_that_died_between_two_tasks_says_why(monkeypatch):
    program = "import sys; print(1, flush=True); sys.exit('out of memory')"
    monkeypatch.setattr(comparison, "_PROGRAM", program)
    process = comparison._Process(Contestant("x", "onnx", ""), 1, "")
    process.process.wait()
    with pytest.raises(ValueError, match="x ended: out of memory"):
        process("one")


def test_closing_a_contestant_twice_is_no_error(monkeypatch):
    monkeypatch.setattr(comparison, "_PROGRAM", "print(1)")
    process = comparison._Process(Contestant("x", "onnx", ""), 1, "")
    process.close()
    process.close()
    assert process.errors.closed and process.process.returncode == 0


def figures_of(row):
    pictures = Pictures([None] * 2, ["가", "나"], ["a", "a"])
    return summarise([row], {"x": 500}, {"x": 2.0}, pictures)[0]


def test_figures_are_medians_and_ratios():
    seconds = [
        {"wall": wall, "cpu": cpu, "pictures": 10}
        for wall, cpu in ((2, 1), (4, 3), (3, 2))
    ]
    product = [{"wall": 9, "cpu": 0.5, "multiply_adds": 10**9}]
    row = {"name": "x", "cold_start": 1, "memory": 2, "product": product}
    row |= {"one": seconds, "some": seconds, "many": seconds, "product_all": product}
    row["answers"] = [["가", "나"], ["다"]]
    figures = figures_of(row)
    assert figures["one_ms"] == (3000, 2000, 4000)
    assert figures["one_cpu_ms"] == (2000, 1000, 3000)
    assert figures["many_per_second"] == pytest.approx((10 / 3, 2.5, 5))
    assert figures["top_1"] == {"a": 0.5} and figures["top_5"] is None
    assert figures["gemm"] == 2  # 10^9 in half a second
    # 10 pictures in 2 seconds at 500 multiply-adds each, of 2 * 10^9.
    assert figures["share"] == pytest.approx(10 / 2 * 500 / 2e9)
    # By the clock: in 3 seconds, of 10^9 in 9.
    assert figures["share_all"] == pytest.approx(10 / 3 * 500 * 9 / 1e9)
    nothing = {"product": [None], "product_all": [None], "answers": [[], []]}
    figures = figures_of(row | nothing)
    assert figures["gemm"] is figures["share"] is figures["top_1"] is None
    assert figures["share_all"] is None


def test_what_windows_does_not_count_is_a_dash(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)  # as where there is none
    turn = worker._time(lambda: None)
    assert turn["cpu"] is None and turn["wall"] >= 0
    memory = worker.Worker.memory(None)
    assert memory is None
    turns = [{"wall": 2, "cpu": turn["cpu"], "pictures": 10}]
    product = [{"wall": 4, "cpu": turn["cpu"], "multiply_adds": 10**9}]
    row = {"name": "x", "cold_start": 1, "memory": memory, "answers": [["가"], ["나"]]}
    row |= dict.fromkeys(("one", "some", "many"), turns)
    figures = figures_of(row | dict.fromkeys(("product", "product_all"), product))
    assert figures["one_cpu_ms"] is figures["gemm"] is figures["share"] is None
    assert figures["share_all"] == pytest.approx(10 / 2 * 500 / 0.25e9)
    cells = speed_table([figures]).splitlines()[1].split()
    assert cells == [
        *("x", "2000.0", "(2000.0-2000.0)", "-", "-", "5.0", "(5.0-5.0)", "1.00"),
        *("2.0", "-", "1.00", "-", "-", "0.00"),
    ]


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_the_product_is_one(precision):
    pytest.importorskip("onnxruntime")
    function, work = make_product("onnx", precision, 1)
    (product,) = function()
    assert product.shape == (1024, 1024) and work == 1024**3
    assert product.dtype == (np.int32 if precision == "int8" else np.float32)
    assert make_product("tesseract", "float32", 1) is None


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_tesseract_is_read_as_utf8_whatever_the_machine_writes(tmp_path):
    stand_in, temporary = tmp_path / "tesseract", tmp_path / "임시"
    temporary.mkdir()
    stand_in.write_text(
        "#!/bin/sh\n"
        "[ $1 = --list-langs ] && printf 'in \"/데이터/\" (1):\\nkor\\n' && exit\n"
        'while read -r path || [ -n "$path" ]\n'
        "do [ -s \"$path\" ] && printf '힣\\f'; done < $1\n",
        encoding="utf-8",
    )
    stand_in.chmod(0o755)
    code = """
import numpy as np
from utils.peers import contestants as who
read = who.open_contestant(who.Contestant("t", "tesseract", ""), 1, None)
blank = np.full((40, 40), 255, np.uint8)
print(ascii([str(who.tesseract_model()), read([blank, blank])]))
"""
    environment = os.environ | {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "TMPDIR": str(temporary),
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[2],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    expected = ["/데이터/kor.traineddata", [["힣"], ["힣"]]]
    assert done.stdout.strip() == ascii(expected), done.stderr


@pytest.mark.skipif(not shutil.which("tesseract"), reason="Tesseract is not installed")
def test_tesseract_answers_every_picture():
    if not who.tesseract_model():
        pytest.skip("its Korean model is not installed")
    read = who.open_contestant(Contestant("t", "tesseract", ""), 1, None)
    with Image.open("files/samples/01_print.png") as image:
        sample = np.asarray(image.convert("L"))
    blank = np.full((40, 40), 255, np.uint8)
    first, second, third = read([blank, sample, blank])
    assert len(first) == len(second) == len(third) == 1
    assert second[0] and not first[0] and not third[0]


def test_the_command_prints_both_tables(tmp_path, pictures, capsys, monkeypatch):
    path = write_export(tmp_path / "even_float32.onnx", facts())
    contestant = Contestant("even (ONNX float32)", "onnx", str(path))
    monkeypatch.setattr(
        benchmarking, "find_contestants", lambda *_: ([contestant], ["x: left out."])
    )
    monkeypatch.setattr(benchmarking, "_multiply_adds", lambda *_: {})
    assert benchmark.main(["--peers", f"--data_path={pictures}", "--rounds=1"]) == 0
    shown = capsys.readouterr()
    assert "a top-1 %" in shown.out and "peak MB" in shown.out
    assert "median (smallest-largest) of 1 turns" in shown.out
    assert "benchmark.py: x: left out." in shown.err
    write_patch(
        tmp_path / "blank" / "printed_0.pickle",
        [np.full((9, 9), 255, np.uint8)],
        ["가"],
    )
    assert benchmark.main(["--peers", f"--data_path={tmp_path / 'blank'}"]) == 1
    assert "no readable picture" in capsys.readouterr().err
