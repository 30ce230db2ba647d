import csv
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

import evaluate
from model import KoOCR
from utils.data.patches import write_patch
from utils.hangul import COMPONENTS
from utils.reporting.page import shortest_tails

HEADS = tuple(COMPONENTS)


def draw(seed):
    """Returns a picture with some strokes in it."""
    rng = np.random.default_rng(seed)
    image = np.full((40, 40), 255, np.uint8)
    for left, top in rng.integers(4, 20, (4, 2)):
        image[top : top + 3, left : left + 14] = 0
    return image


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "m.weights.h5"
    KoOCR(weights=None, image_size=32, fc_link="GWAP").save(path)
    return path


@pytest.fixture(scope="module")
def flat_weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("flat") / "m.weights.h5"
    options = {"split_components": False, "charset": "ksx1001", "fc_link": "GAP"}
    KoOCR(weights=None, image_size=32, **options).save(path)
    return path


@pytest.fixture(scope="module")
def patches(tmp_path_factory, weights):
    """Returns a folder of patches whose labels the network reads right, but for one."""
    folder = tmp_path_factory.mktemp("patches")
    for source in ("handwritten", "printed"):
        images = np.stack([draw(seed) for seed in range(6)])
        labels = [answer[0] for answer in KoOCR(weights).predict(images)]
        if source == "printed":
            labels[2] = "가" if labels[2] != "가" else "나"
        families = ["Nanum", "Nanum", "바탕", "바탕", "바탕", "바탕"]
        write_patch(folder / f"{source}_0.pickle", images, labels, families)
    return folder


