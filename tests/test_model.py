import itertools
import json
import math

import keras
import numpy as np
import pytest
from PIL import Image, ImageDraw

from model import KoOCR, build_model
from tests.helpers.weighing import weight
from utils.config import ModelConfig
from utils.hangul import ALL_SYLLABLES, COMPONENTS
from utils.inference.answers import Answering
from utils.inference.estimation import estimate_prior
from utils.inference.ordering import Place
from utils.inference.prior import DEFAULT_PRIOR
from utils.inference.tempering import temper
from utils.nn.heads import FC_LINKS
from utils.nn.losses import make_losses
from utils.weights.files import change_config


@pytest.fixture(scope="module")
def small():
    keras.utils.set_random_seed(0)
    return KoOCR(weights=None, fc_link="GWAP", image_size=32)


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    images = np.full((5, 40, 50), 255, np.uint8)
    images[:, 5:35, 5:45] = rng.integers(0, 2, (5, 30, 40)) * 255
    return images


@pytest.fixture
def set_otherwise():
    """Sets Keras globally as others' projects may have it."""
    order, policy = keras.config.image_data_format(), keras.config.dtype_policy()

    def change():
        keras.config.set_image_data_format("channels_first")
        keras.config.set_dtype_policy("mixed_bfloat16")

    yield change
    keras.config.set_image_data_format(order)
    keras.config.set_dtype_policy(policy)


@pytest.mark.parametrize(
    "options", [{}, {"direct_map": True}, {"low_rank": "stage3_conv=9"}]
)
def test_global_settings_of_keras_change_nothing(options, set_otherwise, pictures):
    options = {"network": "compact", "fc_link": "GWAP", "image_size": 32, **options}
    usual = KoOCR(None, **options)
    weights, prepared = usual.model.get_weights(), usual.prepare_all(pictures)
    expected = usual.probabilities(prepared)
    set_otherwise()
    network = KoOCR(None, **options)
    assert keras.config.image_data_format() == "channels_first"
    assert keras.config.dtype_policy().name == "mixed_bfloat16"
    assert {layer.compute_dtype for layer in network.model.layers} == {"float32"}
    network.model.set_weights(weights)
    for name, values in network.probabilities(prepared).items():
        np.testing.assert_allclose(values, expected[name], atol=1e-6)


@pytest.mark.parametrize(
    ("fc_link", "split"), [*itertools.product(FC_LINKS, [True, False])]
)
def test_every_combination_builds(fc_link, split):
    charset = "all" if split else "ksx1001"
    config = ModelConfig(
        fc_link=fc_link, image_size=16, split_components=split, charset=charset
    )
    model, training_model = build_model(config)
    sizes = {k: len(v) for k, v in COMPONENTS.items()} if split else {"syllable": 2350}
    blank = np.zeros((1, 16, 16, 1), np.uint8)
    for each in (model, training_model):
        outputs = each.predict_on_batch(blank)
        assert {name: array.shape[1] for name, array in outputs.items()} == sizes


def test_the_full_model_has_the_melnyk_size():
    model, _ = build_model(ModelConfig(fc_link="GWAP"))
    assert model.count_params() == 4_837_824 + (448 + 1) * (19 + 21 + 28)


def test_predict_gives_n_distinct_syllables_best_first(small, pictures):
    found = small.predict(pictures[0], n=5, scores=True)
    syllables, scores = zip(*found, strict=True)
    assert len(set(syllables)) == 5 and set(syllables) <= set(ALL_SYLLABLES)
    assert list(scores) == sorted(scores, reverse=True)
    assert small.predict(pictures[0], n=5) == list(syllables)
    assert small.predict(pictures[0]) == [syllables[0]]


