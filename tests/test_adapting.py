import csv
from dataclasses import replace

import keras
import numpy as np
import pytest

import evaluate
from model import KoOCR
from utils import adapting
from utils.adapting import load_prototypes, make_extractor, pooled_features
from utils.analysis.sources import Chunk
from utils.analysis.writer_accuracy import order_rows
from utils.data.patches import write_patch
from utils.inference import adaptation
from utils.inference.imaging import prepare
from utils.inference.looking import shrink
from utils.inference.prior import Prior
from utils.weights import files as weights
from utils.weights.files import WeightsError, save_weights

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (30, 20, 20)).astype(np.uint8)
LABELS = list("가나다라마바사아자차카타파하한글" * 2)[:30]


@pytest.fixture(scope="module")
def network(tiny_network, tmp_path_factory):
    keras.utils.set_random_seed(0)
    folder = tmp_path_factory.mktemp("data")
    write_patch(folder / "printed_0.pickle", PICTURES, LABELS)
    network = KoOCR(weights=None, network=tiny_network, fc_link="GAP", image_size=16)
    network.learn_prototypes(folder)
    return network


def test_heads_are_linear_on_the_pooled_features(network):
    prepared = np.stack([network.prepare(picture) for picture in PICTURES[:4]])
    features = pooled_features(make_extractor(network.model), prepared)
    kernel, bias = network.model.get_layer("medial_logits").get_weights()
    logits = features @ kernel + bias
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    found = network.probabilities(prepared)["medial"]
    np.testing.assert_allclose(found, shares, atol=1e-5)


def test_adapting_changes_a_copy_and_only_its_heads(network):
    before = [np.array(w) for w in network.training_model.get_weights()]
    adapted = network.adapt(list(PICTURES))
    for old, now in zip(before, network.training_model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, now)
    changed = {
        weight.path.split("/")[0]
        for weight, old in zip(adapted.training_model.weights, before, strict=True)
        if not np.array_equal(np.asarray(weight), old)
    }
    assert changed == {"initial_logits", "medial_logits", "final_logits"}


def test_a_network_that_looks_twice_adapts_by_both_looks(network, tiny_network):
    def head_after(second_look, first_look=1.0):
        options = {"network": tiny_network, "fc_link": "GAP", "image_size": 16}
        options |= {"second_look": second_look, "first_look": first_look}
        one = KoOCR(weights=None, **options)
        one.training_model.set_weights(network.training_model.get_weights())
        one.prototypes = network.prototypes
        layer = one.adapt(list(PICTURES)).model.get_layer("final_logits")
        return np.asarray(layer.kernel)

    np.testing.assert_array_equal(head_after(0), head_after(0))
    assert not np.array_equal(head_after(0), head_after(1))
    assert not np.array_equal(head_after(1), head_after(1, 0.8))


def test_prototypes_are_kept_with_the_weights(network, tmp_path):
    path = tmp_path / "net.weights.h5"
    network.save(path)
    again = KoOCR(path).prototypes
    np.testing.assert_allclose(again, network.prototypes, atol=1e-2, rtol=1e-2)
    KoOCR(weights=None, network="melnyk", fc_link="GAP", image_size=16).save(
        tmp_path / "plain.weights.h5"
    )
    assert load_prototypes(tmp_path / "plain.weights.h5") is None
    network.adapt(list(PICTURES)).save(path)
    assert load_prototypes(path) is None  # those of before are of other heads


def test_other_weights_of_the_same_name_have_no_prototypes(network, tmp_path):
    path = tmp_path / "net.weights.h5"
    network.save(path)
    assert load_prototypes(path) is not None
    save_weights(network.training_model, path, network.config.to_json())  # as training
    assert load_prototypes(path) is None


def test_a_save_that_fails_leaves_weights_their_prototypes(
    network, tmp_path, monkeypatch
):
    path = tmp_path / "net.weights.h5"
    network.save(path)

    def full(target, data, write=weights.write_atomically):
        if str(target).endswith(".h5"):
            raise OSError(28, "No space left on device")
        write(target, data)

    monkeypatch.setattr(weights, "write_atomically", full)
    with pytest.raises(OSError, match="No space"):
        network.save(path)
    assert KoOCR(path).prototypes is not None


