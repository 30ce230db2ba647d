import io
import sys

import pytest

from utils.bars import progress_bar, tell


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "notebook", "quiet", "shown"),
    [
        (Terminal, False, False, True),
        (Terminal, False, True, False),
        (io.StringIO, False, False, False),  # a file, a pipe, the log of a service
        (io.StringIO, True, False, True),  # its cells show bars and are no terminals
        (io.StringIO, True, True, False),
    ],
)
def test_bars_stand_where_somebody_looks(monkeypatch, stream, notebook, quiet, shown):
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    if notebook:
        monkeypatch.setitem(sys.modules, "ipykernel", object())
    assert list(progress_bar(range(3), "steps", quiet=quiet)) == [0, 1, 2]
    with progress_bar(total=3, desc="steps", quiet=quiet) as bar:
        bar.update(3)
    written = sys.stderr.getvalue()
    assert written.count("steps: 100%") == (2 if shown else 0)
    assert shown or not written


def test_lines_are_told_with_bars_and_without(monkeypatch, capsys):
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        with progress_bar(total=3):
            tell("가나다")
            tell("다라", file=sys.stderr)
        assert capsys.readouterr().out == "가나다\n"
        assert "다라\n" in stream.getvalue()
