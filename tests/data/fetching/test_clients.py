import os
import shutil

import pytest

from tests.helpers.packing import DEB, FONT, TGZ, make_shell, tar_bytes
from utils.data.fetching.clients import fetch_package, read_fonts
from utils.data.fetching.download_checks import DownloadError


@pytest.fixture
def shell(tmp_path, monkeypatch):
    return make_shell(tmp_path, monkeypatch)


def test_client_that_fetches_nothing(shell):
    shell("npm", "true")
    with pytest.raises(DownloadError, match="npm fetched no file of @f/pen"):
        with fetch_package("npm", "@f/pen"):
            pass


def test_client_that_cannot_run(shell):
    (shell.tools / "npm").write_text("#!/nowhere\n")
    with pytest.raises(DownloadError, match="@f/pen: .*No such file"):
        with fetch_package("npm", "@f/pen"):
            pass


@pytest.mark.parametrize("with_dpkg", [True, False])
def test_deb_is_read_with_and_without_dpkg(tmp_path, monkeypatch, with_dpkg):
    if with_dpkg and not shutil.which("dpkg-deb"):
        pytest.skip("dpkg-deb is not installed")
    if not with_dpkg:
        monkeypatch.setenv("PATH", os.devnull)
    package = tmp_path / "a.deb"
    package.write_bytes(DEB)
    assert read_fonts(package, ["Book.ttf", "Gone.ttf"]) == {"Book.ttf": FONT}


@pytest.mark.parametrize(
    "name, data, message",
    [
        ("a.tgz", TGZ[:60], r"a\.tgz cannot be read"),
        ("a.tgz", b"junk", r"a\.tgz cannot be read"),
        ("a.deb", b"junk" * 9, r"a\.deb is no \.deb"),
        ("a.deb", b"!<arch>\n", r"a\.deb holds no data\.tar"),
        ("a.deb", DEB[:-200], r"a\.deb cannot be read .* install dpkg-deb"),
        ("a.deb", b"!<arch>\n" + b"x" * 60, r"a\.deb cannot be read"),
    ],
    ids=["cut tgz", "no tgz", "no ar", "empty ar", "cut deb", "no header"],
)
def test_damaged_package(tmp_path, monkeypatch, name, data, message):
    monkeypatch.setenv("PATH", os.devnull)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DownloadError, match=message):
        read_fonts(tmp_path / name, ["Book.ttf", "pen-400.woff2"])


def test_file_that_is_no_font(tmp_path):
    package = tmp_path / "a.tgz"
    package.write_bytes(tar_bytes({"package/a.ttf": b"<html>"}, "w:gz"))
    with pytest.raises(DownloadError, match=r"a\.ttf in a\.tgz is no font"):
        read_fonts(package, ["a.ttf"])