def test_predict_is_exact_over_all_syllables(small, pictures):
    heads = small.probabilities(small.prepare(pictures[0])[None])
    products = {}
    for place, syllable in enumerate(ALL_SYLLABLES):
        a, b, c = place // 588, place // 28 % 21, place % 28
        p = [heads[name][0] for name in COMPONENTS]
        products[syllable] = float(p[0][a]) * float(p[1][b]) * float(p[2][c])
    best = sorted(products, key=lambda s: (-products[s], s))[:40]
    assert small.predict(pictures[0], n=40, rare=1, text=0) == best
    weighed = {s: weight(s) * p for s, p in products.items()}
    best = sorted(weighed, key=lambda s: (-weighed[s], s))[:40]
    assert small.predict(pictures[0], n=40) == best
    found = small.predict(pictures[0], n=40, scores=True)
    expected = np.array([weighed[s] for s in best]) / sum(weighed.values())
    np.testing.assert_allclose([p for _, p in found], expected, rtol=1e-6)


def test_several_pictures_come_back_in_order(small, pictures):
    one_by_one = [small.predict(image, n=3) for image in pictures]
    assert small.predict(pictures, n=3) == one_by_one
    mixed = [pictures[0], Image.fromarray(pictures[1]), pictures[2][..., None]]
    mixed.append(np.repeat(pictures[3][..., None], 3, axis=2))
    assert small.predict(mixed, n=3) == one_by_one[:4]
    sizes = [pictures[0], np.pad(pictures[1], 30, constant_values=255)]
    assert [len(row) for row in small.predict(sizes, n=2)] == [2, 2]
    assert small.predict([]) == []


def test_paths_are_read(small, pictures, tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(pictures[0]).save(path)
    expected = small.predict(pictures[0], n=4)
    assert small.predict(path, n=4) == small.predict(str(path), n=4) == expected


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (np.full((30, 30), 255, np.uint8), ValueError, "holds no ink"),
        (np.full((30, 30), np.nan), ValueError, "NaN"),
        (np.zeros((0, 30), np.uint8), ValueError, "empty"),
        (np.zeros(30, np.uint8), ValueError, "is no picture"),
        (None, TypeError, "A picture was expected"),
        ("nowhere.png", ValueError, "there is no such file"),
    ],
)
def test_what_cannot_be_read_is_refused(small, image, error, message):
    with pytest.raises(error, match=message):
        small.predict(image)


@pytest.mark.parametrize("n", [0, 11_173, 1.5])
def test_n_out_of_range_is_refused(small, pictures, n):
    with pytest.raises(ValueError, match="asked for; expected an integer from 1 to"):
        small.predict(pictures[0], n=n)


def test_saving_and_loading_give_the_same_answers(small, pictures, tmp_path):
    path = tmp_path / "m.weights.h5"
    small.save(path)
    loaded = KoOCR(path)
    assert loaded.config == small.config
    prepared = np.stack([small.prepare(image) for image in pictures])
    ours, theirs = small.probabilities(prepared), loaded.probabilities(prepared)
    for name in COMPONENTS:
        np.testing.assert_array_equal(ours[name], theirs[name])
    assert KoOCR(weights=tmp_path).config == KoOCR(weight_path=path).config


def test_an_option_that_contradicts_the_weights_is_refused(small, tmp_path):
    path = tmp_path / "m.weights.h5"
    small.save(path)
    assert KoOCR(path, image_size=32).config.image_size == 32
    with pytest.raises(ValueError, match="image_size=64 contradicts the weights"):
        KoOCR(path, image_size=64)


def test_options_have_their_legacy_spellings():
    model = KoOCR(weights=None, network_type="melnyk", image_size=16)
    assert model.config.network == "melnyk"
    with pytest.raises(TypeError, match="'learning_rate' was given twice"):
        model.train(lr=0.1, learning_rate=0.1)


def test_unknown_options_are_named():
    with pytest.raises(TypeError, match="no option 'image_sise'.*image_size"):
        KoOCR(weights=None, image_sise=64)
    with pytest.raises(TypeError, match="no option 'epoch'"):
        KoOCR(weights=None, image_size=16).train(epoch=3)


def test_a_saved_configuration_with_foreign_options_is_refused(small, tmp_path):
    path = tmp_path / "m.weights.h5"
    small.save(path)
    options = json.loads(small.config.to_json()) | {"code": "import os"}
    (tmp_path / "m.json").write_text(json.dumps(options))
    with pytest.raises(ValueError, match="m.json.*no option 'code'"):
        KoOCR(path)
    options = json.loads(small.config.to_json()) | {"image_size": 3}
    (tmp_path / "m.json").write_text(json.dumps(options))
    with pytest.raises(ValueError, match="m.json.*image_size=3 is too small"):
        KoOCR(path)


