import json
import zipfile
from collections import Counter

import numpy as np
import pytest
from conftest import glyph_picture
from PIL import Image

import benchmark
from model import KoOCR
from tests.scripts.test_compress import thin
from utils import benchmarking
from utils.analysis.speed.complexity import multiply_adds
from utils.config import ModelConfig
from utils.data.patches import PatchError, list_patches, read_patch, write_patch
from utils.hangul import ksx1001_syllables
from utils.methods import data, rows, runs, table
from utils.methods.figure import draw_methods
from utils.nn.backbones import BACKBONES
from utils.nn.pruning import heavy_variables
from utils.training_config import TrainConfig

MADE = ("recombined", "morphed", "written")
DATA = ("full", "tenth", "every", "recombined")


def make_patches(folder, per_source, seed):
    """Patches of print and of handwriting, with syllables in and out of KS X 1001."""
    rng = np.random.default_rng(seed)
    common = ksx1001_syllables()
    for source in ("printed", "clova", "recombined"):
        labels = [common[i] for i in rng.integers(0, 2350, per_source)] + ["뷁"] * 3
        images = rng.integers(0, 256, (len(labels), 20, 20)).astype(np.uint8)
        families = [f"{source} {i}" for i in range(len(labels))]
        write_patch(folder / f"{source}_0.pickle", images, labels, families)


@pytest.fixture
def pictures(tmp_path):
    make_patches(tmp_path / "train", 120, 0)
    make_patches(tmp_path / "val", 60, 1)
    folder = tmp_path / "methods"
    data.make_pictures(tmp_path / "train", tmp_path / "val", folder, 128)
    return folder


def read(folder, source=None):
    wanted = None if source is None else [source]
    patches = [read_patch(path) for path in list_patches(folder, wanted)]
    return [np.concatenate(each) for each in zip(*patches, strict=True)]


def test_syllables_are_those_of_the_standard_and_apart():
    seen, unseen = set(data.seen_syllables()), set(data.unseen_syllables())
    assert not seen & unseen
    assert seen | unseen == set(ksx1001_syllables())
    assert (len(seen), len(unseen)) == (2014, 336)  # 2,350 / 7 = 335.7


def test_pictures_are_half_print_and_only_of_their_syllables(pictures):
    for name in ("full", "tenth"):
        _, labels, families = read(pictures / name)
        assert len(labels) == 128 and set(labels) <= set(data.seen_syllables())
        assert sum(f.startswith("printed") for f in families) == 64
    assert set(read(pictures / "seen")[1]) <= set(data.seen_syllables())
    assert set(read(pictures / "unseen")[1]) <= set(data.unseen_syllables())


def test_a_tenth_is_a_tenth_of_the_handwriting_as_often(pictures):
    full, tenth = (read(pictures / n, "handwritten")[2] for n in ("full", "tenth"))
    assert len(tenth) == len(full) == 64
    assert len(set(full)) == 64 and len(set(tenth)) == 6
    assert set(tenth) <= set(full)
    printed = (read(pictures / name, "printed")[0] for name in ("full", "tenth"))
    assert np.array_equal(*printed)


def test_every_syllable_but_those_left_out(pictures):
    _, labels, _ = read(pictures / "every")
    assert len(labels) == 128 and not set(labels) & set(data.unseen_syllables())
    assert set(labels) <= set(data.other_syllables())
    assert len(data.other_syllables()) == 11172 - 336


def test_recombined_pictures_are_a_quarter_and_only_in_their_folder(pictures, tmp_path):
    for _ in range(2):  # the second time they are there
        data.make_recombined(tmp_path / "train", pictures, 128)
    _, labels, families = read(pictures / "recombined")
    count = Counter(family.split()[0] for family in families)
    assert count == {"printed": 64, "clova": 32, "recombined": 32}
    assert not set(labels) & set(data.unseen_syllables())
    for name in ("full", "tenth", "every", "seen", "unseen"):
        assert not any("recombined" in f for f in read(pictures / name)[2])


