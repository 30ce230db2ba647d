"""Files that are whole or absent, whatever happens while they are written."""

import os
import shutil
from pathlib import Path

SAVING = ".saving"  # begins the names of folders in which weights are written


def make_folder(path):
    """Makes a folder that results are to be written to, before they are worked out.

    Raises:
        ValueError: it cannot be one.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(
            f"{path} cannot be a folder for results ({error.strerror}); name another."
        ) from None


def write_atomically(path, data):
    """Writes bytes under a temporary name, flushes them to disk and renames.

    Args:
        path: of the file; its folder is made.
        data: what it is to hold, as bytes.

    Raises:
        OSError: the disk is full, or nothing can be written there; what was there
            stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        if error.errno and not error.filename:  # a full disk names no file itself
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def clear_leftovers(*folders):
    """Removes what writers that were killed left behind.

    Args:
        *folders: folders in which nobody writes now; they need not be there.
    """
    for folder in map(Path, folders):
        for path in folder.glob(".*.tmp"):
            if path.name.split(".")[-2].isdigit():  # a process, see `write_atomically`
                path.unlink(missing_ok=True)
        for path in folder.glob(f"{SAVING}*"):
            shutil.rmtree(path, ignore_errors=True)
