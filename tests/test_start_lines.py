"""Chatter of C++ libraries goes; whatever else is written to standard error stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import os, sys
from utils.start_lines import without_start_lines
print("before", file=sys.stderr)
with without_start_lines():
    os.write(2, b"WARNING: All log messages before absl::InitializeLog() is called\\n")
    os.write(2, b"I0000 00:00:17.2 7 port.cc:153] oneDNN custom operations are on.\\n")
    os.write(2, b"E0000 00:00:17.2 7 x.cc:1] an error\\n")
    print("from Python", file=sys.stderr)
    {}
print("after", file=sys.stderr)
"""


def run(body="", **environment):
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(body)],
        cwd=Path(__file__).parents[1],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.splitlines()


def test_informational_lines_are_left_out_and_no_others():
    lines = run(TF_CPP_MIN_LOG_LEVEL="1")
    assert lines == [
        "before",
        "E0000 00:00:17.2 7 x.cc:1] an error",
        "from Python",
        "after",
    ]


def test_what_fails_says_all():
    lines = run("raise ImportError('no such library')", TF_CPP_MIN_LOG_LEVEL="1")
    assert lines[:3] == ["before", "E0000 00:00:17.2 7 x.cc:1] an error", "from Python"]
    assert lines[-1] == "ImportError: no such library" and "after" not in lines


def test_who_asks_for_all_lines_gets_them():
    assert len(run(TF_CPP_MIN_LOG_LEVEL="0")) == 6


@pytest.mark.skipif(os.name != "posix", reason="closes a file descriptor by its number")
def test_a_program_without_standard_error_loads_as_well(tmp_path):
    code = CODE.format("") + f"open({str(tmp_path / 'done')!r}, 'w')"
    code = "import os; os.close(2)\nimport sys; sys.stderr = None\n" + code.replace(
        "    os.write(2, b", "    bytes(b"
    )
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1])
    assert (tmp_path / "done").exists()
