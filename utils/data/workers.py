"""Pools of processes that do not outlive who started them."""

import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process


def worker_pool(workers=None, deaf=False):
    """Returns a pool of processes; when this process is killed, they end too.

    Spawned, not forked: safe beside the threads of whoever calls.

    Args:
        workers: how many; None takes one for each core.
        deaf: leave Ctrl-C to whoever calls, who has something to finish first.
    """
    context = get_context("spawn")
    return ProcessPoolExecutor(workers, context, _begin, (deaf,))


def map_tasks(function, tasks, workers=None):
    """Maps a function over tasks: in processes, or here where one process is enough.

    Args:
        function: of a task; a function of a module, as processes need it.
        tasks: list.
        workers: processes; None takes one for each core.

    Yields:
        What the function returns, in the order of the tasks.
    """
    workers = min(workers or os.cpu_count() or 1, len(tasks))
    if workers <= 1:
        yield from map(function, tasks)
        return
    with worker_pool(workers) as pool:
        yield from pool.map(function, tasks)


def _begin(deaf):
    """Lets this process end with its parent, whose queue would keep it waiting."""
    if deaf:
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def wait():
        parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
