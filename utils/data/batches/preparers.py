"""Threads or processes that prepare pictures ahead of who uses them."""

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import cached_property

from utils.data.batches.squares import make_squares
from utils.data.workers import worker_pool

# Threads that prepare pictures; the other half of the cores is the network's.
_THREADS = min(8, max(1, (os.cpu_count() or 1) // 2))


class Preparers:
    """Prepares batches, some ahead of the one that is used.

    Args:
        workers: processes; 0 takes threads of this one.
    """

    def __init__(self, workers=0):
        self.workers = workers

    def run(self, batches):
        """Prepares batches in their order.

        Args:
            batches: iterable of (arguments of `make_squares`, whatever belongs to
                them); no more is read of it than what is under way.

        Yields:
            (squares, what belongs to them).

        Raises:
            ChildProcessError: one of the processes is gone.
        """
        waiting = deque()
        try:
            for arguments, beside in batches:
                waiting.append((self._started(arguments), beside))
                if len(waiting) > self._ahead:
                    yield _finished(*waiting.popleft())
            while waiting:
                yield _finished(*waiting.popleft())
        finally:
            for future, _ in waiting:
                future.cancel()

    def close(self):
        """Ends the threads or processes; the next batch would start them again."""
        pool = self.__dict__.pop("_pool", None)
        if pool:
            pool.shutdown(cancel_futures=True)

    def _started(self, arguments):
        """Returns the future of a batch. A pool that is known to be broken says so
        here, one that breaks later when the batch is waited for.
        """
        with _told_of_lost_processes():
            return self._pool.submit(make_squares, *arguments)

    @cached_property
    def _pool(self):
        if self.workers:
            return worker_pool(self.workers, deaf=True)
        return ThreadPoolExecutor(_THREADS, "batches")

    @property
    def _ahead(self):
        """Number of batches that are under way while one is used."""
        return 2 * self.workers + 2 if self.workers else _THREADS + 3


def _finished(future, beside):
    """Returns the squares of a batch, waiting for them, with what belongs to them."""
    with _told_of_lost_processes():
        return future.result(), beside


@contextmanager
def _told_of_lost_processes():
    """Says what to do where a process of the pool is gone."""
    try:
        yield
    except BrokenProcessPool:
        raise ChildProcessError(
            "A process that prepares pictures ended before its work was done. Set "
            "fewer workers if memory ran out; a script of one's own must start "
            'training under if __name__ == "__main__", for every process reads it.'
        ) from None