def run(capsys, weights, folder, *flags):
    """Returns exit status, stdout and stderr."""
    argv = [f"--weights={weights}", f"--log_path={folder}", *map(str, flags)]
    status = evaluate.main(argv)
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def read_csv(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_accuracy_runs_unless_something_else_is_asked(
    capsys, weights, patches, tmp_path
):
    flags = [f"--data_path={patches}", "--top_n=3"]
    status, out, err = run(capsys, weights, tmp_path, *flags)
    assert (status, err) == (0, "")
    header, hand, printed = [line.split() for line in out.splitlines()[:3]]
    assert " ".join(header).startswith("source images top-1 % 95 % interval top-3 %")
    assert hand[:4] == ["handwritten", "6", "100.00", "60.97-100.00"]  # by Wilson
    assert printed[:3] == ["printed", "6", "83.33"]
    rows = read_csv(tmp_path / "accuracy.csv")
    assert [row["source"] for row in rows] == ["handwritten", "printed"]
    assert float(rows[1]["syllable"]) == pytest.approx(5 / 6)
    assert [path.name for path in tmp_path.iterdir()] == ["accuracy.csv"]


def test_every_answer_is_written_beside_its_label(capsys, weights, tmp_path):
    pictures = [draw(0), draw(1), np.full((40, 40), 255, np.uint8)]
    for number, picture in enumerate(pictures):
        Image.fromarray(picture).save(tmp_path / f"{number}.png")
    rows = ["path\tlabel\tgroup", "0.png\t가\tA", "1.png\t나\tA", "2.png\t다\tB"]
    (tmp_path / "labels.tsv").write_text("\n".join(rows) + "\n", "utf-8")
    flags = [f"--data_path={tmp_path}", "--answers", "--top_n=2"]
    status, out, err = run(capsys, weights, tmp_path / "logs", *flags)
    assert status == 0 and "2.png: The picture holds no ink" in err
    assert out == f"wrote {tmp_path / 'logs' / 'answers.csv'}\n"
    found = read_csv(tmp_path / "logs" / "answers.csv")
    assert [(row["picture"], row["label"], row["group"]) for row in found] == [
        ("0.png", "가", "A"),
        ("1.png", "나", "A"),
        ("2.png", "다", "B"),
    ]
    expected = KoOCR(weights).predict(pictures[:2], n=2, scores=True)
    for row, pairs in zip(found, expected, strict=False):
        for place, (syllable, probability) in enumerate(pairs, 1):
            assert row[f"answer_{place}"] == syllable
            assert float(row[f"probability_{place}"]) == pytest.approx(probability)
    assert found[2]["answer_1"] == found[2]["probability_2"] == ""
    (told,) = (line for line in err.splitlines() if "2.png: " in line)
    assert found[2]["problem"] == told.partition("2.png: ")[2]
    assert found[0]["problem"] == found[1]["problem"] == ""


def test_a_network_measures_itself_as_the_script_does(
    capsys, weights, patches, tmp_path
):
    run(capsys, weights, tmp_path, f"--data_path={patches}", "--top_n=3")
    written = read_csv(tmp_path / "accuracy.csv")
    found = KoOCR(weights).evaluate(patches, top_n=3)
    assert [list(row) for row in found] == [list(row) for row in written]
    assert [row["n"] for row in found] == [3, 3]  # of top_n
    for one, other in zip(found, written, strict=True):
        assert one["source"] == other["source"]
        for name in list(one)[1:]:
            assert one[name] == pytest.approx(float(other[name]))
    for wrong in ({"top_n": 0}, {"max_images": -1}, {"max_images": "x"}, {"rare": 0}):
        with pytest.raises(ValueError):
            KoOCR(weights).evaluate(tmp_path / "none", **wrong)
    few = KoOCR(weights).evaluate(patches, max_images=2)
    assert [row["count"] for row in few] == [2, 2]
    with pytest.raises(ValueError, match="neither a folder nor a zip"):
        KoOCR(weights).evaluate(tmp_path / "none")


def test_the_prior_is_what_predict_is_told(capsys, weights, tmp_path):
    network = KoOCR(weights)
    images = np.stack([draw(seed) for seed in range(6)])
    for rare, text in ((1, 0), (0.3, 0.1), (1, 1), (1e-6, 0)):
        found = network.predict(images, rare=rare, text=text)
        labels = [answer[0] for answer in found]
        folder = tmp_path / f"{rare} {text}"
        write_patch(folder / "printed_0.pickle", images, labels)
        data = f"--data_path={folder}"
        flags = data, f"--rare={rare}", f"--text={text}"
        assert run(capsys, weights, tmp_path / "a", *flags)[0] == 0
        (row,) = read_csv(tmp_path / "a" / "accuracy.csv")
        assert row["syllable"] == "1.0"
    common = [len(label.encode("euc_kr")) == 2 for label in labels]
    assert all(common)  # the last were all but told to be


@pytest.mark.parametrize("name", ["rare", "text"])
def test_the_prior_is_for_accuracy_and_not_for_calibration(name):
    given = {name: 0.2}
    assert getattr(evaluate.EvaluateOptions(**given), name) == 0.2
    assert getattr(evaluate.EvaluateOptions(**given, report=True), name) == 0.2
    for other in ("calibration", "class_activation", "show_augmentation"):
        with pytest.raises(ValueError, match=f"{name}=0.2 is for accuracy or per_fam"):
            evaluate.EvaluateOptions(**given, **{other: True})


def test_families_are_told_apart(capsys, weights, patches, tmp_path):
    flags = [f"--data_path={patches}", "--per_family=true"]
    _, out, _ = run(capsys, weights, tmp_path, *flags)
    assert "바탕" in out
    rows = read_csv(tmp_path / "accuracy_by_family.csv")
    found = [(r["source"], r["family"], r["count"], float(r["syllable"])) for r in rows]
    assert found == [
        ("handwritten", "Nanum", "2", 1),
        ("handwritten", "바탕", "4", 1),
        ("printed", "Nanum", "2", 1),
        ("printed", "바탕", "4", 0.75),
    ]


def test_confusion_matrices_are_written_for_every_head(
    capsys, weights, patches, tmp_path
):
    flags = [f"--data_path={patches}", "--confusion_matrix=true"]
    _, out, _ = run(capsys, weights, tmp_path, *flags)
    for source in ("handwritten", "printed"):
        for head in HEADS:
            path = tmp_path / f"confusion_{source}_{head}.csv"
            rows = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
            assert tuple(rows[0][1:]) == COMPONENTS[head]
            assert tuple(row[0] for row in rows[1:]) == COMPONENTS[head]
            assert sum(int(cell) for row in rows[1:] for cell in row[1:]) == 6
            assert f"wrote {path}" in out
            with Image.open(path.with_suffix(".png")) as image:
                assert image.format == "PNG"


def test_wrong_examples_are_drawn_where_there_are_any(
    capsys, weights, patches, tmp_path
):
    (tmp_path / "wrong_handwritten.png").touch()  # of a run that found some
    flags = [f"--data_path={patches}", "--wrong_examples=true"]
    status, out, _ = run(capsys, weights, tmp_path, *flags)
    names = [path.name for path in tmp_path.glob("*.png")]
    assert status == 0 and names == ["wrong_printed.png"]
    assert "handwritten: no picture is read wrongly; there is no wrong_" in out
    assert "printed: no picture" not in out


@pytest.mark.parametrize("count", [2, 50])
def test_class_activations_are_drawn_alone(
    capsys, weights, patches, tmp_path, count, monkeypatch
):
    drawn = []
    heat_map_grid = evaluate.exhibits.plots.heat_map_grid
    monkeypatch.setattr(
        evaluate.exhibits.plots,
        "heat_map_grid",
        lambda *given: drawn.append(given) or heat_map_grid(*given),
    )
    flags = ["--class_activation=true", f"--class_activation_n={count}"]
    status, out, _ = run(capsys, weights, tmp_path, f"--data_path={patches}", *flags)
    assert status == 0 and "top-1" not in out
    names = {path.name for path in tmp_path.iterdir()}
    sources = ("handwritten", "printed")
    assert names == {f"class_activation_{source}_0.png" for source in sources}
    for images, maps, captions, signed in drawn:
        assert len(images) == len(captions) == min(count, 6)
        kinds = [f"{kind} {head}" for kind in ("Grad-CAM", "exact") for head in HEADS]
        assert list(maps) == kinds and signed == kinds[3:]
        assert maps["exact medial"].shape == (min(count, 6), 32, 32)


def test_flat_head_is_evaluated_and_explained(capsys, flat_weights, patches, tmp_path):
    flags = ["--accuracy=true", "--class_activation=true", "--split_components=false"]
    flags += [f"--data_path={patches}", "--class_activation_n=1", "--max_images=2"]
    status, out, _ = run(capsys, flat_weights, tmp_path, *flags)
    assert status == 0
    assert [line.split()[1] for line in out.splitlines()[1:3]] == ["2", "2"]
    assert (tmp_path / "class_activation_printed_0.png").is_file()


def make_zip(path):
    """Writes 12 pictures of one set, one of them blank, and their table."""
    with zipfile.ZipFile(path, "w") as file:
        table = "path\tlabel\tgroup\tset\n"
        for i in range(12):
            image = draw(i) if i != 3 else np.full((30, 30), 255, np.uint8)
            with file.open(f"{i}.png", "w") as member:
                Image.fromarray(image).save(member, "png")
            table += f"{i}.png\t가\twriter{i % 2}\tphoto / 1\n"
        file.writestr("labels.tsv", table)
    return path


def test_zip_of_pictures_names_what_counts_as_wrong(capsys, weights, tmp_path):
    path, logs = make_zip(tmp_path / "data.zip"), tmp_path / "logs"
    flags = [f"--data_path={path}", "--wrong_examples", "--class_activation"]
    status, out, err = run(capsys, weights, logs, *flags, "--class_activation_n=12")
    assert status == 0 and "photo / 1" in out
    assert "photo / 1: counted as wrong: 3.png: The picture holds no ink" in err
    (row,) = read_csv(logs / "accuracy.csv")
    assert row["count"] == "12"
    names = {path.name for path in logs.glob("class_*.png")}  # 11 can be drawn
    assert names == {f"class_activation_photo_1_{page}.png" for page in (0, 1)}


@pytest.mark.parametrize("flag", ["rarity", "calibration", "report", "early_exit"])
def test_every_analysis_names_what_it_could_not_read(
    capsys, weights, exit_weights, tmp_path, flag
):
    path = make_zip(tmp_path / "data.zip")
    weights = exit_weights if flag == "early_exit" else weights
    status, _, err = run(capsys, weights, tmp_path, f"--data_path={path}", f"--{flag}")
    assert status == 0 and "photo / 1: not read: 3.png: The picture holds no ink" in err
    assert ("1 of 12 pictures are left out" in err) == (flag == "calibration")


def test_writers_with_too_few_pictures_are_named(capsys, weights, tmp_path):
    images = np.stack([draw(seed) for seed in range(27)])
    images[3] = 255
    writers = ["A"] * 22 + ["B"] * 5
    write_patch(tmp_path / "printed_0.pickle", images, ["가"] * 27, writers)
    flags = [f"--data_path={tmp_path}", "--together"]
    status, _, err = run(capsys, weights, tmp_path / "logs", *flags)
    assert status == 0
    assert "printed: B is left out, with 5 pictures to learn from; 20 are" in err
    (row,) = read_csv(tmp_path / "logs" / "together.csv")
    assert (row["writer"], row["count"]) == ("A", "22")  # the blank one is wrong


def test_what_fails_leaves_the_other_analyses(capsys, weights, patches, tmp_path):
    flags = [f"--data_path={patches}", "--together", "--adapt", "--rarity"]
    status, out, err = run(capsys, weights, tmp_path, *flags, "--calibration")
    assert status == 1
    assert err.splitlines() == [  # two failed for the same reason
        "evaluate.py: No writer has 20 pictures, the fewest to learn from.",
    ]
    written = [line for line in out.splitlines() if line.startswith("wrote ")]
    names = "rarity_rare.csv", "rarity_text.csv", "calibration.csv"
    assert written == [f"wrote {tmp_path / name}" for name in names]


def test_a_folder_for_results_must_be_one(capsys, weights, patches, tmp_path):
    (tmp_path / "file").touch()
    flags = [f"--data_path={patches}"]
    for folder in (tmp_path / "file", tmp_path / "file" / "logs"):
        status, out, err = run(capsys, weights, folder, *flags)
        assert (status, out) == (1, "")
        assert err.startswith(f"evaluate.py: {folder} cannot be a folder for results (")


def test_a_report_compares_with_a_network_of_few_syllables(
    capsys, weights, patches, tmp_path
):
    options = {"split_components": False, "charset": "가나다", "fc_link": "GAP"}
    few = tmp_path / "few.weights.h5"
    KoOCR(weights=None, image_size=32, **options).save(few)
    flags = [f"--data_path={patches}", "--report", f"--compare={few}"]
    assert run(capsys, weights, tmp_path, *flags)[0] == 0
    assert read_csv(tmp_path / "report" / "comparison.csv")


@pytest.mark.parametrize("flag", ["accuracy", "calibration", "rarity"])
def test_a_network_of_few_syllables_has_as_many_guesses(capsys, tmp_path, flag):
    options = {"split_components": False, "charset": "가나다", "fc_link": "GAP"}
    few = tmp_path / "few.weights.h5"
    KoOCR(weights=None, image_size=32, **options).save(few)
    images = np.stack([draw(seed) for seed in range(6)])
    write_patch(tmp_path / "printed_0.pickle", images, list("가나다" * 2), ["A"] * 6)
    flags = [f"--data_path={tmp_path}", f"--{flag}"]
    status, out, err = run(capsys, few, tmp_path / "logs", *flags)
    assert (status, err) == (0, "")
    assert ("top-3 %" in out) == (flag == "accuracy")


@pytest.fixture
def exit_weights(tmp_path, tiny_network):
    path = tmp_path / "exits" / "m.weights.h5"
    options = {"network": tiny_network, "image_size": 32, "early_exit": True}
    KoOCR(weights=None, fc_link="GWAP", **options).save(path)
    return path


@pytest.fixture
def tiny_weights(tmp_path, tiny_network):
    path = tmp_path / "weights" / "tiny.weights.h5"
    options = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
    KoOCR(weights=None, **options).save(path)
    return path


def write_answers(folder, weights, wrong):
    """Writes patches whose labels a network reads right, but for some; surely so."""
    network = KoOCR(weights)
    for name in HEADS:  # what is not trained is nearly alike for all jamo
        layer = network.training_model.get_layer(f"{name}_logits")
        layer.set_weights([300 * values for values in layer.get_weights()])
    network.save(weights)
    images = np.stack([draw(seed) for seed in range(12)])
    labels = [answer[0] for answer in network.predict(images, rare=1, text=0)]
    for place in wrong:
        labels[place] = "가" if labels[place] != "가" else "나"
    for source, some in (("handwritten", slice(6)), ("printed", slice(6, 12))):
        write_patch(folder / f"{source}_0.pickle", images[some], labels[some])


def test_a_temperature_of_no_errors_is_not_saved(capsys, tiny_weights, tmp_path):
    write_answers(tmp_path / "data", tiny_weights, wrong=())
    config = tiny_weights.with_name("tiny.json")
    before = config.read_text()
    flags = [f"--data_path={tmp_path / 'data'}", "--calibration=true"]
    status, out, err = run(capsys, tiny_weights, tmp_path / "logs", *flags)
    said = "No temperature can be fitted from so few errors: 0 of 12 pictures"
    assert (status, err) == (0, "") and said in out and "temperature=" not in out
    flags.append("--save_temperature=true")
    status, out, err = run(capsys, tiny_weights, tmp_path / "logs", *flags)
    assert status == 1 and said in err and config.read_text() == before


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a/weights", "b/weights"], ["a/weights", "b/weights"]),
        (["x/a/weights/", "/y/b/weights"], ["a/weights", "b/weights"]),
        (["melnyk", "./logs/weights"], ["melnyk", "weights"]),
        (["weights", "a/weights"], ["weights", "a/weights"]),
        (["/weights", "weights"], ["/weights", "weights"]),
        (["a/weights", "a/weights"], ["weights", "weights"]),
        (["a/weights"], ["weights"]),
    ],
)
def test_models_are_named_so_that_they_differ(paths, expected):
    assert shortest_tails(paths) == expected


