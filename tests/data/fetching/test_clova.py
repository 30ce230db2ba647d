from urllib.parse import quote

import pytest

from tests.helpers import serving
from utils.data.fetching.clova import FOLDER, URLS_FILE, download_clova_fonts, read_urls
from utils.data.fetching.download_checks import DownloadError

FONT = b"\0\1\0\0" + b"outlines" * 100


def obtain(tmp_path, files, names):
    """Downloads `names` from a server that has `files`; returns failures, requests."""
    with serving.serve(files) as server:
        urls = tmp_path / "urls.txt"
        lines = [f"{server.address}/{name}" for name in names]
        urls.write_text("\n".join(lines) + "\n\n", encoding="utf-8")
        failures = download_clova_fonts(tmp_path / "fonts", urls, 5, quiet=True)
        return failures, [path for path, _ in server.requests]


def test_fonts_come_under_their_korean_names(tmp_path):
    names = ["나눔손글씨 가람연꽃.ttf", "나눔손글씨 다행체.ttf"]
    files = {name: (FONT, serving.HONEST) for name in names}
    failures, requests = obtain(tmp_path, files, names)
    assert failures == []
    assert sorted(requests) == sorted("/" + quote(name) for name in names)
    folder = tmp_path / "fonts" / "handwriting" / "clova"
    assert sorted(p.name for p in folder.iterdir()) == sorted([*names, "SHA256SUMS"])
    assert all((folder / name).read_bytes() == FONT for name in names)


def test_failures_are_named_and_the_others_come(tmp_path):
    files = {
        "a.ttf": (FONT, serving.HONEST),
        "page.ttf": (FONT, serving.WEB_PAGE),
        "junk.ttf": (b"junk", serving.HONEST),
        "z.ttf": (FONT, serving.HONEST),
    }
    names = ["a.ttf", "gone.ttf", "page.ttf", "junk.ttf", "", "z.ttf"]
    failures, _ = obtain(tmp_path, files, names)
    reasons = [reason for _, reason in failures]
    assert [name for name, _ in failures][:3] == ["gone.ttf", "page.ttf", "junk.ttf"]
    for part, reason in zip(
        ["answered 404", "web page", "begins with 6a 75 6e 6b", "names no file"],
        reasons,
        strict=True,
    ):
        assert part in reason
    placed = {p.name for p in (tmp_path / "fonts" / FOLDER).iterdir()}
    assert placed == {"a.ttf", "z.ttf", "SHA256SUMS"}


def test_second_call_skips_and_resumes(tmp_path):
    files = {"a.ttf": (FONT, serving.HONEST), "b.ttf": (FONT, serving.CUT)}
    failures, _ = obtain(tmp_path, files, ["a.ttf", "b.ttf"])
    assert [name for name, _ in failures] == ["b.ttf"]
    files["b.ttf"] = (FONT, serving.HONEST)
    failures, requests = obtain(tmp_path, files, ["a.ttf", "b.ttf"])
    assert failures == [] and requests == ["/b.ttf"]
    assert (tmp_path / "fonts" / FOLDER / "b.ttf").read_bytes() == FONT


def test_address_that_comes_twice_is_asked_once(tmp_path):
    files = {"a.ttf": (FONT, serving.HONEST)}
    _, requests = obtain(tmp_path, files, ["a.ttf", "a.ttf"])
    assert requests == ["/a.ttf"]


def test_names_cannot_leave_the_folder(tmp_path):
    failures, _ = obtain(tmp_path, {}, ["x/%2E%2E", "..%5Cx.ttf"])
    assert ["names no file" in reason for _, reason in failures] == [True, True]


def test_the_list_holds_the_139_addresses():
    lines = URLS_FILE.read_text("utf-8").splitlines()
    assert len(lines) == 139
    assert all(
        line.startswith("https://ssl.pstatic.net/static/clova/") for line in lines
    )
    assert all(line.endswith(".ttf") for line in lines)
    assert len(read_urls(URLS_FILE)) == 109  # thirty stand in it twice


def test_missing_list(tmp_path):
    with pytest.raises(DownloadError, match="is missing or lists no address"):
        read_urls(tmp_path / "none.txt")
