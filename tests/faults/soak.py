"""Reads pictures from several threads for a long time, and watches memory and handles.

    nice python -m tests.faults.soak --minutes=60 --engine=keras
    nice python -m tests.faults.soak --minutes=60 --engine=onnx --weights=net.onnx

Every picture is asked for in many forms (arrays, bytes, files, light on dark, damaged);
its answer must stay what it was at first. Resident memory, open files and threads are
written down as it goes, from /proc (Linux), and `--log_path` gets them as CSV.
"""

import argparse
import io
import os
import sys
import threading
import time
from pathlib import Path

from model import KoOCR

SAMPLES = Path(__file__).parents[2] / "files" / "samples"


def forms_of(path):
    """Returns the forms of one sample: its path, its bytes, a file, and damage."""
    data = path.read_bytes()
    return [str(path), data, io.BytesIO(data), data[: len(data) // 2]]


def ask(network, picture):
    """Returns an answer, or the kind of error where there is none."""
    if isinstance(picture, io.BytesIO):
        picture = io.BytesIO(picture.getvalue())
    try:
        return network.predict(picture, n=3)
    except (TypeError, ValueError) as error:
        return type(error).__name__


class Soak:
    """Threads that ask, and what was seen.

    Args:
        network: `KoOCR` of any engine.
        threads: how many ask at once.
    """

    def __init__(self, network, threads):
        self.network, self.calls, self.wrong = network, [0] * threads, 0
        self.pictures = [
            form for p in sorted(SAMPLES.iterdir()) for form in forms_of(p)
        ]
        self.expected = [ask(network, picture) for picture in self.pictures]
        self.stop = threading.Event()

    def ask_on(self, number):
        """Asks until told to stop."""
        while not self.stop.is_set():
            place = (self.calls[number] * 7 + number) % len(self.pictures)
            found = ask(self.network, self.pictures[place])
            self.wrong += found != self.expected[place]
            self.calls[number] += 1

    def run(self, minutes, every, show):
        """Runs the threads; calls `show` with figures every so many seconds."""
        numbers = range(len(self.calls))
        threads = [threading.Thread(target=self.ask_on, args=(n,)) for n in numbers]
        for thread in threads:
            thread.start()
        begun = time.monotonic()
        while time.monotonic() - begun < 60 * minutes:
            time.sleep(every)
            show(self.row(time.monotonic() - begun))
        self.stop.set()
        for thread in threads:
            thread.join()

    def row(self, seconds):
        """Returns seconds, calls, wrong answers, MB, open files, threads."""
        own = Path("/proc/self")
        pages = int((own / "statm").read_text().split()[1])
        megabytes = round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)
        handles, threads = (len(os.listdir(own / name)) for name in ("fd", "task"))
        return round(seconds), sum(self.calls), self.wrong, megabytes, handles, threads


def main():
    """Runs the script; returns its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=("keras", "onnx"), default="keras")
    parser.add_argument("--weights", default="compact")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=30.0, help="seconds")
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--log_path", default="soak.csv")
    options = parser.parse_args()
    extra = {"threads": 1} if options.engine == "onnx" else {}
    soak = Soak(KoOCR(options.weights, engine=options.engine, **extra), options.threads)
    with open(options.log_path, "w", encoding="utf-8") as file:

        def show(row):
            line = ",".join(map(str, row))
            print(line, flush=True)
            file.write(line + "\n")
            file.flush()

        show(("seconds", "calls", "wrong", "megabytes", "handles", "threads"))
        soak.run(options.minutes, options.every, show)
    return int(soak.wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