def test_pictures_that_were_made_are_no_hands(tmp_path):
    kinds = [data._kind(tmp_path / f"{name}_0.pickle") for name in MADE]
    assert kinds == list(MADE)
    assert data._kind(tmp_path / "clova_0.pickle") == "handwritten"


def test_too_few_recombined_pictures_are_told(pictures, tmp_path):
    (tmp_path / "train" / "recombined_0.pickle").unlink()
    with pytest.raises(ValueError, match="holds 0 recombined .* needs 32"):
        data.make_recombined(tmp_path / "train", pictures, 128)


def test_pictures_of_another_comparison_are_kept(pictures, tmp_path):
    with pytest.raises(ValueError, match="choose another methods_path"):
        data.make_pictures(tmp_path / "train", tmp_path / "val", pictures, 64)
    with pytest.raises(ValueError, match="needs 2000"):
        data.make_pictures(tmp_path / "train", tmp_path / "val", tmp_path / "b", 4000)


def test_every_row_is_legal_and_named_once():
    names = [row.name for row in rows.ROWS]
    assert len(set(names)) == len(names)
    assert len({runs.run_path("", row, 0) for row in rows.ROWS}) == len(names)
    for row in rows.ROWS:
        ModelConfig(**row.network)
        TrainConfig(**row.training)
        assert row.beside in names and row.data in DATA
    # A row beside which one is compressed has to come first.
    for row in rows.ROWS:
        if row.compressed:
            assert names.index(row.beside) < names.index(row.name)


def test_rows_are_found_by_name():
    assert [r.name for r in rows.find_rows("melnyk; compact, GWAP, Muon")] == [
        "melnyk",
        "compact, GWAP, Muon",
    ]
    assert rows.find_rows() == rows.ROWS
    with pytest.raises(ValueError, match="No row is called 'melnik'"):
        rows.find_rows("melnik")


@pytest.fixture
def tiny_rows(monkeypatch, tiny_network):
    """One small row, in place of all."""
    network = {"network": tiny_network, "fc_link": "GAP", "image_size": 16}
    small = rows.Row("tiny", network, {"optimizer": "sgd"}, beside="tiny")
    for module in (rows, table, benchmarking):
        monkeypatch.setattr(module, "ROWS", [small])
    # In this process: the tiny network is known to no other.
    monkeypatch.setattr(runs, "_start", lambda row, *how: run_here(row, *how))
    return small


def run_here(row, seed, folder, hands_path):
    runs.main(KoOCR, row.name, str(seed), str(folder), str(hands_path))


def test_a_comparison_runs_once_and_goes_on(pictures, tiny_rows, tmp_path, capsys):
    flags = [f"--data_path={tmp_path / 'train'}", f"--val_data_path={tmp_path / 'val'}"]
    flags += ["--methods", f"--methods_path={pictures}", "--method_pictures=128"]
    assert benchmark.main([*flags, "--seeds=1"]) == 0
    path = runs.run_path(pictures, tiny_rows, 0)
    first = path.stat().st_mtime_ns
    assert benchmark.main([*flags, "--seeds=2"]) == 0
    assert path.stat().st_mtime_ns == first  # not run again
    found = json.loads(path.read_text())
    seen = found["accuracy"]["seen handwritten"]
    assert 0 <= seen["top_1"] <= seen["top_5"] <= 1 and seen["count"] > 30
    network = KoOCR(pictures / "weights" / "tiny.0.weights.h5")
    assert found["parameters"] == network.model.count_params()
    printed = capsys.readouterr().out
    assert "Every row sees 128 pictures" in printed and "2 runs of 2 seeds" in printed
    assert (pictures / "methods.png").stat().st_size > 1000