def test_calibration_writes_a_temperature_where_it_is_told_to(
    capsys, tiny_weights, tmp_path
):
    patches = tmp_path / "data"
    write_answers(patches, tiny_weights, wrong=(1, 4, 6, 7, 9))
    config = tiny_weights.with_name("tiny.json")
    before, logs = config.read_text(), tmp_path / "logs"
    flags = [f"--data_path={patches}", "--calibration=true"]
    status, out, err = run(capsys, tiny_weights, logs, *flags)
    assert (status, err) == (0, "") and config.read_text() == before
    header, hand, _, both = [line.split() for line in out.splitlines()[:4]]
    assert " ".join(header).endswith("ECE % ECE % after NLL NLL after")
    assert hand[:2] == ["handwritten", "6"] and both[:2] == ["all", "12"]
    assert "temperature=" in out and "(of the weights: 1)" in out
    rows = read_csv(logs / "calibration.csv")
    assert [row["source"] for row in rows] == ["handwritten", "printed", "all"]
    temperature = float(out.split("temperature=")[1].split()[0])
    status, out, _ = run(capsys, tiny_weights, logs, *flags, "--save_temperature")
    assert f"wrote {config}" in out
    saved = json.loads(config.read_text())
    assert saved == json.loads(before) | {"temperature": temperature}
    # What is calibrated stays as it is.
    _, out, _ = run(capsys, tiny_weights, logs, *flags)
    again = float(out.split("temperature=")[1].split()[0])
    assert again == pytest.approx(temperature, rel=0.01)
    assert f"(of the weights: {temperature:g})" in out


