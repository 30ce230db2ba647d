import keras
import numpy as np
import pytest

from utils.hangul import COMPONENTS
from utils.training import epoch_pictures


@pytest.fixture
def drawn(monkeypatch):
    """Titles and matrices that figures are made of, instead of pixels."""
    seen = []
    monkeypatch.setattr(epoch_pictures, "figure_pixels", lambda figure: figure)
    monkeypatch.setattr(
        epoch_pictures, "sample_grid", lambda images, titles, columns: titles
    )
    monkeypatch.setattr(
        epoch_pictures, "confusion_figure", lambda matrix, *rest: seen.append(rest)
    )
    return seen


def make():
    """Pictures of a network that reads 가 in everything, with a tenth of doubt."""

    class Model(keras.Model):
        def call(self, images):
            heads = {}
            for name, classes in COMPONENTS.items():
                shares = np.zeros(len(classes), np.float32)
                shares[0] = 0.9 if name == "initial" else 1
                shares[3] = 1 - shares[0]  # 다, nearly as common as 가
                nothing = 0 * keras.ops.cast(images[:, 0, 0], "float32")
                heads[name] = nothing + shares
            return heads

    images = np.zeros((2, 8, 8), np.uint8)
    return epoch_pictures.EpochPictures(Model(), images, ["가", "나"], ())


def test_samples_say_what_they_are_read_as(drawn):
    assert make().draw(2) == {"predictions": ["가 0.90", "나 → 가 0.90"]}


def test_confusion_comes_in_the_first_and_every_fifth_epoch(drawn):
    pictures = make()
    pictures.matrices = {"medial": np.eye(21)}
    epochs = [n for n in range(1, 12) if "confusion_medial" in pictures.draw(n)]
    assert epochs == [1, 5, 10]
    assert drawn[0] == (COMPONENTS["medial"], "medial")


def test_pictures_are_pixels():
    pictures = make()
    pictures.matrices = {"final": np.eye(28, dtype=int)}
    for picture in pictures.draw(5).values():
        assert picture.dtype == np.uint8 and picture.shape[2] == 3
        assert 100 < min(picture.shape[:2]) and picture.min() < 60
