"""Who is compared: each a function from pictures to ranked syllables, and its files.

Every contestant is opened in a process of its own (`worker`), so that memory and start
are its own.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from utils.presets import WEIGHTS_SUFFIX

LINE_MODE = "7"  # of Tesseract: a picture is one line of text
_LANGUAGE = "kor"  # of Tesseract
_FEWEST_DPI = "70"


class Contestant(NamedTuple):
    """One row of the table.

    name: as shown.
    kind: `keras`, `bare`, `onnx` or `tesseract`.
    path: of its weights or model.
    """

    name: str
    kind: str
    path: str


def find_contestants(presets, exports=""):
    """Returns (contestants, notes) that can be measured here.

    Args:
        presets: folder of pretrained networks, a folder each.
        exports: folder of their ONNX exports; '' is that of the weights.

    Returns:
        List of `Contestant`, and lines that say who is left out, and why.
    """
    found, notes = [], []
    for weights in sorted(Path(presets).glob(f"*/*{WEIGHTS_SUFFIX}")):
        name = weights.parent.name
        found.append(Contestant(f"{name} (Keras)", "keras", str(weights)))
        found.append(Contestant(f"{name}, bare network", "bare", str(weights)))
        folder = Path(exports or weights.parent)
        files = sorted(folder.glob(f"{name}_*.onnx"))
        for path in files:
            precision = path.stem.rpartition("_")[2]
            found.append(Contestant(f"{name} (ONNX {precision})", "onnx", str(path)))
        if not files:
            notes.append(f"{name}: no {folder}/{name}_*.onnx; make one with export.py.")
    model = tesseract_model()
    if model:
        found.append(Contestant("Tesseract kor, --psm 10", "tesseract", str(model)))
    else:
        notes.append(
            "Tesseract: left out, the program or its Korean model is not installed "
            "(apt-get install tesseract-ocr tesseract-ocr-kor)."
        )
    return found, notes


def tesseract_model():
    """Returns the path of Tesseract's Korean model; None where it is not installed."""
    if not shutil.which("tesseract"):
        return None
    listed = _run(["--list-langs"], check=False)
    lines = (listed.stdout + listed.stderr).splitlines()
    if _LANGUAGE not in lines:
        return None
    folder = lines[0].partition('"')[2].rpartition('"')[0]
    return Path(folder) / f"{_LANGUAGE}.traineddata"


def read_line(picture):
    """Reads a line of text by Tesseract's program, in its mode for lines.

    Args:
        picture: `uint8` (height, width).

    Returns:
        Its text.

    Raises:
        subprocess.CalledProcessError: the program failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "line.png")
        Image.fromarray(picture).save(path)
        options = ["-l", _LANGUAGE, "--psm", LINE_MODE, "--dpi", _FEWEST_DPI]
        done = _run([path, "-", *options], check=True)
    return " ".join(done.stdout.split())


def _run(options, **how):
    """Runs Tesseract, which writes UTF-8 whatever the machine does."""
    utf8 = {"encoding": "utf-8", "errors": "replace"}
    return subprocess.run(["tesseract", *options], capture_output=True, **utf8, **how)


def open_contestant(contestant, threads, make_reader):
    """Opens a contestant.

    Args:
        contestant: `Contestant`.
        threads: of the processor that it may use; 0 takes all cores.
        make_reader: `model.KoOCR`, which opens networks.

    Returns:
        Function from a list of pictures, `uint8` (H, W), to lists of up to 5 syllables,
        best first; of the bare network empty ones.
    """
    if contestant.kind == "tesseract":
        return _TesseractProgram(threads)
    if contestant.kind == "onnx":
        network = make_reader(contestant.path, engine="onnx", threads=threads)
    else:
        if threads:  # TensorFlow reads these when it starts
            os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)
            os.environ["TF_NUM_INTEROP_THREADS"] = str(threads)
        network = make_reader(contestant.path)
    if contestant.kind == "bare":
        return _BareNetwork(network)
    return lambda pictures: network.predict(list(pictures), n=5)


class _BareNetwork:
    """The network alone, on pictures that were prepared before."""

    def __init__(self, network):
        self.network, self.prepared = network, {}

    def __call__(self, pictures):
        key = id(pictures)
        if key not in self.prepared:  # the first call, which is not timed
            images = np.stack([self.network.prepare(each) for each in pictures])
            self.prepared[key] = pictures, images  # the list lives as long as its key
        answers = self.network.probabilities(self.prepared[key][1])
        return [[]] * len(next(iter(answers.values())))


class _TesseractProgram:
    """Tesseract's program in single-character mode, a file or a list of files a call.

    It answers with one syllable, and cannot be asked for more.
    """

    def __init__(self, threads):
        limit = {"OMP_THREAD_LIMIT": str(threads)} if threads else {}
        self.environment = {**os.environ, **limit}

    def __call__(self, pictures):
        with tempfile.TemporaryDirectory() as folder:
            paths = []
            for number, picture in enumerate(pictures):
                paths.append(Path(folder) / f"{number}.png")
                padded = np.pad(picture, max(4, len(picture) // 8), constant_values=255)
                Image.fromarray(padded).save(paths[-1])
            listing = Path(folder) / "list.txt"
            listing.write_bytes(os.fsencode("\n".join(map(str, paths))))
            options = [str(listing), "-", "-l", _LANGUAGE, "--psm", "10"]
            options += ["--dpi", _FEWEST_DPI, "-c", "page_separator=\f"]
            done = _run(options, check=True, env=self.environment)
        pages = done.stdout.split("\f")[: len(pictures)]
        return [["".join(page.split())] for page in pages]