def test_weights_are_given_once(tmp_path):
    with pytest.raises(TypeError, match="weights and weight_path are one option"):
        KoOCR(None, weight_path=tmp_path)


def test_weights_are_named_or_lie_at_a_path(tmp_path):
    for other in (3, b"melnyk", ["melnyk"]):
        for engine in ("keras", "onnx"):
            with pytest.raises(TypeError, match="weights=.* expected a name"):
                KoOCR(other, engine=engine)
    with pytest.raises(ValueError, match="engine='onnx' reads it"):
        KoOCR(tmp_path / "net.onnx")


@pytest.mark.parametrize("change", [np.squeeze, lambda x: x[:, 1:], list])
def test_probabilities_are_of_prepared_pictures(small, pictures, change):
    prepared = small.prepare_all(pictures[:1])
    with pytest.raises(ValueError, match=r"array \(pictures, 32, 32\), .*; got "):
        small.probabilities(change(prepared))


def test_the_flat_head_answers_from_its_charset(tmp_path, pictures):
    listed = tmp_path / "charset.txt"
    listed.write_text("가 나\n다")
    model = KoOCR(
        weights=None, split_components=False, charset=str(listed), image_size=16
    )
    assert sorted(model.predict(pictures[0], n=3)) == ["가", "나", "다"]
    with pytest.raises(ValueError, match="expected an integer from 1 to 3"):
        model.predict(pictures[0], n=4)
    path = tmp_path / "flat.weights.h5"
    model.save(path)
    assert KoOCR(path, charset=str(listed)).syllables == model.syllables
    with pytest.raises(ValueError, match="contradicts the weights"):
        KoOCR(path, charset="ksx1001")


def test_the_network_learns_what_it_is_shown():
    keras.utils.set_random_seed(1)
    model = KoOCR(weights=None, fc_link="GWAP", image_size=16).training_model
    images = np.full((4, 16, 16, 1), 255, np.uint8)
    for place in range(4):  # bars whose place tells the syllable
        images[place, :, 4 * place : 4 * place + 3] = 0
    targets = {name: np.arange(4) for name in COMPONENTS}
    model.compile(keras.optimizers.Adam(2e-3), make_losses(COMPONENTS))
    losses = [
        float(model.train_on_batch(images, targets, return_dict=True)["loss"])
        for _ in range(30)
    ]
    # At the start the heads know nothing: the loss is that of an even guess.
    chance = sum(math.log(len(classes)) for classes in COMPONENTS.values())
    assert losses[0] == pytest.approx(chance, rel=0.05)
    assert min(losses[-5:]) < 0.6 * chance


def test_every_kind_of_pretrained_picture_is_read():
    """Light on dark, transparent, colour: the answer does not change."""
    model = KoOCR()
    drawn = Image.new("L", (64, 64), 255)
    pen = ImageDraw.Draw(drawn)
    pen.line([(14, 14), (34, 14), (26, 48)], fill=0, width=5)  # ㄱ
    pen.line([(46, 8), (46, 58)], fill=0, width=5)  # ㅏ
    pen.line([(46, 30), (58, 30)], fill=0, width=5)
    array = np.asarray(drawn)
    strokes = np.zeros((64, 64, 4), np.uint8)
    strokes[..., 3] = 255 - array
    kinds = [
        drawn,
        255 - array,
        strokes,
        np.repeat(array[..., None], 3, 2),
        array / 255,
    ]
    assert model.predict(kinds) == [["가"]] * len(kinds)


@pytest.fixture(scope="module")
def tiny(tiny_network):
    keras.utils.set_random_seed(0)
    return KoOCR(weights=None, network=tiny_network, fc_link="GWAP", image_size=16)


