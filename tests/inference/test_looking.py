"""The second look: what is looked at again, how, and what becomes of it."""

import cv2
import numpy as np
import pytest

from model import KoOCR
from tests.helpers.exports import facts, write_export
from utils.inference.export_files import ExportError
from utils.inference.exported import ExportedReader
from utils.inference.looking import (
    SECOND_LOOK_SCALE,
    best_probability,
    look,
    look_twice,
    shrink,
)


class Eye:
    """A stand-in for a network: sure of dark pictures, and of nothing at first sight.

    Its one head has two classes; what it says hangs on the picture's ink alone.
    """

    def __init__(self):
        self.seen = []

    def __call__(self, images):
        self.seen.append(images)
        ink = (255 - images.astype(float)).mean((1, 2)) / 255
        return {"syllable": np.stack([ink, 1 - ink], 1).astype(np.float32)}


def squares(*inks):
    """Pictures of a square of ink in the middle, by its share of the side."""
    images = np.full((len(inks), 50, 50), 255, np.uint8)
    for image, ink in zip(images, inks, strict=True):
        half = round(25 * ink)
        image[25 - half : 25 + half, 25 - half : 25 + half] = 0
    return images


def test_only_what_is_unsure_is_looked_at_again():
    eye, images = Eye(), squares(0.96, 0.6, 0.2, 0.68)
    first = Eye()(images)["syllable"]  # best: .92, .64, .96, .54
    found = look_twice(eye, images, 0.8)["syllable"]
    assert [len(seen) for seen in eye.seen] == [4, 2]
    np.testing.assert_array_equal(found[[0, 2]], first[[0, 2]])
    again = Eye()(eye.seen[1])["syllable"]
    np.testing.assert_allclose(found[[1, 3]], (first[[1, 3]] + again) / 2)
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-6)


@pytest.mark.parametrize("below", [0.0, 0.5])
def test_who_is_never_unsure_looks_once(below):
    eye = Eye()
    look_twice(eye, squares(0.6, 0.2), below)
    assert len(eye.seen) == 1


def test_no_pictures():
    assert look_twice(Eye(), squares(), 0.9)["syllable"].shape == (0, 2)


def test_what_a_network_gave_is_not_written_to():
    heads = Eye()(squares(0.6))
    heads["syllable"].setflags(write=False)
    look_twice(lambda images: heads, squares(0.6), 0.9)


def test_best_probability_is_that_of_the_best_answer():
    heads = {"a": np.array([[0.6, 0.4]]), "b": np.array([[0.2, 0.3, 0.5]])}
    every = np.einsum("na,nb->nab", *heads.values())
    assert best_probability(heads) == pytest.approx([every.max()])


@pytest.mark.parametrize("scale", [0.5, 0.8, 0.97])
def test_ink_shrinks_about_the_middle(scale):
    images = np.full((2, 64, 64), 255, np.uint8)
    images[:, 8:56, 16:48] = 0
    for image in shrink(images, scale):
        assert image.dtype == np.uint8 and image[0, 0] == 255
        ink = (255 - image.astype(float)) / 255
        assert ink.sum() == pytest.approx(48 * 32 * scale**2, rel=0.02)
        moments = cv2.moments(ink)
        assert moments["m10"] / moments["m00"] == pytest.approx(31.5, abs=0.05)
        assert moments["m01"] / moments["m00"] == pytest.approx(31.5, abs=0.05)


def test_the_first_look_has_its_size_and_the_second_is_smaller():
    eye, images = Eye(), squares(0.6, 0.2)
    look_twice(eye, images, 0.8, first=0.9)
    np.testing.assert_array_equal(eye.seen[0], shrink(images, 0.9))
    np.testing.assert_array_equal(
        eye.seen[1], shrink(images[:1], 0.9 * SECOND_LOOK_SCALE)
    )
    assert look(images) is images


@pytest.mark.parametrize("first", [1.0, 0.85])
def test_a_network_reads_by_the_mean_of_its_looks(tmp_path, first):
    network = KoOCR(weights=None, network="compact", fc_link="GWAP", image_size=32)
    network.save(tmp_path / "w.weights.h5")
    twice = KoOCR(tmp_path / "w.weights.h5", second_look=1.0, first_look=first)
    images = np.random.default_rng(0).integers(0, 256, (3, 32, 32)).astype(np.uint8)
    found = twice.probabilities(images)
    looks = (look(images, first), look(images, first, again=True))
    once, again = map(network.probabilities, looks)
    for name in found:
        mean = (once[name] + again[name]) / 2
        np.testing.assert_allclose(found[name], mean, atol=1e-6)
    twice.save(tmp_path / "v.weights.h5")
    saved = KoOCR(tmp_path / "v.weights.h5").config
    assert (saved.first_look, saved.second_look) == (first, 1)
    assert KoOCR(tmp_path / "v.weights.h5", second_look=0).config.second_look == 0


def test_exports_look_twice_as_their_network_did(tmp_path):
    path = write_export(tmp_path / "a.onnx", facts())
    reader = ExportedReader(path)
    assert reader.config.second_look == 0  # made before there was one
    assert reader.config.first_look == 1
    twice = ExportedReader(path, second_look=1.0, first_look=0.8)
    images, twice.network = squares(0.6, 0.3), Eye()
    twice.config.image_size = 50
    found = twice.probabilities(images)["syllable"]
    seen = (look(images, 0.8), look(images, 0.8, again=True))
    once, again = (Eye()(each)["syllable"] for each in seen)
    np.testing.assert_allclose(found, (once + again) / 2)
    with pytest.raises(ExportError, match="second_look=2; expected a number from 0"):
        ExportedReader(path, second_look=2)
    with pytest.raises(ExportError, match="first_look=0.1; expected a number from 0.3"):
        ExportedReader(path, first_look=0.1)
