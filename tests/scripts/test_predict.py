import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import predict
from model import KoOCR
from utils import predicting
from utils.analysis.maps import explaining
from utils.analysis.report import display_width
from utils.data.patches import write_patch
from utils.inference.answers import Answering
from utils.inference.ordering import Place

ROOT = Path(__file__).parents[2]
DOUBTFUL = predicting.DOUBTFUL


@pytest.fixture(autouse=True)
def sure(monkeypatch):
    """Networks that were never trained doubt everything: that is not told here."""
    monkeypatch.setattr(predicting, "DOUBTFUL", 0.0)


def draw(path, seed=0):
    """Writes a picture with some strokes in it."""
    rng = np.random.default_rng(seed)
    image = np.full((50, 60), 255, np.uint8)
    for left, top in rng.integers(5, 30, (4, 2)):
        image[top : top + 4, left : left + 20] = 0
    image[5:34, left : left + 3] = 0  # upright, so that it is no wider than a syllable
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
    return path


@pytest.fixture(scope="module")
def weights(tmp_path_factory, tiny_network):
    path = tmp_path_factory.mktemp("weights") / "m.weights.h5"
    options = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
    KoOCR(weights=None, **options).save(path)
    return path


def run(capsys, weights, *argv):
    """Returns exit status, stdout's lines and stderr's."""
    status = predict.main([f"--weights={weights}", *map(str, argv)])
    captured = capsys.readouterr()
    return status, captured.out.splitlines(), captured.err.splitlines()


def test_a_word_is_read_with_a_warning_that_names_it(capsys, weights, tmp_path):
    image = np.full((50, 300), 255, np.uint8)
    image[10:40, 10:290:20] = image[10:14, 10:290] = 0
    Image.fromarray(image).save(tmp_path / "word.png")
    paths = [tmp_path / "none.png", draw(tmp_path / "one.png"), tmp_path / "word.png"]
    status, out, err = run(capsys, weights, *paths, "--top_n=1")
    assert status == 1 and len(out) == 3  # the table's head, and two answers
    (warning,) = [line for line in err if "as wide as it is high" in line]
    assert warning.startswith(f"predict.py: {tmp_path / 'word.png'}: its ink is")


def test_a_page_that_is_read_as_one_syllable_is_told(capsys, monkeypatch):
    monkeypatch.setattr(predicting, "DOUBTFUL", DOUBTFUL)
    path = str(ROOT / "files" / "text.jpg")
    assert predict.main([path, "--engine=onnx"]) == 0
    told = capsys.readouterr().err
    assert f"{path}: no answer is likely, the best has 0.0" in told
    assert predict.main([str(ROOT / "files/samples"), "--engine=onnx"]) == 0
    assert capsys.readouterr().err == ""


