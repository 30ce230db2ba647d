"""Pools of processes that do not outlive who started them."""

import os
import threading
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process


def worker_pool(workers=None):
    """Returns a pool of processes; when this process is killed, they end too.

    Spawned, not forked: safe beside the threads of whoever calls.

    Args:
        workers: how many; None takes one for each core.
    """
    context = get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_end_with_parent)


def _end_with_parent():
    """Lets this process end with its parent, whose queue would keep it waiting."""

    def wait():
        parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()
