"""Standard output that takes Hangul, whatever it is connected to."""

import sys


def let_hangul_out():
    """Lets standard output take Hangul, and names of files that are no UTF-8.

    Where it is a file or a pipe its encoding may be one without Hangul (cp1252 on
    Windows, ASCII where no language is set); it is UTF-8 then.
    """
    if not hasattr(sys.stdout, "reconfigure"):
        return
    try:
        "한".encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        sys.stdout.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(errors="surrogateescape")