def test_a_charset_restricts_the_joint_distribution_exactly(tiny, pictures):
    everything = dict(tiny.predict(pictures[0], n=11_172, scores=True))
    assert len(everything) == 11_172
    expected = sorted("강남대로", key=lambda s: (-everything[s], s))
    mass = sum(everything[syllable] for syllable in "강남대로")
    found = tiny.predict(pictures[0], n=4, scores=True, charset="강남대로")
    assert [syllable for syllable, _ in found] == expected
    ratios = [everything[syllable] / mass for syllable in expected]
    np.testing.assert_allclose([p for _, p in found], ratios, rtol=1e-9)
    assert len(tiny.predict(pictures[0], n=2350, charset="ksx1001")) == 2350


def test_details_and_rejection_reach_the_class(tiny, pictures):
    reading = tiny.predict(pictures[0], n=2, detail=True, rare=1, text=0)
    even = {"rare": 1, "text": 0}
    assert reading.syllables == tiny.predict(pictures[0], 2, scores=True, **even)
    heads = tiny.probabilities(tiny.prepare(pictures[0])[None])
    for name, jamo in COMPONENTS.items():
        first, second = np.argsort(-heads[name][0])[:2]
        told = getattr(reading, name)
        assert (told.jamo, told.runner_up) == (jamo[first], jamo[second])
        assert told.probability == pytest.approx(heads[name][0].max())
    reading = tiny.predict(pictures[0], n=2, detail=True)
    assert reading.syllables == tiny.predict(pictures[0], n=2, scores=True)
    best = reading.syllables[0][1]
    assert tiny.predict(pictures[0], reject_below=best * 0.99)
    assert tiny.predict(pictures[0], reject_below=best * 1.01) == []


def test_a_temperature_comes_with_the_weights_and_may_differ(tiny, pictures, tmp_path):
    path = tmp_path / "m.weights.h5"
    tiny.save(path)
    images = np.stack([tiny.prepare(picture) for picture in pictures])
    plain = tiny.probabilities(images)
    change_config(path, temperature=2.0)
    loaded = KoOCR(path)
    assert loaded.config.temperature == 2
    tempered = loaded.probabilities(images)
    for name, values in plain.items():
        roots = np.sqrt(values.astype(float))
        expected = roots / roots.sum(1, keepdims=True)
        np.testing.assert_allclose(tempered[name], expected, rtol=1e-5)
    even = {"n": 20, "rare": 1.0, "text": 0.0}
    assert loaded.predict(pictures, **even) == tiny.predict(pictures, **even)
    other = KoOCR(path, temperature=1.0).probabilities(images)
    np.testing.assert_allclose(other["final"], plain["final"], rtol=1e-6)
    loaded.save(path)
    assert KoOCR(path).config.temperature == 2


def test_warm_up_compiles_and_changes_nothing(tiny_network, pictures):
    options = {"network": tiny_network, "fc_link": "GAP", "image_size": 16}
    keras.utils.set_random_seed(0)
    cold = KoOCR(weights=None, **options)
    keras.utils.set_random_seed(0)
    warm = KoOCR(weights=None, warm_up=True, **options)
    assert warm.predict(pictures, n=5) == cold.predict(pictures, n=5)
    assert warm.config == cold.config


@pytest.fixture
def sure(tiny, monkeypatch):
    """`tiny`, which is not trained and doubts everything, made sure of its answers."""
    read = tiny.probabilities
    monkeypatch.setattr(
        tiny, "probabilities", lambda images: temper(read(images), 0.005)
    )
    return tiny


def test_pictures_that_belong_together_tell_of_each_other(sure, pictures):
    many = [pictures[i % 5] for i in range(300)]  # more than a batch
    found = sure.estimate_prior(many)
    squares = np.stack([sure.prepare(picture) for picture in many])
    assert found == estimate_prior([sure.probabilities(squares)]) != DEFAULT_PRIOR
    how = {"n": 3, "scores": True}
    expected = sure.predict(many, rare=found.rare, text=found.text, **how)
    assert sure.predict(many, together=True, **how) == expected
    # Where the estimate begins: it cannot get away from there by these few.
    begun = sure.estimate_prior(many[:1], rare=0.02, text=0.9)
    assert begun == sure.estimate_prior(np.stack(many[:1]), rare=0.02, text=0.9)
    assert begun.text > 0.6 and begun != found
    how |= {"rare": begun.rare, "text": begun.text}
    alone = sure.predict(many[:1], 3, True, rare=0.02, text=0.9, together=True)
    assert alone == sure.predict(many[:1], **how)