def test_patches_that_are_not_there_cost_no_prototypes(network, tmp_path):
    before = network.prototypes
    with pytest.raises(ValueError, match="nowhere"):
        network.train(data_path=tmp_path / "nowhere", epochs=1)
    write_patch(tmp_path / "printed_0.pickle", np.zeros((1, 8, 8), np.uint8), ["가"])
    weights = network.training_model.get_weights()
    for start in ("elsewhere", "compact"):  # not there; another network
        with pytest.raises(ValueError, match=f"{start}|same kind"):
            network.train(data_path=tmp_path, initial_weights=start)
    for old, new in zip(weights, network.training_model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert network.prototypes is before is not None


def test_prototypes_of_another_network_are_refused(tiny_network, network):
    other = KoOCR(weights=None, network=tiny_network, fc_link="GAP", image_size=16)
    other.prototypes = network.prototypes[:, :-1]
    units = network.prototypes.shape[1]
    with pytest.raises(ValueError, match=f"are of {units - 1} features.*has {units}"):
        other.adapt(list(PICTURES))


def test_adapted_networks_have_no_early_exits(network):
    config = {"fc_link": "GAP", "image_size": 16, "early_exit": True}
    early = KoOCR(weights=None, network="melnyk", exit_threshold=0.5, **config)
    early.prototypes = np.zeros((69, 448))
    assert early.adapt(list(PICTURES)).config.exit_threshold == 1


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_bytes(b"nothing"), "no prototypes"),
        (lambda path: path.write_bytes(b"PK\3\4 and no end"), "no prototypes"),
        (lambda path: np.savez(path, other=1), "no prototypes"),
        (lambda path: np.savez(path, prototypes=np.ones((3, 4))), r"shape \(3, 4\)"),
        (
            lambda path: np.savez(path, prototypes=np.array([print], object)),
            "no prototypes",
        ),
    ],
)
def test_damaged_prototypes_are_refused(tmp_path, write, message):
    write(tmp_path / "net.prototypes.npz")
    with pytest.raises(WeightsError, match=message):
        load_prototypes(tmp_path / "net.weights.h5")


def test_what_cannot_adapt_says_why(tiny_network, network):
    options = {"network": tiny_network, "fc_link": "GAP", "image_size": 16}
    plain = KoOCR(weights=None, **options)
    with pytest.raises(ValueError, match="needs prototypes.*learn_prototypes"):
        plain.adapt(list(PICTURES))
    with pytest.raises(ValueError, match="several pictures"):
        network.adapt(PICTURES[0])
    with pytest.raises(ValueError, match="rare=0"):
        network.adapt(list(PICTURES), rare=0)
    with pytest.raises(ValueError, match="text=2"):
        network.adapt(list(PICTURES), text=2)
    flat = KoOCR(weights=None, split_components=False, charset="ksx1001", **options)
    flat.prototypes = network.prototypes
    with pytest.raises(ValueError, match="three heads that are linear"):
        flat.adapt(list(PICTURES))


