"""What is said on standard output: Hangul whatever it is connected to, short errors."""

import os
import sys

INTERRUPTED = 130  # exit status, as shells have it


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


def run_script(main):
    """Runs a script's `main` and ends the process with its exit status.

    Ctrl-C ends it with one line instead of a traceback; a reader of its output that
    reads no more (`| head`) with none, where the script lets `BrokenPipeError` pass.

    Args:
        main: function () -> exit status.
    """
    name = os.path.basename(sys.argv[0])
    try:
        status = main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        print(f"{name}: stopped.", file=sys.stderr)
        status = INTERRUPTED
    except BrokenPipeError:
        # What is still to be flushed at the end would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = INTERRUPTED
    sys.exit(status)