def test_together_and_a_charset_tell_of_the_charset(sure, pictures):
    many, how = list(pictures) * 8, {"charset": "뷁쀍이는가", "n": 5, "scores": True}
    found = sure.estimate_prior(many, charset=how["charset"])
    heads = [sure.probabilities(sure.prepare_all(many))]
    chosen = sorted(how["charset"])
    assert found == estimate_prior(heads, chosen=chosen) != sure.estimate_prior(many)
    expected = sure.predict(many, rare=found.rare, text=found.text, **how)
    assert sure.predict(many, together=True, **how) == expected


def test_text_in_order_is_read_with_what_lies_beside(sure, pictures):
    many = [pictures[i % 5] for i in range(300)]  # more than a batch
    read = sure.predict(many, 3, True, in_order=True)
    heads = [sure.probabilities(sure.prepare_all(p)) for p in (many[:256], many[256:])]
    answering = Answering(sure.syllables, 3, True, in_order=True)
    assert read == answering(heads[0]) + answering(heads[1])
    assert read != sure.predict(many, 3, True)
    assert read == list(sure.predict_stream(many, 3, True, in_order=True))


def test_a_blank_picture_is_a_space_in_text(sure, pictures):
    blank = np.full((40, 40), 255, np.uint8)
    many = [*pictures, blank, *pictures]
    how = {"n": 2, "scores": True, "in_order": True}
    read = sure.predict(many, reject_below=1e-9, **how)
    heads = sure.probabilities(sure.prepare_all([*pictures, *pictures]))
    answering = Answering(sure.syllables, 2, True, in_order=True)
    spaces = [place == len(pictures) for place in range(len(many))]
    text = [Place.SPACE if is_space else Place.READ for is_space in spaces]
    expected = answering(heads, text)
    assert read == [*expected[: len(pictures)], [], *expected[len(pictures) :]]
    together = [*pictures, *pictures]
    assert expected != sure.predict(together, **how)
    batches = sure.predict_stream(many, reject_below=1e-9, batch_size=1, **how)
    assert [answer == [] for answer in batches] == spaces


@pytest.mark.parametrize("together", [False, True])
def test_a_picture_that_is_none_is_told_before_the_network_reads(
    tiny, pictures, together, monkeypatch
):
    monkeypatch.setattr(tiny, "probabilities", None)
    with pytest.raises(ValueError, match="Picture 3, counted from 0"):
        tiny.predict([*pictures[:3], b"torn", *pictures], together=together)


def test_together_says_what_it_cannot_take(tiny, pictures):
    with pytest.raises(ValueError, match="A stream is read once.*estimate_prior"):
        tiny.predict_stream(pictures, together=True)
    with pytest.raises(ValueError, match="several pictures belong together, and one"):
        tiny.predict(pictures[0], together=True)
    with pytest.raises(ValueError, match="in_order=True says that several pictures"):
        tiny.predict(pictures[0], in_order=True)
    for few, came in ((pictures[0], r"one picture \(ndarray"), ([], "an empty list")):
        with pytest.raises(ValueError, match=f"list or an array of several.*{came}"):
            tiny.estimate_prior(few)
    with pytest.raises(ValueError, match="text=3"):
        tiny.estimate_prior(pictures, text=3)
    blank = np.full((9, 9), 255, np.uint8)
    with pytest.raises(ValueError, match="Picture 1, counted from 0: .*no ink"):
        tiny.predict([pictures[0], blank], together=True)
    assert tiny.predict([blank], together=True, reject_below=0.1) == [[]]
    assert tiny.predict([], together=True) == []


def test_a_stream_answers_as_predict_does(tiny, pictures):
    many = [pictures[i % 5] for i in range(23)]
    stream = tiny.predict_stream(iter(many), n=3, batch_size=4)
    assert list(stream) == tiny.predict(many, n=3)