def test_rejection_compares_with_what_fonts_draw(
    capsys, tiny_weights, patches, fonts, tmp_path
):
    logs = tmp_path / "logs"
    flags = [f"--data_path={patches}", f"--font_path={fonts}", "--rejection=true"]
    status, out, err = run(capsys, tiny_weights, logs, *flags, "--rejection_n=5")
    assert (status, err) == (0, "")
    rows = read_csv(logs / "rejection.csv")
    kinds = ["blank", "several", "noise"]  # all that these faces draw
    for source in ("handwritten", "printed"):
        own = [row for row in rows if row["source"] == source]
        assert [row["kind"] for row in own[::3]] == kinds
        assert {float(row["auroc"]) for row in own[:3]} == {1}  # no ink
        assert f"{source}: reject_below=" in out
    assert {row["count"] for row in rows} == {"5"}
    assert len(rows) == 2 * 3 * 3 and "AUROC, entropy" in out.splitlines()[0]


def test_augmentation_needs_no_weights(capsys, patches, tmp_path):
    flags = ["--show_augmentation=true", f"--train_data_path={patches}"]
    assert evaluate.main([*flags, f"--log_path={tmp_path}"]) == 0
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["augmentation_handwritten.png", "augmentation_printed.png"]
    with Image.open(tmp_path / names[0]) as image:
        assert np.asarray(image.convert("L")).min() < 50


