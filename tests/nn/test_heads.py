import keras
import numpy as np
import pytest

from utils.nn.heads import FC_LINKS, POOLING, classify, link

UNITS = {"": 2 * 3 * 5, "GAP": 5, "GWAP": 5, "GWOAP": 5}


def test_the_table_covers_every_link():
    assert UNITS.keys() == FC_LINKS.keys()


@pytest.mark.parametrize("name", FC_LINKS)
def test_links_give_vectors(name):
    inputs = keras.Input((2, 3, 5))
    model = keras.Model(inputs, link(inputs, name))
    assert model.output_shape == (None, UNITS[name])
    assert model.get_layer(POOLING)


def test_heads_are_softmaxes_of_their_logits_by_name():
    inputs = keras.Input((5,))
    classes = {"initial": 19, "medial": 21, "final": 28}
    logits, probabilities = classify(inputs, classes)
    model = keras.Model(inputs, [logits, probabilities])
    vectors = np.random.default_rng(0).normal(size=(4, 5)).astype("float32") * 900
    given, found = model.predict_on_batch(vectors)
    assert set(given) == set(found) == set(classes)
    for name, count in classes.items():
        assert given[name].shape == (4, count)
        shifted = np.exp(given[name] - given[name].max(1, keepdims=True))
        expected = shifted / shifted.sum(1, keepdims=True)
        np.testing.assert_allclose(found[name], expected, atol=1e-5)
