"""One contestant in a process of its own, which does what its standard input asks.

Each line of standard input names a task, each line of standard output is its result as
JSON. The first line comes unasked, when the first picture has been read.
"""

import json
import os
import sys
import time
from itertools import chain
from pathlib import Path

from utils.peers.contestants import Contestant, open_contestant
from utils.peers.gemm import make_product
from utils.peers.pictures import load_pictures

BATCH = 256  # pictures a call on all cores
SOME = 32  # pictures a call on one


class Worker:
    """Does the tasks, each a method that returns what JSON can hold."""

    def __init__(self, contestant, threads, pictures, make_reader):
        self.contestant, self.threads, self.pictures = contestant, threads, pictures
        self.read = open_contestant(contestant, threads, make_reader)
        images = pictures.images
        self.single = images[:1]
        self.batch = [images[i % len(images)] for i in range(BATCH)]
        self.some_images = self.batch[:SOME]
        self.product = None

    def start(self):
        """Reads one picture."""
        self.read(self.single)
        return True

    def answer(self):
        """Returns the answers to all pictures: lists of syllables, best first.

        The bare network, which is there to be timed, gives none.
        """
        images, answers = self.pictures.images, []
        if self.contestant.kind == "bare":
            return [[]] * len(images)
        for start in range(0, len(images), BATCH):
            answers += self.read(images[start : start + BATCH])
        return answers

    def one(self):
        """Returns the seconds of one call with one picture."""
        return {**_time(lambda: self.read(self.single)), "pictures": 1}

    def some(self):
        """Returns the seconds of one call with 32 pictures."""
        return {**_time(lambda: self.read(self.some_images)), "pictures": SOME}

    def many(self):
        """Returns the seconds of one call with 256 pictures."""
        return {**_time(lambda: self.read(self.batch)), "pictures": BATCH}

    def multiply(self):
        """Returns the seconds of one large matrix product, and its multiply-adds."""
        if self.product is None:
            precision = self.contestant.path.removesuffix(".onnx").rpartition("_")[2]
            kind = self.contestant.kind
            self.product = make_product(kind, precision, self.threads) or ()
            if self.product:
                self.product[0]()
        if not self.product:
            return None
        function, work = self.product
        return {**_time(function), "multiply_adds": work}

    def memory(self):
        """Returns the most memory held so far, in 10^6 bytes, programs started too.

        None on Windows, which does not count it.
        """
        children, own = _usage("CHILDREN"), _usage("SELF")
        if not children:
            return None
        unit = 1 if sys.platform == "darwin" else 1024
        own = _counted_memory() or own.ru_maxrss * unit
        return max(own, children.ru_maxrss * unit) / 1e6


def _usage(of):
    """Returns what the system counts of `SELF` or `CHILDREN`; None on Windows."""
    try:
        import resource
    except ModuleNotFoundError:
        return None
    return resource.getrusage(getattr(resource, f"RUSAGE_{of}"))


def _counted_memory():
    """Returns the most memory of this process in bytes; None where Linux is not.

    By Linux's own account, for `getrusage` also counts what the process that started
    this one held at that time.
    """
    try:
        lines = Path("/proc/self/status").read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    (line,) = [each for each in lines if each.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def _time(function):
    """Returns seconds by the clock, and of the processor, programs started too.

    The latter are None on Windows, which does not count those of programs.
    """
    before, begun = _processor_seconds(), time.perf_counter()
    function()
    wall = time.perf_counter() - begun
    cpu = None if before is None else _processor_seconds() - before
    return {"wall": wall, "cpu": cpu}


def _processor_seconds():
    children = _usage("CHILDREN")
    if not children:
        return None
    return time.process_time() + children.ru_utime + children.ru_stime


def main(make_reader, name, kind, path, threads, pictures):
    """Runs the tasks of standard input until it ends.

    Args:
        make_reader: `model.KoOCR`, which no module down here imports.
        name: of the contestant.
        kind: of it.
        path: of its weights or model.
        threads: that it may use, as text; 0 takes all cores.
        pictures: file of `pictures.save_pictures`.
    """
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not come between
    contestant = Contestant(name, kind, path)
    worker = Worker(contestant, int(threads), load_pictures(pictures), make_reader)
    for task in chain(["start"], sys.stdin):
        result = getattr(worker, task.strip())()
        print(json.dumps(result, ensure_ascii=False), file=out, flush=True)