def test_table_lists_the_answers_of_the_class(capsys, weights, tmp_path):
    paths = [draw(tmp_path / "가.png", 0), draw(tmp_path / "long name.png", 1)]
    status, out, err = run(capsys, weights, *paths, "--top_n=3")
    assert (status, err) == (0, [])
    assert out[0].split() == ["file", "1", "2", "3"]
    for line, path in zip(out[1:], paths, strict=True):
        answer = KoOCR(weights).predict(path, n=3, scores=True)
        cells = [text for s, p in answer for text in (s, f"{p:.3f}")]
        assert line.removeprefix(str(path)).split() == cells
    # The columns line up, though Hangul letters are two columns wide.
    assert display_width(out[1]) == display_width(out[2])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Forty pictures, one of them torn."""
    folder = tmp_path_factory.mktemp("one writer")
    for seed in range(40):
        draw(folder / f"{seed:02}.png", seed)
    (folder / "17.png").write_bytes(b"no picture")
    return folder


@pytest.mark.parametrize("sample", [7, 512])
def test_pictures_are_read_together(capsys, weights, folder, sample, monkeypatch):
    monkeypatch.setattr(predicting, "SAMPLE", sample)
    flags = ["--together=true", "--top_n=2", "--rare=0.5"]
    status, out, err = run(capsys, weights, folder, *flags)
    paths = [path for path in sorted(folder.iterdir()) if path.name != "17.png"]
    chosen = paths if sample == 512 else [folder / f"{n:02}.png" for n in SEVEN]
    network = KoOCR(weights)
    found = network.estimate_prior(chosen, rare=0.5)
    assert err[0] == f"read together: rare={found.rare:g}, text={found.text:g}"
    assert status == 1 and len(err) == 2 and "17.png" in err[1]
    how = {"rare": found.rare, "text": found.text}
    expected = network.predict(paths, n=2, scores=True, **how)
    for line, answer in zip(out[1:], expected, strict=True):
        cells = [text for s, p in answer for text in (s, f"{p:.3f}")]
        assert line.split()[-4:] == cells


def test_pictures_are_read_in_order(capsys, weights, folder):
    status, out, err = run(capsys, weights, folder, "--in_order=true", "--top_n=2")
    assert status == 1 and "17.png" in err[0]
    paths = [path for path in sorted(folder.iterdir()) if path.name != "17.png"]
    network = KoOCR(weights)
    parts = paths[:17], paths[17:]
    heads = [network.probabilities(network.prepare_all(part)) for part in parts]
    whole = {name: np.concatenate([h[name] for h in heads]) for name in heads[0]}
    answering = Answering(network.syllables, 2, True, in_order=True)
    text = [Place.LOST if place == 17 else Place.READ for place in range(40)]
    expected = answering(whole, text)
    for line, answer in zip(out[1:], expected, strict=True):
        cells = [text for s, p in answer for text in (s, f"{p:.3f}")]
        assert line.split()[-4:] == cells


def test_a_charset_narrows_what_is_learnt(capsys, weights, folder):
    paths = [path for path in sorted(folder.iterdir()) if path.name != "17.png"]
    flags = ["--together=true", "--top_n=1", "--charset=뷁쀍이는가"]
    _, _, err = run(capsys, weights, folder, *flags)
    found = KoOCR(weights).estimate_prior(paths, charset="뷁쀍이는가")
    assert err[0] == f"read together: rare={found.rare:g}, text={found.text:g}"


SEVEN = [0, 6, 13, 20, 26, 32, 39]  # evenly spread over forty: each 6.5th, rounded


def test_it_adapts_to_the_writer(capsys, weights, folder, tmp_path):
    network = KoOCR(weights)
    images = [draw(tmp_path / f"{seed}.png", seed) for seed in range(40)]
    squares = np.stack([np.asarray(Image.open(path)) for path in images])
    write_patch(tmp_path / "data" / "printed_0.pickle", squares, list("가나다라") * 10)
    network.learn_prototypes(tmp_path / "data")
    network.save(tmp_path / "own.weights.h5")
    paths = [path for path in sorted(folder.iterdir()) if path.name != "17.png"]
    adapted = network.adapt(paths)
    expected = adapted.predict(paths, scores=True, together=True)
    flags = ["--adapt=true", "--top_n=1"]
    status, out, err = run(capsys, tmp_path / "own.weights.h5", folder, *flags)
    assert status == 1 and err[0].startswith("read together: ")
    for line, ((syllable, probability),) in zip(out[1:], expected, strict=True):
        told = line.split()[-2:]
        assert told[0] == syllable
        assert float(told[1]) == pytest.approx(probability, abs=2e-3)  # float16


def test_what_cannot_adapt_is_told(capsys, weights, folder):
    status, out, err = run(capsys, weights, folder, "--adapt=true")
    assert status == 1 and out == [] and "needs prototypes" in err[0]
    with pytest.raises(SystemExit):
        run(capsys, weights, folder, "--adapt=true", "--engine=onnx")
    assert "adapt=true changes the network" in capsys.readouterr().err


def test_pictures_of_which_none_can_be_read_have_nothing_in_common(
    capsys, weights, tmp_path
):
    (tmp_path / "torn.png").write_bytes(b"no picture")
    status, out, err = run(capsys, weights, tmp_path, "--together=true")
    assert status == 1 and out == [] and len(err) == 1 and "torn.png" in err[0]


def test_json_lines_hold_syllables_and_probabilities(capsys, weights, tmp_path):
    path = draw(tmp_path / "a.png")
    status, out, _ = run(capsys, weights, path, "--json", "--top_n=4")
    (line,) = map(json.loads, out)
    assert status == 0 and line["file"] == str(path)
    found = [(each["syllable"], each["probability"]) for each in line["syllables"]]
    expected = KoOCR(weights).predict(path, n=4, scores=True)
    assert [s for s, _ in found] == [s for s, _ in expected]
    np.testing.assert_allclose([p for _, p in found], [p for _, p in expected], 1e-4)


def test_folder_stands_for_its_pictures_in_order(capsys, weights, tmp_path):
    for name in ("b.PNG", "a.jpg", "c.bmp"):
        draw(tmp_path / "in" / name)
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    status, out, err = run(capsys, weights, tmp_path / "in", "--json")
    assert (status, err) == (0, [])
    names = [json.loads(line)["file"] for line in out]
    assert names == [
        str(tmp_path / "in" / name) for name in ("a.jpg", "b.PNG", "c.bmp")
    ]


def test_what_cannot_be_read_is_named_and_the_rest_is_read(capsys, weights, tmp_path):
    good, bad, blank = (tmp_path / f"{name}.png" for name in ("good", "bad", "blank"))
    draw(good)
    bad.write_text("no picture")
    Image.new("L", (30, 30), 255).save(blank)
    missing = tmp_path / "missing.png"
    status, out, err = run(capsys, weights, bad, missing, blank, good, "--json")
    assert status == 1
    assert [json.loads(line)["file"] for line in out] == [str(good)]
    assert err[0] == f"predict.py: {bad}: not a picture that Pillow can read."
    assert err[1] == f"predict.py: {missing}: there is no such file."
    assert err[2].startswith(f"predict.py: {blank}: The picture holds no ink")


def test_picture_given_twice_is_answered_twice(capsys, weights, tmp_path):
    path = draw(tmp_path / "a.png")
    assert len(run(capsys, weights, path, path, "--json")[1]) == 2


def test_many_pictures_go_through_in_batches(capsys, weights, tmp_path, monkeypatch):
    monkeypatch.setattr(predict, "BATCH", 2)
    monkeypatch.setattr(predicting, "BATCH", 2)
    paths = [draw(tmp_path / f"{i}.png", i) for i in range(5)]
    _, out, _ = run(capsys, weights, *paths, "--json")
    assert [json.loads(line)["file"] for line in out] == list(map(str, paths))


def test_a_charset_lists_no_more_than_it_has(capsys, weights, tmp_path):
    path = draw(tmp_path / "a.png")
    _, out, _ = run(capsys, weights, path, "--json", "--charset=가나다")
    (line,) = map(json.loads, out)
    assert sorted(each["syllable"] for each in line["syllables"]) == ["가", "나", "다"]
    assert sum(each["probability"] for each in line["syllables"]) == pytest.approx(1)
    status, _, err = run(capsys, weights, path, "--charset=가나다", "--top_n=4")
    assert (
        status == 1
        and "n=4 syllables were asked for; expected an integer from 1 to 3" in err[0]
    )
    status, _, err = run(capsys, weights, path, "--charset=abc")
    assert status == 1 and "charset='abc' is neither" in err[0]


def test_details_tell_the_jamo_of_the_class(capsys, weights, tmp_path):
    path = draw(tmp_path / "a.png")
    reading = KoOCR(weights).predict(path, n=2, detail=True)
    _, out, _ = run(capsys, weights, path, "--json", "--detail", "--top_n=2")
    line = json.loads(out[0])
    for name in ("initial", "medial", "final"):
        jamo = getattr(reading, name)
        assert line[name]["jamo"] == jamo.jamo
        assert line[name]["runner_up"] == jamo.runner_up
        assert line[name]["probability"] == pytest.approx(jamo.probability, 1e-4)
    assert line["share"] == 1
    _, out, _ = run(capsys, weights, path, "--detail", "--top_n=2")
    assert out[0].split() == ["file", "1", "2", "initial", "medial", "final"]
    jamo = reading.initial
    shown = f"{jamo.jamo} {jamo.probability:.3f} ({jamo.runner_up} "
    assert shown in out[1]


def test_rejected_pictures_are_no_problem(capsys, weights, tmp_path):
    draw(tmp_path / "in" / "a.png")
    Image.new("L", (30, 30), 255).save(tmp_path / "in" / "blank.png")
    flags = (tmp_path / "in", "--reject_below=0.999")
    status, out, err = run(capsys, weights, *flags, "--json", "--detail")
    assert (status, err) == (0, [])
    lines = [json.loads(line) for line in out]
    assert [line["syllables"] for line in lines] == [[], []]
    assert lines[0]["initial"]["jamo"] and lines[1]["initial"] is None
    status, out, err = run(capsys, weights, *flags, "--detail")
    assert (status, err) == (0, [])
    assert [line.split()[1] for line in out[1:]] == ["rejected", "rejected"]


def test_empty_folder_is_an_error(capsys, weights, tmp_path):
    (tmp_path / "empty").mkdir()
    status, out, err = run(capsys, weights, tmp_path / "empty")
    assert (status, out) == (1, [])
    assert err == [
        f"predict.py: {tmp_path / 'empty'}: there is no picture in this folder."
    ]


def test_missing_weights_are_one_line(capsys, tmp_path):
    status, out, err = run(capsys, tmp_path / "no.weights.h5", tmp_path / "a.png")
    assert (status, out) == (1, [])
    assert len(err) == 1 and "there is no such weight file" in err[0]


@pytest.mark.parametrize(
    "flags, message",
    [
        (["a.png", "--top_n=0"], "top_n=0 is too small; expected 1 or more"),
        (["a.png", "--reject_below=1.5"], "reject_below=1.5 is too large; expected 1"),
        (["a.png", "--top_n=11173"], "top_n=11173 is too large; expected 11172"),
        ([], "the following arguments are required: paths"),
    ],
)
def test_bad_command_line_ends_with_status_2(capsys, flags, message):
    with pytest.raises(SystemExit, match="2"):
        predict.main(flags)
    assert message in capsys.readouterr().err


def test_exports_are_read_without_keras(tmp_path):
    program = "import sys, predict; status = predict.main(sys.argv[1:]); "
    program += "heavy = {'keras', 'tensorflow', 'jax', 'matplotlib'} & {*sys.modules}; "
    program += "sys.exit(status or bool(heavy))"
    sample = ROOT / "files" / "samples" / "12_rare.png"
    done = subprocess.run(
        [sys.executable, "-c", program, str(sample), "--engine=onnx", "--json=true"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout)["syllables"][0]["syllable"] == "뷁"


def test_explanations_need_the_network_itself(capsys):
    with pytest.raises(SystemExit):
        predict.main(["a.png", "--engine=onnx", "--explain=out"])
    assert "explain='out' looks into the network" in capsys.readouterr().err


def test_explanations_are_drawn_beside_the_answers(capsys, weights, tmp_path):
    paths = [draw(tmp_path / "a" / "x.png", 0), draw(tmp_path / "b" / "x.png", 1)]
    paths.append(tmp_path / "missing.png")
    folder = tmp_path / "explained"
    status, out, err = run(capsys, weights, *paths, f"--explain={folder}")
    assert status == 1 and len(out) == 3  # the missing one is an error, the others read
    assert sorted(path.name for path in folder.iterdir()) == [
        "x.png.2.png",
        "x.png.png",
    ]
    assert f"wrote {folder / 'x.png.png'}" in err
    with Image.open(folder / "x.png.png") as image:
        assert image.format == "PNG" and min(image.size) > 400


def test_explanations_in_order_are_of_what_is_printed(
    capsys, tiny_network, tmp_path, monkeypatch
):
    options = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
    network, rng = KoOCR(weights=None, **options), np.random.default_rng(1)
    for weight in network.model.trainable_weights:
        weight.assign(rng.normal(0, 0.5, weight.shape))
    network.save(weights := tmp_path / "m.weights.h5")
    explained = []
    real = explaining.explain

    def spy(network, images, **how):
        found = real(network, images, **how)
        explained.extend(each.guesses[0][0] for each in found)
        return found

    monkeypatch.setattr(explaining, "explain", spy)
    paths = [draw(tmp_path / f"{seed}.png", seed) for seed in range(6)]
    how = ["--in_order=true", "--top_n=3", f"--explain={tmp_path / 'maps'}"]
    _, out, _ = run(capsys, weights, *paths, *how)
    assert explained == [line.split()[-6] for line in out[-6:]]
    assert explained != [best for (best,) in network.predict(paths)]


def test_explanations_pass_over_pictures_without_ink(capsys, weights, tmp_path):
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save(tmp_path / "a.png")
    draw(tmp_path / "b.png")
    more = ["--reject_below=0.0001", f"--explain={tmp_path / 'maps'}"]
    status, out, _ = run(capsys, weights, tmp_path, *more)
    assert status == 0 and "rejected" in out[1]
    assert [path.name for path in (tmp_path / "maps").iterdir()] == ["b.png.png"]


def test_names_that_are_no_utf8_are_printed_as_they_are(tmp_path):
    name = os.fsencode(tmp_path) + "/가.png".encode("euc-kr")
    draw(tmp_path / "a.png").rename(os.fsdecode(name))
    words = [sys.executable, "predict.py", tmp_path, "--engine=onnx"]
    strict = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    done = subprocess.run(words, cwd=ROOT, env=strict, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout


def test_who_reads_a_few_lines_gets_no_error(tmp_path):
    """As `| head -1`: what is printed then is more than a pipe takes at once."""
    path = str(ROOT / "files" / "samples" / "01_print.png")
    command = [sys.executable, "-u", "predict.py", *[path] * 600, "--engine=onnx"]
    with subprocess.Popen(
        [*command, "--json=true", "--detail=true"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as script:
        script.stdout.readline()
        script.stdout.close()
        told = script.stderr.read().decode()
    assert "Broken pipe" not in told and "Traceback" not in told
    assert script.returncode == 130
