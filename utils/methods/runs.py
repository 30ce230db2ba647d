"""One row with one seed: trained, measured, written down, in a process of its own."""

import hashlib
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from utils.backend import keras, set_seed
from utils.bars import progress_bar
from utils.data.atomic import write_atomically
from utils.data.converting.tables import TABLE
from utils.data.fetching.checksums import file_digest
from utils.data.patches import list_patches
from utils.methods.data import read_facts
from utils.methods.measuring import accuracies, cost, milliseconds
from utils.methods.rows import BATCH, find_rows
from utils.presets import WEIGHTS_SUFFIX
from utils.training_config import TrainConfig
from utils.weights.compressing import CompressionOptions, Compressor

_ROOT = Path(__file__).parents[2]
_SPEEDUP = 4.0  # of compressed rows
_PROGRAM = """
import sys
from model import KoOCR
from utils.methods import runs
runs.main(KoOCR, *sys.argv[1:])
"""


def run_rows(rows, seeds, folder, hands_path=""):
    """Runs what is not done yet: all rows with the first seed, then with the next.

    Args:
        rows: list of `rows.Row`.
        seeds: how many runs a row has.
        folder: where the pictures lie (see `data`), and where runs are written.
        hands_path: labelled pictures of real hands, as `evaluate.py` takes them, or ''.

    Raises:
        ValueError: a run failed; its last line of standard error says why.
    """
    todo = [(row, seed) for seed in range(seeds) for row in rows]
    with progress_bar(todo, unit="run") as bar:
        for row, seed in bar:
            bar.set_postfix_str(f"{row.name}, seed {seed}")
            if read_run(folder, row, seed, hands_path) is None:
                _start(row, seed, folder, hands_path)


def read_run(folder, row, seed, hands_path=""):
    """Returns the figures of a run as a dict, or None if it is not done as asked.

    Args:
        folder: as for `run_rows`.
        row: a `rows.Row`.
        seed: number of the run, from 0.
        hands_path: as for `run_rows`. They are the same if called so and holding the
            same; of a run that does not say what they held, the name decides.
    """
    path = run_path(folder, row, seed)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if found["key"] != _key(row, folder, hands_path):
        return None
    if "hands" in found and found["hands"] != digest_hands(hands_path):
        return None
    return found


def run_path(folder, row, seed):
    """Returns the file of a run, which `read_run` describes by the same arguments."""
    slug = re.sub(r"[^a-z0-9]+", "_", row.name.lower()).strip("_")
    return Path(folder) / "runs" / f"{slug}.{seed}.json"


def _key(row, folder, hands_path):
    """Returns what a run depends on, as a digest."""
    pictures = read_facts(folder)
    facts = [row.network, row.training, row.data, row.compressed, pictures["count"]]
    facts.append(Path(hands_path).name)
    text = json.dumps(facts, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def digest_hands(path):
    """Returns what tells pictures of hands from others wherever they lie.

    A digest of the .zip, of the table of a folder, or of its patches; '' of no path.

    Raises:
        PatchError: there is nothing of these.
    """
    if not path:
        return ""
    path = Path(path)
    table = path if path.is_file() else path / TABLE
    files = [table] if table.is_file() else list_patches(path)
    text = "".join(map(file_digest, files))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _start(row, seed, folder, hands_path):
    """Runs a row in a process of its own, so that none finds what another left."""
    command = [sys.executable, "-c", _PROGRAM, row.name, str(seed), str(folder)]
    done = subprocess.run(
        [*command, str(hands_path)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",  # libraries write as the machine does
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:]
        raise ValueError(f"{row.name}, seed {seed}: {' '.join(last) or 'it ended'}")


def main(make_network, name, seed, folder, hands_path):
    """Runs one row: trains, measures, writes down.

    `make_network` is `model.KoOCR`, `name` a row's; the rest, text, as for `read_run`.
    """
    (row,), seed, begun = find_rows(name), int(seed), time.monotonic()
    hands = digest_hands(hands_path)  # before the work: they may not be there
    set_seed(seed)
    folder = Path(folder).resolve()
    if row.compressed:
        network = _compress(row, seed, folder, make_network)
    else:
        network = _train(row, seed, folder, make_network)
    weights = folder / "weights" / f"{run_path(folder, row, seed).stem}{WEIGHTS_SUFFIX}"
    network.save(weights, half=True, packed=bool(row.compressed))
    costs = cost(network, folder)
    if network.config.early_exit:
        network = make_network(weights, exit_threshold=costs["exit_threshold"])
    figures = {
        "name": name,
        "seed": seed,
        "key": _key(row, folder, hands_path),
        "hands": hands,
        "network": row.network,
        "training": row.training,
        "data": row.data,
        "parameters": network.model.count_params(),
        "megabytes": weights.stat().st_size / 1e6,
        **costs,
        "milliseconds": milliseconds(network, folder),
        "accuracy": accuracies(network, folder, hands_path),
        "seconds": time.monotonic() - begun,
        "backend": keras.backend.backend(),
    }
    text = json.dumps(figures, indent=1, ensure_ascii=False)
    write_atomically(run_path(folder, row, seed), text.encode())


def _train(row, seed, folder, make_network):
    network = make_network(None, **row.network)
    with tempfile.TemporaryDirectory() as log:
        network.train(
            **row.training,
            data_path=str(folder / row.data),
            val_data_path="",
            log_path=log,
            epochs=1,
            seed=seed,
            log_tensorboard=False,
            silent_mode=True,
        )
    return network


def _compress(row, seed, folder, make_network):
    """Returns the network of a stage; the stages are run once for all rows of them."""
    (beside,) = find_rows(row.beside)
    stem = run_path(folder, beside, seed).stem
    start = make_network(folder / "weights" / f"{stem}{WEIGHTS_SUFFIX}")
    pictures = read_facts(folder)
    steps = pictures["count"] // BATCH
    options = CompressionOptions(
        speedup=_SPEEDUP,
        pair_steps=max(1, steps // 32),
        tune_steps=steps // 2,
        drop_steps=steps // 2,
        clusters=0,
    )
    training = TrainConfig(
        **row.training,
        data_path=str(folder / row.data),
        val_data_path="",
        log_path=str(folder / "weights" / f"{stem}.compressed"),
        seed=seed,
        silent_mode=True,
    )
    compressor = Compressor(start, make_network, options, training)
    stages = {stage["stage"]: stage["weights"] for stage in compressor.run()}
    return make_network(Path(training.log_path) / stages[row.compressed])