def test_scripts_print_every_writer(network, tmp_path, capsys):
    path = tmp_path / "net.weights.h5"
    network.save(path)
    families = ["One"] * 25 + ["Two"] * 5  # too few to learn from
    write_patch(tmp_path / "clova_0.pickle", PICTURES, LABELS, families)
    flags = [f"--data_path={tmp_path}", f"--log_path={tmp_path}", f"--weights={path}"]
    assert evaluate.main(["--adapt", "--together", *flags]) == 0
    out = capsys.readouterr().out
    rows = [line.split() for line in out.splitlines() if "clova" in line]
    assert [row[:3] for row in rows] == [["clova", "One", "25"]] * 2
    assert "Two" not in out
    network, one = KoOCR(path), list(PICTURES[:25])
    adapted = network.adapt(one)
    right = {
        "before": network.predict(one),
        "together": network.predict(one, together=True),
        "after": adapted.predict(one, together=True),
    }
    found = network.estimate_prior(one)
    for name in ("together", "adaptation"):
        with open(tmp_path / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
            (row,) = csv.DictReader(file)
        assert (float(row["rare"]), float(row["text"])) == (found.rare, found.text)
        for key in right.keys() & row.keys():
            hits = [a == [b] for a, b in zip(right[key], LABELS[:25], strict=True)]
            assert float(row[key]) == pytest.approx(np.mean(hits))
    assert "after" in row
    adapted.save(path)  # has no prototypes
    assert evaluate.main(["--together", *flags]) == 0
    assert evaluate.main(["--adapt", *flags]) == 1
    assert "needs prototypes" in capsys.readouterr().err


def test_evaluate_reads_every_writer_in_order(network, tmp_path, capsys):
    path = tmp_path / "net.weights.h5"
    network.save(path)
    families = ["One"] * 26 + ["Two"] * 4  # a line may be short
    write_patch(tmp_path / "clova_0.pickle", PICTURES, LABELS, families)
    flags = [f"--data_path={tmp_path}", f"--log_path={tmp_path}", f"--weights={path}"]
    assert evaluate.main(["--in_order", "--rare=0.5", *flags]) == 0
    assert "in order %" in capsys.readouterr().out
    with open(tmp_path / "in_order.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    network = KoOCR(path)
    for row, own in zip(rows, (slice(26), slice(26, 30)), strict=True):
        for name, ordered in (("before", False), ("ordered", True)):
            read = network.predict(list(PICTURES[own]), rare=0.5, in_order=ordered)
            hits = [a == [b] for a, b in zip(read, LABELS[own], strict=True)]
            assert float(row[name]) == pytest.approx(np.mean(hits))


def test_what_cannot_be_read_is_a_gap_in_the_text(network):
    images = np.stack(
        [prepare(picture, network.config.image_size) for picture in PICTURES]
    )
    labels = np.array(LABELS)
    chunk = Chunk("line", images, labels, np.full(len(labels), "one"), {4: "lost"})
    some = [*PICTURES[:4], "nowhere.png", *PICTURES[5:]]
    for prior in (Prior(0.5, 0.0), Prior(0.1, 0.5)):
        how = {"rare": prior.rare, "text": prior.text}
        (row,) = order_rows(network, [chunk], prior)
        assert row["count"] == len(labels)
        for name, ordered in (("before", False), ("ordered", True)):
            stream = network.predict_stream(
                some, return_errors=True, in_order=ordered, **how
            )
            hits = [a == [b] for a, b in zip(stream, labels, strict=True)]
            assert not hits[4] and row[name] == pytest.approx(np.mean(hits))


def test_no_readable_picture_is_no_text(network, tmp_path, capsys):
    network.save(tmp_path / "net.weights.h5")
    blank = np.full_like(PICTURES[:3], 255)
    write_patch(tmp_path / "clova_0.pickle", blank, LABELS[:3])
    flags = [f"--data_path={tmp_path}", f"--weights={tmp_path / 'net.weights.h5'}"]
    assert evaluate.main(["--in_order", *flags, f"--log_path={tmp_path}"]) == 1
    assert "no text to read" in capsys.readouterr().err


def test_too_few_pictures_tell_nothing(network, tmp_path, capsys):
    network.save(tmp_path / "net.weights.h5")
    write_patch(tmp_path / "clova_0.pickle", PICTURES[:5], LABELS[:5])
    flags = [f"--data_path={tmp_path}", f"--weights={tmp_path / 'net.weights.h5'}"]
    assert evaluate.main(["--together", *flags, f"--log_path={tmp_path}"]) == 1
    assert "No writer has 20 pictures" in capsys.readouterr().err


def test_it_adapts_by_what_the_pictures_show(network, monkeypatch):
    taken = []

    def note(model, prototypes, images, config, prior):
        taken.append(prior)
        assert config == network.config

    monkeypatch.setattr(adapting, "adapt_heads", note)
    network.adapt(list(PICTURES))
    network.adapt(list(PICTURES), rare=0.02, text=0.9)
    assert taken == [
        network.estimate_prior(PICTURES),
        network.estimate_prior(PICTURES, rare=0.02, text=0.9),
    ]


def test_answers_to_learn_from_are_those_of_the_temperature(network, monkeypatch):
    monkeypatch.setattr(network, "config", replace(network.config, temperature=3.0))
    squares = network.prepare_all(PICTURES)
    seen = []

    def note(looks, prototypes, answer, prior):
        seen.append(answer(looks))
        return np.eye(looks[0].shape[1]), np.zeros(looks[0].shape[1])

    monkeypatch.setattr(adaptation, "adapt", note)
    network.adapt_to(squares)
    for name, values in network.probabilities(squares).items():
        np.testing.assert_allclose(seen[0][name], values, atol=1e-5)


def test_blank_training_pictures_are_left_out(network, tmp_path):
    blank = np.full((1, 20, 20), 255, np.uint8)
    images = np.concatenate([PICTURES, blank])
    write_patch(tmp_path / "printed_0.pickle", images, [*LABELS, "가"])
    again = network.adapt(list(PICTURES))  # another of the same kind
    again.learn_prototypes(tmp_path)
    write_patch(tmp_path / "printed_0.pickle", PICTURES, LABELS)
    found, again.prototypes = again.prototypes, None
    again.learn_prototypes(tmp_path)
    np.testing.assert_array_equal(found, again.prototypes)


def test_prototypes_are_of_the_first_look(network, tmp_path, monkeypatch):
    write_patch(tmp_path / "printed_0.pickle", PICTURES, LABELS)
    seen = []

    def note(extractor, images):
        seen.append(images)
        return features(extractor, images)

    features = adapting.pooled_features
    monkeypatch.setattr(adapting, "pooled_features", note)
    again = network.adapt(list(PICTURES))
    again.config = replace(again.config, first_look=0.7)
    seen.clear()
    again.learn_prototypes(tmp_path)
    np.testing.assert_array_equal(seen[0], shrink(again.prepare_all(PICTURES), 0.7))


def test_an_adapted_network_is_not_adapted_twice(network):
    adapted = network.adapt(list(PICTURES))
    with pytest.raises(ValueError, match="needs prototypes"):
        adapted.adapt(list(PICTURES))
