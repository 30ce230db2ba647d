import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from utils.data.fetching.download_checks import DownloadError
from utils.data.fetching.drive import fetch_drive


class DriveError(Exception):
    pass


def fake_gdown(monkeypatch, data=b"PK\3\4data", error=None):
    calls = []

    def download(**options):
        calls.append(options)
        if error:
            raise error
        Path(options["output"]).write_bytes(data)
        options["progress"](len(data), len(data))

    errors = SimpleNamespace(DownloadError=DriveError)
    module = SimpleNamespace(download=download, exceptions=errors)
    monkeypatch.setitem(sys.modules, "gdown", module)
    return calls


def test_asks_for_the_id_and_resumes(tmp_path, monkeypatch):
    calls = fake_gdown(monkeypatch)
    path = fetch_drive("ID", tmp_path / "new" / "a.zip", (b"PK",), timeout=7)
    assert path.read_bytes() == b"PK\3\4data"
    assert calls[0]["id"] == "ID" and calls[0]["resume"] and calls[0]["timeout"] == 7


def test_file_that_is_there_is_not_asked_for(tmp_path, monkeypatch):
    calls = fake_gdown(monkeypatch)
    (tmp_path / "a.zip").write_bytes(b"PK old")
    assert fetch_drive("ID", tmp_path / "a.zip", (b"PK",)).read_bytes() == b"PK old"
    assert calls == []


def test_unreachable_is_one_line_and_no_bar(tmp_path, monkeypatch, capsys):
    fake_gdown(monkeypatch, error=OSError("HTTPSConnectionPool(...)\nMax retries"))
    with pytest.raises(
        DownloadError, match="Drive cannot be reached .OSError"
    ) as raised:
        fetch_drive("ID", tmp_path / "a.zip")
    assert "\n" not in str(raised.value)
    assert f"put a copy from elsewhere at {tmp_path / 'a.zip'}" in str(raised.value)
    assert capsys.readouterr().err == ""


def test_refusal_says_what_drive_said(tmp_path, monkeypatch):
    fake_gdown(monkeypatch, error=DriveError("Too many users\nhave viewed."))
    with pytest.raises(
        DownloadError, match="Too many users have viewed. Try again later"
    ):
        fetch_drive("ID", tmp_path / "a.zip")


def test_full_disk_says_so(tmp_path, monkeypatch):
    fake_gdown(monkeypatch, error=OSError(28, "No space left on device"))
    with pytest.raises(DownloadError, match="No space left on device"):
        fetch_drive("ID", tmp_path / "a.zip")


def test_wrong_beginning_is_removed(tmp_path, monkeypatch):
    fake_gdown(monkeypatch, data=b"<html>quota")
    with pytest.raises(DownloadError, match="web page came instead"):
        fetch_drive("ID", tmp_path / "a.zip", (b"PK",))
    assert list(tmp_path.iterdir()) == []


def test_missing_gdown_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "gdown", None)
    with pytest.raises(DownloadError, match="pip install gdown"):
        fetch_drive("ID", tmp_path / "a.zip")


def test_another_file_than_the_first_is_refused(tmp_path, monkeypatch):
    fake_gdown(monkeypatch)
    path = fetch_drive("ID", tmp_path / "a.zip", (b"PK",))
    path.unlink()
    fake_gdown(monkeypatch, data=b"PK\3\4other")
    with pytest.raises(DownloadError, match="a.zip has the SHA-256 .* delete its line"):
        fetch_drive("ID", path, (b"PK",))
    assert not path.exists()
    path.write_bytes(b"PK\3\4other")
    with pytest.raises(DownloadError, match="a.zip has the SHA-256"):
        fetch_drive("ID", path, (b"PK",))
