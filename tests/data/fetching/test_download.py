import hashlib

import pytest

from tests.helpers import serving
from utils.data.download import encode_address, fetch
from utils.data.fetching.download_checks import DownloadError, one_line

DATA = b"OTTO" + bytes(range(256)) * 4000  # about a megabyte: several reads


def obtain(
    tmp_path, name="a.ttf", data=DATA, habit=serving.HONEST, part=None, **options
):
    path = tmp_path / "deep" / "a.ttf"
    if part is not None:
        path.parent.mkdir(exist_ok=True)
        (path.parent / "a.ttf.part").write_bytes(part)
    with serving.serve({"a.ttf": (data, habit)}) as server:
        url = f"{server.address}/{name}"
        try:
            fetch(url, path, quiet=True, **{"timeout": 5} | options)
        finally:
            obtain.requests = server.requests
    return path


def test_file_is_whole_and_the_part_is_gone(tmp_path):
    path = obtain(tmp_path)
    assert path.read_bytes() == DATA
    assert sorted(p.name for p in path.parent.iterdir()) == ["SHA256SUMS", "a.ttf"]


def test_file_that_is_there_is_not_asked_for(tmp_path):
    obtain(tmp_path)
    obtain(tmp_path, data=b"other")
    assert obtain.requests == []
    assert (tmp_path / "deep" / "a.ttf").read_bytes() == DATA


def test_resumes_where_it_stopped(tmp_path):
    path = obtain(tmp_path, part=DATA[:1000])
    assert path.read_bytes() == DATA
    assert [h["Range"] for _, h in obtain.requests] == ["bytes=1000-"]


@pytest.mark.parametrize(
    "habit, num_requests",
    [(serving.NO_RANGES, 1), (serving.CHANGED, 2), (serving.WRONG_RANGE, 2)],
    ids=[
        "server knows no ranges",
        "file changed since",
        "range that was not asked for",
    ],
)
def test_starts_anew_rather_than_glue(tmp_path, habit, num_requests):
    path = obtain(tmp_path, habit=habit, part=b"x" * 1000)
    assert path.read_bytes() == DATA
    assert len(obtain.requests) == num_requests


def test_part_that_is_complete_is_taken(tmp_path):
    assert obtain(tmp_path, part=DATA).read_bytes() == DATA
    assert len(obtain.requests) == 1


def test_part_that_is_too_long_is_thrown_away(tmp_path):
    assert obtain(tmp_path, part=DATA + b"more").read_bytes() == DATA


def test_broken_connection_keeps_what_came(tmp_path):
    with pytest.raises(DownloadError, match="broke off at .*; check the connection"):
        obtain(tmp_path, habit=serving.CUT)
    folder = tmp_path / "deep"
    assert [p.name for p in folder.iterdir()] == ["a.ttf.part"]
    assert 0 < (folder / "a.ttf.part").stat().st_size < len(DATA)
    assert obtain(tmp_path).read_bytes() == DATA
    assert obtain.requests[0][1]["Range"] != "bytes=0-"


def test_server_that_is_silent_times_out(tmp_path):
    with pytest.raises(DownloadError, match="timed out"):
        obtain(tmp_path, habit=serving.SLOW, timeout=0.1)


def test_server_that_is_absent(tmp_path):
    port = serving.free_port()
    with pytest.raises(DownloadError, match="refused; check the connection"):
        fetch(f"http://127.0.0.1:{port}/a", tmp_path / "a", quiet=True)


def test_missing_file_names_the_status(tmp_path):
    with pytest.raises(DownloadError, match="/b.ttf: the server answered 404"):
        obtain(tmp_path, name="b.ttf")


@pytest.mark.parametrize(
    "data, habit",
    [(b"anything", serving.WEB_PAGE), (b"\n<!DOCTYPE html><p>", serving.HONEST)],
    ids=["declared", "in disguise"],
)
def test_web_page_is_refused(tmp_path, data, habit):
    with pytest.raises(DownloadError, match="web page came instead"):
        obtain(tmp_path, data=data, habit=habit)
    assert list((tmp_path / "deep").iterdir()) == []


def test_wrong_beginning_is_refused(tmp_path):
    with pytest.raises(DownloadError, match="begins with 4f 54 54 4f 00 01 02 03, not"):
        obtain(tmp_path, magic=(b"PK",))
    assert list((tmp_path / "deep").iterdir()) == []
    old = tmp_path / "old"
    old.write_bytes(b"junk")
    with pytest.raises(DownloadError, match="old begins with 6a .* delete it"):
        fetch("http://127.0.0.1/", old, magic=(b"PK",))
    assert old.read_bytes() == b"junk"


