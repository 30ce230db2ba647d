"""Kills crawling, loading, training and exporting at random moments, and compares.

    nice python -m tests.faults.kill --stage=crawl --kills=20
    nice python -m tests.faults.kill --stage=train --kills=10 --seed=1

A command is run undisturbed once. Then, in fresh folders, it is ended by kill -9 at a
random moment, up to three times in a row, run again to its end, and what it leaves is
compared with what the undisturbed run left. After every kill each file that has its
name is read: none may be half-written. Moments are spread evenly over the time
that the undisturbed run took; every other one waits for the next write to begin.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.stages import STAGES, check_files, is_temporary

_IN_A_ROW = 3
_WRITE = 0.05  # seconds by which a write takes longer, so that it can be hit


def start(stage, folder):
    """Forks a process of its own session that runs the command; returns its id."""
    child = os.fork()
    if child:
        return child
    os.setsid()
    log = os.open(folder / "output.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    flush, status = os.fsync, 1

    def flush_slowly(file):
        flush(file)
        time.sleep(_WRITE)

    os.fsync = flush_slowly
    try:
        status = stage.run(folder)
    finally:
        sys.stdout.flush()
        os._exit(status or 0)


def finish(stage, folder):
    """Runs the command to its end; returns the seconds."""
    begun = time.monotonic()
    status = os.waitpid(start(stage, folder), 0)[1]
    if status:
        raise SystemExit(f"failed: {(folder / 'output.txt').read_text()[-2000:]}")
    return time.monotonic() - begun


def kill(stage, folder, delay, in_write):
    """Ends the command by kill -9 after `delay` seconds, or in the write after them.

    Returns:
        Dict of counts: `kills`, `writing` (something was being written), `survivors`
        (processes that it had started and that did not end).
    """
    before, begun = temporaries(folder), time.monotonic()
    child, writing = start(stage, folder), False
    while time.monotonic() - begun < delay or (in_write and not writing):
        if os.waitpid(child, os.WNOHANG)[0]:
            return {}  # it had ended before
        if time.monotonic() - begun >= delay:
            writing = bool(temporaries(folder) - before)
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    writing = bool(temporaries(folder) - before)
    return {"kills": 1, "writing": writing, "survivors": survivors(child)}


def temporaries(folder):
    """Returns the files of a folder that do not have their name yet."""
    return {path for path in folder.rglob("*") if is_temporary(path)}


def survivors(session, patience=10):
    """Returns how many processes of a session live on after some seconds."""
    for _ in range(patience * 10):
        alive = [path for path in Path("/proc").glob("[0-9]*") if _is_of(path, session)]
        if not alive:
            return 0
        time.sleep(0.1)
    for path in alive:
        os.kill(int(path.name), signal.SIGKILL)
    return len(alive)


def _is_of(path, session):
    try:
        fields = (path / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return int(fields[3]) == session and fields[0] != "Z"


def hunt(stage, kills, rng, root):
    """Kills a command so many times; returns the figures as a dict."""
    folder = Path(tempfile.mkdtemp(dir=root))
    seconds, expected = finish(stage, folder), stage.result(folder)
    found = {"stage": stage.name, "kills": 0, "writing": 0, "survivors": 0}
    found |= {"reruns": 0, "different": 0, "half-written": 0, "left over": 0}
    while found["kills"] < kills:
        folder = Path(tempfile.mkdtemp(dir=root))
        for _ in range(rng.randint(1, _IN_A_ROW)):
            delay = rng.uniform(0, seconds)
            counts = kill(stage, folder, delay, found["kills"] % 2)
            for name, count in counts.items():
                found[name] += count
            found["half-written"] += len(check_files(folder))
        finish(stage, folder)
        found["reruns"] += 1
        found["half-written"] += len(check_files(folder))
        found["different"] += stage.result(folder) != expected
        found["left over"] += len(temporaries(folder))
        print(found, flush=True)
    return found


def main():
    """Runs the script; returns its exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", choices=list(STAGES), required=True)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        stage = STAGES[options.stage](Path(root))
        found = hunt(stage, options.kills, random.Random(options.seed), Path(root))
    return int(bool(found["different"] or found["half-written"] or found["survivors"]))


if __name__ == "__main__":
    sys.exit(main())