def test_a_run_with_other_options_is_not_taken(pictures, tiny_rows):
    run_here(tiny_rows, 0, pictures, "")
    assert runs.read_run(pictures, tiny_rows, 0)["name"] == "tiny"
    assert runs.read_run(pictures, tiny_rows, 1) is None
    other = tiny_rows._replace(training={"optimizer": "adam"})
    assert runs.read_run(pictures, other, 0) is None
    assert runs.read_run(pictures, tiny_rows, 0, "hands.zip") is None


def zip_hands(path, labels):
    """Pictures of hands with their table, in a .zip."""
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        for number, label in enumerate(labels):
            with archive.open(f"{number}.png", "w") as file:
                Image.fromarray(glyph_picture(label)).save(file, "png")
        rows = "".join(f"{i}.png\t{label}\n" for i, label in enumerate(labels))
        archive.writestr("labels.tsv", "path\tlabel\n" + rows)
    return path


def test_hands_of_one_name_are_told_apart(pictures, tiny_rows, tmp_path):
    one = zip_hands(tmp_path / "one" / "hands.zip", "가각")
    other = zip_hands(tmp_path / "other" / "hands.zip", "거걱")
    run_here(tiny_rows, 0, pictures, one)
    found = runs.read_run(pictures, tiny_rows, 0, one)
    assert "hands hands" in found["accuracy"]
    assert runs.read_run(pictures, tiny_rows, 0, other) is None
    other.write_bytes(one.read_bytes())  # the same elsewhere
    assert runs.read_run(pictures, tiny_rows, 0, other) == found
    # Runs that were written before say nothing of what their hands were.
    del found["hands"]
    runs.run_path(pictures, tiny_rows, 0).write_text(json.dumps(found))
    assert runs.read_run(pictures, tiny_rows, 0, "gone/hands.zip") == found


def test_hands_are_known_by_their_table_or_patches(tmp_path):
    make_patches(tmp_path / "patches", 20, 0)
    patches = runs.digest_hands(tmp_path / "patches")
    make_patches(tmp_path / "moved", 20, 0)
    assert runs.digest_hands(tmp_path / "moved") == patches
    make_patches(tmp_path / "moved", 20, 1)
    assert runs.digest_hands(tmp_path / "moved") != patches
    (tmp_path / "patches" / "labels.tsv").write_bytes(b"path\tlabel\n")
    assert runs.digest_hands(tmp_path / "patches") != patches
    assert runs.digest_hands("") == ""


def test_hands_that_are_not_there_are_told_before_any_work(pictures, tiny_rows):
    with pytest.raises(PatchError, match="hands.zip: there is no such folder"):
        run_here(tiny_rows, 0, pictures, "gone/hands.zip")
    assert not (pictures / "weights").exists()


def test_compressed_rows_start_from_trained_ones(pictures, monkeypatch):
    monkeypatch.setitem(BACKBONES, "thin", thin)
    network = {"network": "thin", "fc_link": "GAP", "image_size": 16}
    whole = rows.Row("thin", network, {"optimizer": "sgd"}, beside="thin")
    pairs = whole._replace(name="pairs", compressed="tune")
    dropped = whole._replace(name="dropped", compressed="drop")
    monkeypatch.setattr(rows, "ROWS", [whole, pairs, dropped])
    for row in rows.ROWS:
        run_here(row, 0, pictures, "")
    first, second, third = (runs.read_run(pictures, row, 0) for row in rows.ROWS)
    assert first["multiply_adds"] > second["multiply_adds"] == third["multiply_adds"]
    assert first["parameters"] > second["parameters"]
    kept = KoOCR(pictures / "weights" / "dropped.0.weights.h5").training_model
    heavy = np.concatenate([np.ravel(v) for v in heavy_variables(kept)])
    assert np.mean(heavy == 0) == pytest.approx(0.6, abs=0.05)


