"""What tests/faults/kill.py kills: four commands, their inputs and their results."""

import hashlib
import json
import os
import sys
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace

import h5py
import numpy as np
from PIL import Image

from tests import conftest
from utils.data.patches import read_patch, write_patch


def is_temporary(path):
    """Tells whether a file does not have its name yet."""
    return path.is_file() and (
        path.suffix in (".tmp", ".part")
        or any(part.startswith(".saving") for part in path.parts)
    )


def check_files(folder):
    """Returns the files below a folder that cannot be read to their end."""
    broken = []
    for path in folder.rglob("*"):
        if path.is_file() and not is_temporary(path):
            try:
                _READERS.get(path.suffix, Path.read_bytes)(path)
            except Exception as error:  # whatever it is, the file is not whole
                broken.append(f"{path}: {error!r}")
                print("half-written:", broken[-1], file=sys.stderr, flush=True)
    return broken


def _read_state(path):
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def _read_weights(path):
    arrays = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: (
                arrays.update({name: item[()].tobytes()})
                if isinstance(item, h5py.Dataset)
                else None
            )
        )
    return arrays


def _read_onnx(path):
    import onnx

    onnx.checker.check_model(onnx.load(path), full_check=True)


def _read_zip(path):
    with zipfile.ZipFile(path) as archive:
        if archive.testzip():
            raise ValueError("a damaged member")


_READERS = {
    ".pickle": read_patch,
    ".npz": _read_state,
    ".h5": _read_weights,
    ".onnx": _read_onnx,
    ".zip": _read_zip,
    ".json": lambda path: json.loads(path.read_text()),
    ".png": lambda path: Image.open(path).load(),
}


def _hashes(folder, suffix):
    """Returns name -> SHA-256 of the files with a suffix below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob(f"*{suffix}"))
        if not is_temporary(path)
    }


def _patches(folder):
    rng = np.random.default_rng(0)
    for name in ("printed_0", "clova_0"):
        images = rng.integers(0, 256, (24, 24, 24)).astype(np.uint8)
        write_patch(folder / f"{name}.pickle", images, list("가나다라마바사아") * 3)


class Crawl:
    """`crawl_data.py` over the test faces, in two processes."""

    name = "crawl"

    def __init__(self, root):
        import crawl_data

        self.main, self.fonts = crawl_data.main, root / "fonts"
        for domain in ("handwriting", "printed"):
            for name in ("One", "Two"):
                path = self.fonts / domain / f"{name}.ttf"
                conftest.build_font(path, f"{name} {domain}")

    def run(self, folder):
        """Runs the command; returns its status."""
        flags = [f"--font_path={self.fonts}", f"--pickle_path={folder / 'data'}"]
        flags += [f"--val_path={folder / 'val'}", "--val_ratio=0.5", "--workers=2"]
        return self.main([*flags, "--image_size=64", "--pickle_size=5"])

    def result(self, folder):
        """Returns what a run left, to be compared."""
        return _hashes(folder, ".pickle")


class Load:
    """`load_data.py` from a stand-in for Google Drive that sends slowly."""

    name = "load"

    def __init__(self, root):
        import load_data

        self.main, files = load_data.main, {}
        _patches(root / "packed")
        for name, id in load_data.DRIVE_IDS.items():
            files[id] = root / f"drive_{name}"
            if name.endswith(".zip"):
                with zipfile.ZipFile(files[id], "w") as archive:
                    for path in sorted((root / "packed").iterdir()):
                        archive.write(path, path.name)

        def download(id, output, **options):
            data, part = files[id].read_bytes(), Path(f"{output}.part")
            begun = part.stat().st_size if part.exists() else 0
            with open(part, "ab") as file:
                for start in range(begun, len(data), 4096):
                    file.write(data[start : start + 4096])
                    file.flush()
                    time.sleep(0.02)
            os.replace(part, output)

        errors = SimpleNamespace(DownloadError=OSError)
        module = SimpleNamespace(download=download, exceptions=errors)
        sys.modules["gdown"] = module

    def run(self, folder):
        """Runs the command; returns its status."""
        flags = ["--sevenzip=false", f"--data_path={folder / 'data'}"]
        return self.main([*flags, f"--val_data_path={folder / 'val_data'}"])

    def result(self, folder):
        """Returns what a run left, to be compared."""
        return _hashes(folder, ".pickle") | _hashes(folder, ".zip")


class Train:
    """`train.py --resume=true` with a tiny network and a checkpoint every step."""

    name = "train"

    def __init__(self, root):
        import train
        from tests.helpers.fleet import tiny
        from utils.nn.backbones import BACKBONES

        self.main, self.data = train.main, root / "patches"
        BACKBONES["tiny"] = tiny
        _patches(self.data)

    def run(self, folder):
        """Runs the command; returns its status."""
        flags = [f"--data_path={self.data}", f"--val_data_path={self.data}"]
        flags += [f"--log_path={folder}", "--network=tiny", "--fc_link=GWAP"]
        flags += ["--image_size=16", "--batch_size=4", "--epochs=3", "--resume=true"]
        flags += ["--checkpoint_minutes=0", "--data_augmentation=true"]
        return self.main([*flags, "--optimizer=muon", "--log_tensorboard=false"])

    def result(self, folder):
        """Returns what a run left, to be compared: weights and curves."""
        paths = [path for path in folder.rglob("*.h5") if not is_temporary(path)]
        weights = {path.name: _read_weights(path) for path in paths}
        rows = (folder / "history.csv").read_text().splitlines()
        speed = rows[0].split(",").index("images_per_second")
        cells = [row.split(",") for row in rows]
        return weights, [row[:speed] + row[speed + 1 :] for row in cells]


class Export:
    """`export.py` of a tiny network to ONNX."""

    name = "export"

    def __init__(self, root):
        import export
        from tests.helpers.fleet import tiny
        from utils.nn.backbones import BACKBONES

        self.main, self.data = export.main, root / "patches"
        BACKBONES["tiny"] = tiny
        _patches(self.data)
        self.weights = root / "weights" / "tiny.weights.h5"
        if not os.fork():  # TensorFlow must not have begun where others are forked
            from model import KoOCR

            KoOCR(weights=None, network="tiny", fc_link="GAP", image_size=16).save(
                self.weights
            )
            os._exit(0)
        os.wait()

    def run(self, folder):
        """Runs the command; returns its status."""
        flags = [f"--weights={self.weights}", f"--export_path={folder}"]
        return self.main([*flags, f"--data_path={self.data}", "--agreement=0"])

    def result(self, folder):
        """Returns what a run left, to be compared."""
        reports = {path.name for path in folder.iterdir() if not is_temporary(path)}
        return _hashes(folder, ".onnx"), reports


STAGES = {stage.name: stage for stage in (Crawl, Load, Train, Export)}
