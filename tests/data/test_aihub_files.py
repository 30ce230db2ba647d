import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.helpers.aihub_set import make_set, note
from utils.data.aihub_files import AIHubError, download_aihub, find_source, read_labels


def test_what_is_absent_is_named(tmp_path):
    with pytest.raises(
        AIHubError, match="holds no printed_label.json; download the set"
    ):
        find_source(tmp_path, "printed")
    (tmp_path / "printed_label.json").write_text(json.dumps({"annotations": []}))
    with pytest.raises(
        AIHubError, match="none of the 0 pictures .* syllable, printed-1"
    ):
        find_source(tmp_path, "printed")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"annotations": [{}]}', '{"annotations": [{"attributes": 1}]}']
)
def test_label_file_of_another_kind(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(AIHubError, match="x.json is no label file of AI Hub"):
        read_labels(path)


def test_labels_in_decomposed_form(tmp_path):
    path = tmp_path / "x.json"
    marks = note(12, "\u1100\u1161", "글자(음절)")
    path.write_text(json.dumps({"annotations": [marks]}))
    assert read_labels(path) == ({"12": "가"}, [])


def test_damaged_archive_is_named(tmp_path):
    root = make_set(tmp_path / "hub")
    (root / "bad.zip").write_bytes(b"PK\3\4junk")
    with pytest.raises(AIHubError, match="bad.zip: .*delete it and download it again"):
        find_source(root, "handwritten")


@pytest.fixture
def drive(monkeypatch):
    """Stands in for gdown; lists the ids asked for."""
    asked = []

    def download(id, output, **options):
        asked.append(id)
        Path(output).write_bytes(
            b"{}" if output.endswith("json") else b"PK\5\6" + bytes(18)
        )

    errors = SimpleNamespace(DownloadError=KeyError)
    module = SimpleNamespace(download=download, exceptions=errors)
    monkeypatch.setitem(sys.modules, "gdown", module)
    return asked


def test_download_fetches_what_is_published(tmp_path, drive):
    download_aihub(tmp_path / "hub")
    assert drive == [
        "1rX979OhUHCKSYRbBPaMIHtFQa0eVdSXt",
        "13GCWsztfD00mHxKGNVO_c6uxS_9J_JOY",
        "1N2dTwZ8TgYRFBeNDKgjxjDHqULk_JX6X",
        "1ibZrGauMoM1E9Bx2fMGtiJEqQ6nh8Qy8",
        "1MNYnv4aO0kWaDigb9iEcIdpxO_pF2s-m",
    ]
    assert sorted(path.name for path in (tmp_path / "hub").iterdir()) == [
        "SHA256SUMS",
        "handwritten-1.zip",
        "handwritten-2.zip",
        "handwritten_label.json",
        "printed-1.zip",
        "printed_label.json",
    ]
    download_aihub(tmp_path / "hub")
    assert len(drive) == 5


@pytest.mark.parametrize("zipped", [False, True], ids=["folders", "zip"])
def test_download_skips_the_users_own_copy(tmp_path, drive, zipped):
    root = make_set(tmp_path / "hub" / "own", zipped=zipped)
    download_aihub(root.parent, ["handwritten"])
    assert drive == []