@pytest.mark.parametrize(
    "flags, message",
    [
        (["--image_size=64"], "image_size=64 contradicts the weights"),
        (
            ["--split_components=false"],
            "split_components=False contradicts the weights",
        ),
        (["--rejection", "--font_path=nowhere"], "nowhere holds no font"),
        (["--data_path=nowhere"], "nowhere is neither a folder nor a zip"),
        (["--weights=nowhere.weights.h5"], "there is no such weight file"),
    ],
)
def test_user_errors_are_one_line(capsys, weights, tmp_path, flags, message):
    status, out, err = run(capsys, weights, tmp_path, *flags)
    assert (status, out) == (1, "")
    assert err.startswith("evaluate.py: ") and message in err
    assert err.count("\n") == 1


def test_augmentation_of_no_folder_is_an_error(capsys, tmp_path):
    flags = ["--show_augmentation", "--train_data_path=nowhere"]
    status = evaluate.main([*flags, f"--log_path={tmp_path}"])
    out, err = capsys.readouterr()
    assert (status, out) == (1, "")
    assert err.startswith("evaluate.py: ") and "no such folder" in err
    assert err.count("\n") == 1


def test_three_heads_asked_of_flat_weights_are_an_error(capsys, flat_weights, tmp_path):
    flag = "--split_components=true"  # the default, but here it was asked for
    status, _, err = run(capsys, flat_weights, tmp_path, flag)
    assert status == 1 and "split_components=True contradicts the weights" in err


