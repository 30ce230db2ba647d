"""The state of a training run: everything that its next step depends on."""

import contextlib
import json
import signal
import tempfile
import threading

import numpy as np
from keras import ops

from utils.data.atomic import write_atomically
from utils.data.npz import ArraysError, read_arrays
from utils.json_text import read_object
from utils.weights.files import WeightsError


class Interrupts:
    """A context in which Ctrl-C and SIGTERM never come in the middle of a step.

    Both raise KeyboardInterrupt: at once between steps, and after its end in a step
    that is `held`. A second one waits no longer. Handlers that are not Python's usual
    ones stay; outside the main thread, which alone hears of signals, nothing changes.

    Attributes:
        torn: whether a step was interrupted, whose variables are half of the next.
    """

    def __init__(self):
        self.torn, self._held, self._waiting = False, False, False
        self._before = {}

    def __enter__(self):
        usual = {
            signal.SIGINT: signal.default_int_handler,
            signal.SIGTERM: signal.SIG_DFL,
        }
        if threading.current_thread() is threading.main_thread():
            for number, handler in usual.items():
                if signal.getsignal(number) == handler:
                    self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *error):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number, frame):
        """Raises, or remembers the first signal that comes within a step."""
        if self._held and not self._waiting:
            self._waiting = True
            return
        self.torn = self._held
        raise KeyboardInterrupt

    @contextlib.contextmanager
    def held(self):
        """Holds signals back to the end of a step."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._waiting:
            raise KeyboardInterrupt


def save_state(path, variables, facts):
    """Writes the state of a training run atomically.

    Args:
        path: `.npz` file.
        variables: list of Keras variables: of the model, then of the optimizer.
        facts: JSON-serialisable dict: where the run stands.
    """
    arrays = {f"v{i}": ops.convert_to_numpy(v) for i, v in enumerate(variables)}
    with tempfile.TemporaryFile() as file:
        np.savez(file, facts=json.dumps(facts), **arrays)
        file.seek(0)
        write_atomically(path, file.read())


def load_state(path, variables):
    """Reads the state of a training run into the variables; returns its facts.

    Args:
        path: `.npz` file.
        variables: list of Keras variables in the order of `save_state`; none is
            changed unless all fit.

    Raises:
        WeightsError: the file is missing, damaged, or of another network or optimizer.
    """
    facts = read_facts(path)
    found = _read(path)
    arrays = [found.get(f"v{i}", np.empty(0)) for i in range(len(found) - 1)]
    if [a.shape for a in arrays] != [tuple(v.shape) for v in variables]:
        raise WeightsError(f"{path}: the state of another network or optimizer.")
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    return facts


def read_facts(path, kinds=None):
    """Returns the facts of a training state without touching any variable.

    Args:
        path: `.npz` file.
        kinds: dict, name of a fact that must be there -> its type.

    Raises:
        WeightsError: the file is missing or damaged.
    """
    found = _read(path)
    try:
        facts = read_object(str(found["facts"]))
        lacking = [
            name
            for name, kind in (kinds or {}).items()
            if not isinstance(facts.get(name), kind)
        ]
        if lacking:
            raise ValueError(f"it lacks {', '.join(lacking)}, or they are no such")
    except (KeyError, ValueError) as error:
        raise WeightsError(f"{path}: not a training state ({error}).") from None
    return facts


def _read(path):
    """Returns the arrays of a training state."""
    try:
        return read_arrays(path)
    except FileNotFoundError:
        raise WeightsError(
            f"{path}: there is no run to resume; start one without resume=true."
        ) from None
    except ArraysError as error:
        raise WeightsError(f"{path}: not a training state ({error}).") from None
