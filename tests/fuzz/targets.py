"""What is fuzzed: a reader of untrusted files, its seeds, the errors it documents.

A target is a function of bytes and an empty folder. It returns after a documented error
as after a good reading; whatever else it raises is a finding. To add one, write the
function and give it a line in `TARGETS`; runner and tests take it from there.
"""

import contextlib
import io
import os
from pathlib import Path
from typing import NamedTuple

from . import seeds


class Target(NamedTuple):
    """A reader of files.

    run: function of (bytes, empty folder).
    seeds: function without arguments -> list of bytes: well-made files and attacks.
    max_bytes: of an input.
    """

    run: object
    seeds: object
    max_bytes: int = 4096


def read_patches(data, folder):
    import numpy as np

    from utils.data.patches import PatchError, read_patch

    path = folder / "printed_0.pickle"
    path.write_bytes(data)
    try:
        patch = read_patch(path)
    except PatchError:
        return
    rows = len(patch.labels)
    assert patch.images.dtype == np.uint8 and patch.images.ndim == 3
    assert rows == len(patch.images) == len(patch.families)


def read_labels(data, folder):
    """Every table of text: labels of pictures, fonts' manifests, AI Hub, charsets."""
    from utils.data.aihub_files import AIHubError, read_labels
    from utils.data.converting.tables import SourceError, decode, open_pictures
    from utils.data.families import FontError, read_manifest
    from utils.data.fetching.download_checks import DownloadError
    from utils.data.fetching.packages import read_table
    from utils.hangul import read_charset

    path = folder / "labels.tsv"
    path.write_bytes(data)
    with contextlib.suppress(SourceError), open_pictures(folder) as (sets, read):
        for row in next(iter(sets.values())):
            with contextlib.suppress(ValueError):
                decode(read, row["path"])
    with contextlib.suppress(FontError):
        read_manifest(path)
    with contextlib.suppress(DownloadError):
        read_table(path)
    with contextlib.suppress(AIHubError):
        read_labels(path)
    with contextlib.suppress(ValueError):
        read_charset(str(path))


def read_images(data, folder):
    from utils.inference.imaging import prepare

    with contextlib.suppress(ValueError):
        assert prepare(data, 32).shape == (32, 32)


def read_configs(data, folder):
    """The options beside weights, and the other JSON that a run goes on from."""
    from utils.model_options import read_model_config
    from utils.weights.compression_progress import read_progress

    path = folder / "net.weights.h5"
    path.with_name("net.json").write_bytes(data)
    with contextlib.suppress(ValueError):
        read_model_config(path)
    with contextlib.suppress(ValueError):
        read_progress(folder / "net.json")


def read_archives(data, folder):
    from utils.data.fetching.archives import unpack
    from utils.data.fetching.download_checks import DownloadError

    for suffix in (".zip", ".7z"):
        archive, inside = folder / f"a{suffix}", folder / "deep" / suffix[1:]
        archive.write_bytes(data)
        try:
            paths = unpack(archive, inside, max_bytes=1 << 24, quiet=True)
        except DownloadError:
            paths = []
        for path in paths:
            assert path.resolve().is_relative_to(inside.resolve())
            assert path.is_file() and not path.is_symlink()
    assert {path.name for path in folder.iterdir()} <= {"a.zip", "a.7z", "deep"}


def read_packages(data, folder):
    from utils.data.fetching.clients import read_fonts
    from utils.data.fetching.download_checks import DownloadError

    for name in ("a.tgz", "a.deb"):
        (folder / name).write_bytes(data)
        with contextlib.suppress(DownloadError), _no_programs():
            read_fonts(folder / name, ["pen-400.woff2", "Book.ttf"])


def read_weights(data, folder):
    from utils.weights.files import WeightsError, load_weights

    path = folder / "net.weights.h5"
    path.write_bytes(data)
    with contextlib.suppress(WeightsError):
        load_weights(seeds.network(), path)


def read_states(data, folder):
    from utils.training.states import load_state, read_facts
    from utils.weights.files import WeightsError

    path = folder / "state.npz"
    path.write_bytes(data)
    with contextlib.suppress(WeightsError):
        read_facts(path)
    with contextlib.suppress(WeightsError):
        load_state(path, seeds.network().weights)


def read_fonts(data, folder):
    from utils.data.fonts import GLYPH_ERRORS, draw_ink, find_faces, load_face

    path = folder / "handwriting" / "a.ttf"
    path.parent.mkdir()
    path.write_bytes(data)
    with contextlib.redirect_stderr(io.StringIO()):
        for face in find_faces(folder)[0]:
            for syllable in "가각":
                with contextlib.suppress(GLYPH_ERRORS):
                    draw_ink(load_face(face, 24), syllable)


def read_exports(data, folder):
    from utils.inference.export_files import ExportError
    from utils.inference.exported import ExportedNetwork

    path = folder / "net.onnx"
    path.write_bytes(data)
    with contextlib.suppress(ExportError):
        ExportedNetwork(path)


def read_hgu1(data, folder):
    from utils.data.hgu1 import Hgu1Error, list_hgu1

    path = folder / "a.hgu1"
    path.write_bytes(data)
    with contextlib.suppress(Hgu1Error):
        for _, picture in list_hgu1(path)[0]:
            assert picture.read().size


def read_phd08(data, folder):
    from utils.data.phd08 import PHD08Error, list_bitmaps

    path = folder / "가.txt"
    path.write_bytes(data)
    with contextlib.suppress(PHD08Error):
        for _, picture in list_bitmaps(path):
            with contextlib.suppress(PHD08Error):
                assert picture.read().shape == (picture.height, picture.width)


@contextlib.contextmanager
def _no_programs():
    """Leaves no program to be found, so that the reader's own code is tried."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.devnull
    try:
        yield
    finally:
        os.environ["PATH"] = before


TARGETS = {
    "patches": Target(read_patches, seeds.patches),
    "labels": Target(read_labels, seeds.labels),
    "hgu1": Target(read_hgu1, seeds.hgu1),
    "phd08": Target(read_phd08, seeds.phd08),
    "images": Target(read_images, seeds.images),
    "config": Target(read_configs, seeds.configs),
    "archives": Target(read_archives, seeds.archives),
    "packages": Target(read_packages, seeds.packages),
    "weights": Target(read_weights, seeds.weights, 1 << 16),
    "states": Target(read_states, seeds.states, 1 << 16),
    "fonts": Target(read_fonts, seeds.fonts, 1 << 15),
    "exports": Target(read_exports, seeds.exports, 1 << 14),
}


def write_corpus(name, folder):
    """Writes the seeds of a target as files; returns their paths."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for number, data in enumerate(TARGETS[name].seeds()):
        paths.append(folder / f"seed_{number:02d}")
        paths[-1].write_bytes(data)
    return paths
