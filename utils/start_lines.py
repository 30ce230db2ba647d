"""Lines that libraries write to standard error while they are loaded, left out."""

import contextlib
import os
import re
import sys
import tempfile

# Of TensorFlow before its logging is set up, whatever TF_CPP_MIN_LOG_LEVEL says.
_CHATTER = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog\(\)|I0000 00:00:"
)


@contextlib.contextmanager
def without_start_lines():
    """Leaves informational lines of TensorFlow out of standard error inside.

    They come from C++, past `sys.stderr`: its file is another one meanwhile, and all
    other lines are written to the real one at the end, also where loading failed.
    TF_CPP_MIN_LOG_LEVEL=0 asks for all lines and gets them.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        yield
        return
    try:
        real = os.dup(2)
    except OSError:  # there is no standard error: a program without a console
        yield
        return
    with tempfile.TemporaryFile() as held:
        _flush()
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            _flush()
            os.dup2(real, 2)
            os.close(real)
            held.seek(0)
            rest = [line for line in held if not _CHATTER.match(line)]
            _write(b"".join(rest))


def _flush():
    """Writes what Python holds back for standard error."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def _write(data):
    """Writes bytes to standard error."""
    with contextlib.suppress(OSError):
        while data:
            data = data[os.write(2, data) :]
