import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from utils.data.workers import map_tasks, worker_pool

ROOT = Path(__file__).parents[2]
CODE = """
import os, time
from utils.data.workers import worker_pool
if __name__ == "__main__":
    with worker_pool(1) as pool:
        print(pool.submit(os.getpid).result(), flush=True)
        time.sleep(60)
"""


def test_work_is_done_in_other_processes():
    with worker_pool(1) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()


def whose(task):
    return task, os.getpid()


@pytest.mark.parametrize(("workers", "tasks"), [(1, 5), (2, 5), (2, 1)])
def test_tasks_are_mapped_in_order_in_no_more_processes_than_needed(workers, tasks):
    found = list(map_tasks(whose, list(range(tasks)), workers))
    assert [task for task, _ in found] == list(range(tasks))
    here = {process for _, process in found} == {os.getpid()}
    assert here == (min(workers, tasks) == 1)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are seen in /proc")
def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(CODE)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as parent:
        worker = Path("/proc") / str(int(parent.stdout.readline()))
        assert worker.exists()
        parent.send_signal(signal.SIGKILL)
    for _ in range(300):
        if not worker.exists() or " Z " in (worker / "stat").read_text():
            return
        time.sleep(0.1)
    pytest.fail("the worker lives on")
