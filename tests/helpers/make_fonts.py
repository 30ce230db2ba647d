"""Writes the test faces below a folder, for a run through the command line.

    python -m tests.helpers.make_fonts ./fonts

Two families of each domain, so that one of each can validate.
"""

import sys
from pathlib import Path

from tests.conftest import build_font

if __name__ == "__main__":
    for domain in ("handwriting", "printed"):
        for name in ("One", "Two"):
            path = Path(sys.argv[1]) / domain / f"{name}.ttf"
            build_font(path, f"{name} {domain}")
