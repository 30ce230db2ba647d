"""What is said on standard output: Hangul whatever it is connected to, short errors."""

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


def first_line(error):
    """Returns the first line of what an exception of another library says.

    Args:
        error: the exception.
    """
    return str(error).strip().split("\n")[0]
