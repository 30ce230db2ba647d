"""Measures what the processes of a training run send each other, and what that costs.

    python -m tests.faults.wire --processes=2 --network=compact

Trains with `train.py --distribute=data_parallel` over loopback, for two numbers of
steps: the difference between the runs is that of the steps alone, without start,
checkpoint and end. Bytes are those of the loopback device, so nothing else may use it
(Linux). Each process has a core of its own. As many processes that train on their own
at the same time, each on the same share of the batch, tell how much is computing.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from tests.helpers.serving import free_port
from utils.data.patches import write_patch

ROOT = Path(__file__).parents[2]
SYLLABLES = list("가나다라마바사아자차카타파하각낙")
STEPS = (6, 30)  # of a short and of a long run


def write_pictures(folder, patches, count, side):
    """Writes patches of so many pictures of noise, one for each process of a run."""
    rng = np.random.default_rng(0)
    labels = [SYLLABLES[i % len(SYLLABLES)] for i in range(count)]
    for number in range(patches):
        images = rng.integers(0, 256, (count, side, side)).astype(np.uint8)
        write_patch(folder / f"printed_{number}.pickle", images, labels)


def loopback_bytes():
    """Returns the bytes that the loopback device has sent since the machine started."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        name, _, figures = line.partition(":")
        if name.strip() == "lo":
            return int(figures.split()[8])
    raise OSError("/proc/net/dev names no device lo.")


def command(options, data, logs, process, processes, port):
    """Returns the command line of one process, of a run of so many."""
    flags = {
        "data_path": data,
        "val_data_path": "",
        "log_path": logs,
        "network": options.network,
        "fc_link": "GWAP",
        "image_size": options.image_size,
        "batch_size": options.batch_size * processes,
        "epochs": 1,
        "patch_size": 1,
        "data_augmentation": False,
        "optimizer": "sgd",
        "checkpoint_minutes": 1e6,
        "log_tensorboard": False,
        "silent_mode": True,
    }
    if processes > 1:
        flags |= {
            "distribute": "data_parallel",
            "coordinator": f"127.0.0.1:{port}",
            "processes": processes,
            "process": process,
        }
    words = [f"--{name}={value}" for name, value in flags.items()]
    return [sys.executable, str(ROOT / "train.py"), *words]


def run(options, joined, steps):
    """Trains, joined into one run or each on its own.

    Returns:
        (bytes on loopback, seconds).
    """
    number, port = options.processes, free_port()
    with tempfile.TemporaryDirectory() as place:
        data, logs = Path(place) / "data", Path(place) / "logs"
        data.mkdir()
        count = steps * options.batch_size
        write_pictures(data, number if joined else 1, count, options.image_size)
        if joined:
            asked = [(data, logs, i, number, port) for i in range(number)]
        else:
            asked = [(data, logs / str(i), 0, 1, port) for i in range(number)]
        sent, begun = loopback_bytes(), time.monotonic()
        started = [
            _start(command(options, *each), core) for core, each in enumerate(asked)
        ]
        if any([process.wait() for process in started]):
            raise RuntimeError(f"A process of {number} failed; its words are above.")
        return loopback_bytes() - sent, time.monotonic() - begun


def _start(words, core):
    """Starts a process on a core of its own, with one thread to compute."""
    environment = os.environ | {
        "KERAS_BACKEND": "jax",
        "OMP_NUM_THREADS": "1",
        "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    }
    return subprocess.Popen(
        words,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core % os.cpu_count()}),
    )


def measure(options, joined):
    """Returns (bytes, seconds) of one step."""
    short, long = (np.array(run(options, joined, steps)) for steps in STEPS)
    return (long - short) / (STEPS[1] - STEPS[0])


def main():
    """Runs the script; returns its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--network", default="compact")
    parser.add_argument("--image_size", type=int, default=64)
    parser.add_argument("--batch_size", type=int, default=32, help="of a process")
    options = parser.parse_args()
    _, alone = measure(options, joined=False)
    sent, together = measure(options, joined=True)
    each = sent / options.processes
    print(f"{options.network}, {options.processes} processes x {options.batch_size}:")
    print(f"  sent by each in a step   {each / 1e6:.2f} MB")
    print(f"  a step                   {1000 * together:.0f} ms")
    print(f"  each on its own          {1000 * alone:.0f} ms")
    print(f"  sending and waiting      {100 * (1 - alone / together):.0f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
