import numpy as np
import pytest

import evaluate
from model import KoOCR
from utils.analysis.speed import exits
from utils.analysis.speed.exits import choose_threshold
from utils.data.patches import write_patch
from utils.inference.cascade import certainty
from utils.inference.looking import shrink

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def network(tiny_network):
    options = {"network": tiny_network, "fc_link": "GAP", "image_size": 16}
    return KoOCR(weights=None, early_exit=True, **options)


@pytest.fixture(scope="module")
def pictures():
    return RNG.integers(0, 256, (9, 16, 16)).astype(np.uint8)


def test_those_that_stay_are_read_by_the_whole_network(network, pictures):
    whole = network.probabilities(pictures)
    early, _ = network.cascade.read_early(pictures)
    threshold = float(np.median(certainty(early)))
    found, left = network.cascade(pictures, threshold)
    assert 0 < left.sum() < len(left)
    for name, values in found.items():
        np.testing.assert_allclose(values[~left], whole[name][~left], atol=1e-6)
        np.testing.assert_allclose(values[left], early[name][left], atol=1e-6)


def test_more_pictures_than_a_batch_are_read_as_few_are(network, pictures):
    many = np.resize(pictures, (600, 16, 16))
    sure = np.sort(certainty(network.cascade.read_early(pictures)[0]))
    threshold = float(sure[4:6].mean())  # not one of them: rounding would decide
    few, _ = network.cascade(pictures, threshold)
    found, left = network.cascade(many, threshold)
    assert left.shape == (600,)
    for name, values in found.items():
        np.testing.assert_allclose(values[:9], few[name], atol=1e-5)
        np.testing.assert_allclose(values[-6:], values[:6], atol=1e-5)


@pytest.mark.parametrize(("threshold", "leave"), [(0.0, True), (1.0, False)])
def test_threshold_lets_all_or_none_leave(network, pictures, threshold, leave):
    assert (network.cascade(pictures, threshold)[1] == leave).all()


def test_certainty_is_that_of_the_least_certain_head():
    heads = {"a": [[0.7, 0.3], [0.1, 0.9]], "b": [[0.5, 0.5], [1, 0]]}
    found = certainty({name: np.array(each) for name, each in heads.items()})
    np.testing.assert_allclose(found, [0.5, 0.9])


def test_threshold_is_kept_with_the_weights_and_may_be_another(network, tmp_path):
    path = tmp_path / "net.weights.h5"
    network.save(path)
    assert KoOCR(path).config.exit_threshold == 1
    eager = KoOCR(path, exit_threshold=0.0)
    assert eager.config.exit_threshold == 0
    picture = RNG.integers(0, 256, (1, 16, 16)).astype(np.uint8)
    early, _ = network.cascade.read_early(picture)
    for name, values in eager.probabilities(picture).items():
        np.testing.assert_allclose(values, early[name], atol=1e-6)


def test_network_without_early_heads_has_no_cascade():
    plain = KoOCR(weights=None, fc_link="GAP", image_size=16)
    with pytest.raises(ValueError, match="no early heads.*early_exit=true"):
        _ = plain.cascade
    assert not hasattr(plain, "cascade")  # what looks through attributes goes on


def test_lowest_threshold_within_the_loss_is_chosen():
    rows = [
        {"threshold": 0.5, "syllable": 0.9},
        {"threshold": 0.9, "syllable": 0.9796},
        {"threshold": 0.99, "syllable": 0.981},
        {"threshold": 1.0, "syllable": 0.98},
    ]
    assert choose_threshold(rows) == 0.9


def test_script_prints_what_exits_give(network, pictures, tmp_path, capsys):
    network.save(tmp_path / "net.weights.h5")
    write_patch(tmp_path / "printed_0.pickle", pictures, list("가나다라마바사아자"))
    flags = ["--early_exit", f"--data_path={tmp_path}", f"--log_path={tmp_path}"]
    assert evaluate.main([*flags, f"--weights={tmp_path / 'net.weights.h5'}"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == "exit_threshold"
    assert lines[1].split()[:2] == ["0.5", "0.00"]
    costs = [int(line.split()[-1]) for line in lines[1:12]]
    assert costs == sorted(costs)
    assert any("--exit_threshold=" in line for line in lines)
    assert (tmp_path / "early_exit.csv").is_file()


def test_exits_are_measured_at_the_first_look(network, pictures, tmp_path, monkeypatch):
    network.save(tmp_path / "net.weights.h5")
    write_patch(tmp_path / "printed_0.pickle", pictures, list("가나다라마바사아자"))
    seen, measured = [], exits.exit_rows

    def note(cascade, chunks, *rest):
        kept = list(chunks)
        seen.extend(chunk.images for chunk in kept)
        return measured(cascade, kept, *rest)

    monkeypatch.setattr(exits, "exit_rows", note)
    flags = ["--early_exit", f"--data_path={tmp_path}", f"--log_path={tmp_path}"]
    flags += [f"--weights={tmp_path / 'net.weights.h5'}", "--first_look=0.6"]
    assert evaluate.main(flags) == 0
    squares = network.prepare_all(pictures)
    np.testing.assert_array_equal(np.concatenate(seen), shrink(squares, 0.6))
