"""AI Hub's "한국어 글자체 이미지" as it is published: label files and pictures.

Available to those who registered at aihub.or.kr; the copies on Google Drive are those
of 2021. Labels: {"annotations": [{"attributes": {"type": "글자(음절)"}, "image_id":
"00000001", "text": "가"}]}, beside annotations of words and sentences. Pictures:
1_syllable/<image_id>.png and so on.
"""

import unicodedata
import zipfile
from pathlib import Path
from typing import NamedTuple

from utils.data.converting.picture_files import find_pictures
from utils.data.download import TIMEOUT
from utils.data.fetching.download_checks import ZIP_MAGIC, one_line
from utils.data.fetching.drive import fetch_drive
from utils.hangul import is_syllable
from utils.json_text import read_object

SYLLABLE_TYPE = "글자(음절)"


class AIHubError(ValueError):
    """The set cannot be converted; the message names the file and the reason."""


class Source(NamedTuple):
    """One half of the set.

    labels: name of the label file, and its id on Google Drive.
    archives: (name, id on Google Drive, folder in it) of each archive of pictures.
    """

    labels: tuple
    archives: tuple

    def folders(self):
        """Returns the folder names that mark its pictures."""
        names = [(folder, Path(name).stem) for name, _, folder in self.archives]
        return [name for pair in names for name in pair]


SOURCES = {
    "handwritten": Source(
        ("handwritten_label.json", "1rX979OhUHCKSYRbBPaMIHtFQa0eVdSXt"),
        (
            ("handwritten-1.zip", "13GCWsztfD00mHxKGNVO_c6uxS_9J_JOY", "1_syllable"),
            ("handwritten-2.zip", "1N2dTwZ8TgYRFBeNDKgjxjDHqULk_JX6X", "2_syllable"),
        ),
    ),
    "printed": Source(
        ("printed_label.json", "1ibZrGauMoM1E9Bx2fMGtiJEqQ6nh8Qy8"),
        (("printed-1.zip", "1MNYnv4aO0kWaDigb9iEcIdpxO_pF2s-m", "syllable"),),
    ),
}


def download_aihub(aihub_path, sources=tuple(SOURCES), timeout=TIMEOUT):
    """Downloads what the folder lacks from Google Drive; nothing is unpacked.

    A label file that lies anywhere below the folder is not fetched, nor an archive
    whose pictures are there, in a folder or in an archive of whatever name.

    Args:
        aihub_path: the folder.
        sources: which halves: `handwritten`, `printed`.
        timeout: seconds without a byte after which to give up.

    Raises:
        DownloadError: Drive cannot be reached or refuses.
        AIHubError: an archive in the folder is damaged.
    """
    folder = Path(aihub_path)
    for source in sources:
        name, id = SOURCES[source].labels
        if not list(folder.rglob(name)):
            fetch_drive(id, folder / name, timeout=timeout)
        for name, id, pictures in SOURCES[source].archives:
            if not _find(folder, (pictures, Path(name).stem)):
                fetch_drive(id, folder / name, ZIP_MAGIC, timeout)


def find_source(aihub_path, source):
    """Finds the labelled syllables of one half and their pictures.

    Args:
        aihub_path: folder with the label file and the pictures somewhere below it.
        source: `handwritten` or `printed`.

    Returns:
        (rows, missing, illegal): list of (image id, syllable, `PictureFile`) in order
        of id, the ids without a picture, and a line on each label that is not exactly
        one modern syllable or whose id came before.

    Raises:
        AIHubError: no such source; labels or pictures are absent or damaged.
    """
    if source not in SOURCES:
        raise AIHubError(f"{source!r} is no source; choose from: {', '.join(SOURCES)}.")
    name = SOURCES[source].labels[0]
    paths = sorted(Path(aihub_path).rglob(name))
    if not paths:
        raise AIHubError(
            f"{aihub_path} holds no {name}; download the set from aihub.or.kr, or let "
            "crawl_data.py --AIHub=true fetch it."
        )
    labels, illegal = read_labels(paths[0])
    pictures = _find(aihub_path, SOURCES[source].folders())
    rows = [(id, labels[id], pictures[id]) for id in sorted(labels) if id in pictures]
    if not rows:
        raise AIHubError(
            f"{aihub_path} holds none of the {len(labels):,} pictures of {name}; they "
            f"belong in folders or archives named {_listed(source)}."
        )
    return rows, sorted(set(labels) - set(pictures)), illegal


def read_labels(path):
    """Reads a label file.

    Returns:
        (labels, illegal): dict image id -> syllable, and a line on each label of type
        글자(음절) that is not exactly one modern syllable or whose id came before.

    Raises:
        AIHubError: the file is damaged or built otherwise.
    """
    labels, illegal = {}, []
    try:
        annotations = read_object(Path(path).read_bytes())["annotations"]
        for annotation in annotations:
            if _nfc(annotation["attributes"].get("type")) != SYLLABLE_TYPE:
                continue
            id, text = str(annotation["image_id"]), _nfc(annotation["text"])
            if not is_syllable(text):
                illegal.append(f"{id} is labelled {text!r}")
            elif id in labels:
                illegal.append(f"{id} is labelled again, as {text}")
            else:
                labels[id] = text
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise AIHubError(
            f"{path} is no label file of AI Hub ({type(error).__name__}: "
            f"{one_line(error)}); download it again."
        ) from None
    return labels, illegal


def _nfc(text):
    return unicodedata.normalize("NFC", text) if isinstance(text, str) else text


def _find(folder, names):
    try:
        return find_pictures(folder, names)
    except zipfile.BadZipFile as error:
        raise AIHubError(
            f"An archive cannot be read ({one_line(error)}); delete it and download "
            "it again."
        ) from None


def _listed(source):
    return ", ".join(SOURCES[source].folders())