def test_early_exits_cost_what_those_that_stay_cost(
    pictures, monkeypatch, tiny_network
):
    network = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
    whole = rows.Row("whole", network, {"optimizer": "sgd"}, beside="whole")
    early = whole._replace(name="early", network=network | {"early_exit": True})
    monkeypatch.setattr(rows, "ROWS", [whole, early])
    for row in rows.ROWS:
        run_here(row, 0, pictures, "")
    first, second = (runs.read_run(pictures, row, 0) for row in rows.ROWS)
    assert "exit_rate" not in first and 0 <= second["exit_rate"] <= 1
    assert 0.5 <= second["exit_threshold"] <= 1
    saved = KoOCR(pictures / "weights" / "early.0.weights.h5")
    stays = multiply_adds(saved.cascade.second)
    mean = multiply_adds(saved.cascade.first) + (1 - second["exit_rate"]) * stays
    assert second["multiply_adds"] == round(mean)


def test_a_run_that_fails_says_why(pictures):
    row = rows.ROWS[0]._replace(name="no such row")
    with pytest.raises(ValueError, match="no such row, seed 0: .*No row is called"):
        runs.run_rows([row], 1, pictures)


def test_the_reason_of_a_failed_run_comes_in_any_encoding(pictures, monkeypatch):
    program = (
        r"import sys; sys.stderr.buffer.write(b'\xb0\xa1 is broken\n'); sys.exit(1)"
    )
    monkeypatch.setattr(runs, "_PROGRAM", program)
    with pytest.raises(ValueError, match="seed 0: .* is broken"):
        runs.run_rows(rows.ROWS[:1], 1, pictures)


def run(name, top_1, seed):
    accuracy = {"top_1": top_1, "top_5": 0.9, "count": 10}
    sizes = {"parameters": 1_500_000, "megabytes": 2.0, "multiply_adds": 26_600_000}
    sets = {"seen printed": accuracy, table.JUDGED: accuracy}
    facts = {"name": name, "seed": seed, "seconds": 30.0, "milliseconds": 0.5}
    return facts | sizes | {"accuracy": sets}


@pytest.mark.parametrize(
    "top_1, verdict",
    # The base reaches 80 and 82: a mean of 81, half a range of 1.
    [((0.84, 0.86), "+4.0"), ((0.825, 0.815), "tie"), ((0.7, 0.72), "-10.0")],
)
def test_differences_within_the_spread_are_ties(top_1, verdict):
    done = [run(rows.BASE, 0.80, 0), run(rows.BASE, 0.82, 1)]
    done += [run("pooling: GAP", value, seed) for seed, value in enumerate(top_1)]
    base, other = table.summarise(done)
    assert str(base.accuracy[table.JUDGED][0]) == "81.0 ± 1.0"
    assert base.verdict == "-" and other.verdict == verdict
    assert other.beside == rows.BASE


def test_one_seed_decides_nothing():
    done = [run(rows.BASE, 0.8, 0), run("pooling: GAP", 0.1, 0)]
    other = table.summarise(done)[1]
    assert other.verdict == "-70.0, one seed"
    assert str(other.accuracy[table.JUDGED][0]) == "10.0"  # no spread is known


def test_table_is_markdown_with_a_line_a_row():
    done = [run(rows.BASE, 0.80, 0), run(rows.BASE, 0.82, 1)]
    header, rule, line = table.format_methods(table.summarise(done)).splitlines()
    assert header.count("|") == rule.count("|") == line.count("|")
    assert "81.0 ± 1.0 / 90.0" in line and "| 1.50 | 2.00 | 26.6 | 0.50 |" in line
    assert "print %" in header and "handwriting %" in header
    text = table.protocol(128, 2, done, "a machine")
    assert "10 handwriting" in text and "2 runs of 2 seeds, 1 minutes" in text


def test_the_picture_names_every_row():
    done = [run(rows.BASE, 0.80, 0), run("melnyk", 0.9, 0)]
    figure = draw_methods(table.summarise(done))
    shown = {text.get_text() for text in figure.axes[0].texts}
    assert shown == {rows.BASE, "melnyk"}