def test_non_ascii_address_reaches_the_server(tmp_path):
    name = "나눔손글씨 가람 100%.ttf"
    with serving.serve({name: (DATA, serving.HONEST)}) as server:
        fetch(f"{server.address}/{name}", tmp_path / "a", quiet=True)
        asked = server.requests[0][0]
    assert asked.isascii() and asked.endswith("%20100%25.ttf")
    assert (tmp_path / "a").read_bytes() == DATA


@pytest.mark.parametrize(
    "url, expected",
    [
        ("https://a.kr/가 나.ttf", "https://a.kr/%EA%B0%80%20%EB%82%98.ttf"),
        ("https://a.kr/%EA%B0%80?q=가&r=1", "https://a.kr/%EA%B0%80?q=%EA%B0%80&r=1"),
        ("http://한글.kr:80/a#b", "http://xn--bj0bj06e.kr:80/a"),
    ],
)
def test_encode_address(url, expected):
    assert encode_address(url) == expected


@pytest.mark.parametrize("url", ["ftp://a/b", "file:///etc/hosts", "a.ttf", "http://"])
def test_encode_address_refuses(url):
    with pytest.raises(DownloadError, match="no address that starts with http"):
        encode_address(url)


def test_one_line():
    assert one_line(ValueError("a\n  b")) == "a b"
    assert len(one_line(ValueError("x" * 999))) == 300


@pytest.mark.parametrize("length", [b"junk", b"-5", b"99999999999999999999"])
def test_length_that_is_no_number_or_a_lie(tmp_path, length):
    """A server that speaks the protocol badly, byte by byte."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: " + length + b"\r\n\r\n" + DATA[:900]
    with serving.speak(answer) as address:
        try:
            path = fetch(f"{address}/a", tmp_path / "a", quiet=True, timeout=5)
        except DownloadError as error:
            assert length.isdigit() and "more; expected" in str(error)
            assert not (tmp_path / "a").exists()
        else:
            assert not length.isdigit() and path.read_bytes() in (DATA[:900], b"")


def test_server_that_stalls_is_given_up_and_gone_on_with(tmp_path):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(DATA)}\r\n\r\n".encode()
    with serving.speak(head + DATA[:300_000], stall=True) as address:
        with pytest.raises(
            DownloadError, match="timed out; check .* goes on from what"
        ):
            fetch(f"{address}/a.ttf", tmp_path / "a.ttf", quiet=True, timeout=0.5)
    assert (tmp_path / "a.ttf.part").read_bytes() == DATA[: 1 << 18]
    with serving.serve({"a.ttf": (DATA, serving.HONEST)}) as server:
        fetch(f"{server.address}/a.ttf", tmp_path / "a.ttf", quiet=True)
    assert (tmp_path / "a.ttf").read_bytes() == DATA


def test_server_that_never_ends(tmp_path):
    head = b"HTTP/1.0 200 OK\r\n\r\n"
    with serving.speak(head + DATA) as address:
        with pytest.raises(DownloadError, match="bytes or more; expected 500,000 at"):
            fetch(f"{address}/a", tmp_path / "a", quiet=True, max_bytes=500_000)
    assert not (tmp_path / "a").exists()


def test_web_page_in_the_middle_loses_nothing(tmp_path):
    with pytest.raises(DownloadError, match="web page came instead"):
        obtain(tmp_path, habit=serving.WEB_PAGE, part=DATA[:1000])
    assert (tmp_path / "deep" / "a.ttf.part").read_bytes() == DATA[:1000]
    assert obtain(tmp_path).read_bytes() == DATA


def test_another_file_than_the_first_is_refused(tmp_path):
    path = obtain(tmp_path)
    record = tmp_path / "deep" / "SHA256SUMS"
    assert record.read_text() == f"{hashlib.sha256(DATA).hexdigest()}  a.ttf\n"
    path.write_bytes(DATA + b"x")
    with pytest.raises(DownloadError, match="a.ttf has the SHA-256 .*Delete the file"):
        obtain(tmp_path)
    path.unlink()
    with pytest.raises(DownloadError, match="a.ttf has the SHA-256 .* delete its line"):
        obtain(tmp_path, data=b"OTTO another")
    assert [p.name for p in path.parent.iterdir()] == ["SHA256SUMS"]
    assert obtain(tmp_path).read_bytes() == DATA


def test_a_hash_known_from_elsewhere_is_checked_the_first_time(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "SHA256SUMS").write_text(f"{'0' * 64}  a.ttf\n")
    with pytest.raises(DownloadError, match="a.ttf has the SHA-256"):
        obtain(tmp_path)
    assert not (tmp_path / "deep" / "a.ttf").exists()
