"""A network -> TensorFlow's formats, and functions that read pictures by the files.

Both formats take `images`, `float32` (batch, image_size, image_size, 1), 0-255, dark on
white, prepared as `utils.inference.imaging.prepare` does, and give probabilities
(batch, classes) under the names of the heads.
"""

import contextlib
import io
import os
import warnings
from typing import Any

import numpy as np

from utils.backend import keras
from utils.kinds import FilePath, Network, ReadSquares
from utils.output import first_line


def check_backend(kind: str) -> None:
    """Raises ValueError unless Keras runs on TensorFlow, which writes these formats."""
    backend = keras.backend.backend()
    if backend != "tensorflow":
        raise ValueError(
            f"--format={kind} is written by TensorFlow, and Keras runs on {backend}; "
            "leave KERAS_BACKEND unset, or choose --format=onnx."
        )


def write_saved_model(model: Network, path: FilePath) -> None:
    """Writes a network as a SavedModel folder.

    Args:
        model: `keras.Model` from pictures to a dict of probabilities.
        path: of the folder.
    """
    with _silence():
        model.export(path, format="tf_saved_model", verbose=False)


def write_litert(
    model: Network, path: FilePath, precision: str, images: np.ndarray | None
) -> None:
    """Writes a network as a LiteRT (TensorFlow Lite) file.

    Args:
        model: `keras.Model` from pictures to a dict of probabilities.
        path: file name that ends in `.tflite`.
        precision: `float32`; `float16`, which halves the stored weights; or `int8`,
            post-training quantisation of weights and activations, inputs and outputs
            left `float32`.
        images: calibration pictures of `int8`, `uint8` (pictures, side, side).

    Raises:
        ValueError: the converter cannot write a layer; the message is its own.
    """
    import tensorflow as tf

    settings: dict[str, Any] = {}
    if precision != "float32":
        settings["optimizations"] = [tf.lite.Optimize.DEFAULT]
    if precision == "float16":
        settings["target_spec"] = {"supported_types": [tf.float16]}
    if images is not None:
        floats = [images[i : i + 1, ..., None] for i in range(len(images))]
        settings["representative_dataset"] = lambda: (
            [each.astype(np.float32)] for each in floats
        )
    with _silence():
        try:
            model.export(path, format="litert", verbose=False, **settings)
        except Exception as error:  # the converter's own kinds
            reason = first_line(error)
            raise ValueError(
                f"LiteRT cannot hold this network ({reason}); choose "
                "--format=saved_model."
            ) from None


def open_saved_model(path: FilePath) -> ReadSquares:
    """Returns a function from `uint8` pictures (N, H, W) to a dict of probabilities."""
    import tensorflow as tf

    loaded = tf.saved_model.load(path)

    def read(images):
        answers = loaded.serve(np.asarray(images, np.float32)[..., None])
        return {name: np.asarray(values) for name, values in answers.items()}

    return read


def open_litert(path: FilePath) -> ReadSquares:
    """Returns a function from `uint8` pictures (N, H, W) to a dict of probabilities."""
    interpreter = _interpreter()(str(path), num_threads=os.cpu_count())
    runner = interpreter.get_signature_runner()
    (name,) = runner.get_input_details()

    def read(images):
        return runner(**{name: np.asarray(images, np.float32)[..., None]})

    return read


def _interpreter():
    """Returns LiteRT's interpreter: of its own package, or of TensorFlow."""
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        import tensorflow as tf

        warnings.filterwarnings("ignore", "(?s).*tf.lite.Interpreter is deprecated")
        return tf.lite.Interpreter
    return Interpreter


@contextlib.contextmanager
def _silence():
    """Keeps what the exporters print from the screen."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