@pytest.mark.parametrize(
    "flags, expected",
    [
        ([], {}),
        (["--image_size=0"], {}),
        (["--image_size=96"], {"image_size": 96}),
        (["--split_components=no"], {"split_components": False}),
        (["--split_components"], {"split_components": True}),
    ],
)
def test_only_options_on_the_command_line_are_asked_of_the_weights(flags, expected):
    assert evaluate.given_model_options(flags) == expected


@pytest.mark.parametrize(
    "flag, message",
    [
        ("--top_n=0", "top_n=0 is too small"),
        ("--save_temperature", "is for calibration; set calibration=true as well"),
        ("--rejection_n=5", "rejection_n=5 is for rejection; set rejection=true"),
        ("--rare=0", "rare=0.0; expected a number above 0"),
        ("--rare=2", "rare=2.0 is too large"),
        ("--text=2", "text=2.0 is too large"),
        (
            "--font_path=f",
            "is for rejection or pointing or text_path; set rejection=true",
        ),
        ("--max_images=-1", "max_images=-1 is too small"),
        ("--calibration --top_n=3", "top_n=3 is for accuracy or"),
        ("--show_augmentation --max_images=3", "max_images=3 is for accuracy or"),
        ("--show_augmentation --weights=compact", "weights='compact' is for accuracy"),
        ("--show_augmentation --first_look=.9", "first_look=0.9 is for accuracy or"),
        ("--show_augmentation --split_components=no", "split_components=False is for"),
        ("--pointing --data_path=there", "data_path='there' is for accuracy or"),
        ("--class_activation_n=0", "class_activation_n=0 is too small"),
        ("--accuracy=maybe", "'maybe' is no boolean"),
        ("--patch_size=3", "unrecognized arguments: --patch_size=3"),
    ],
)
def test_bad_command_line_ends_with_status_2(capsys, flag, message):
    with pytest.raises(SystemExit, match="2"):
        evaluate.main(flag.split())
    assert message in capsys.readouterr().err
