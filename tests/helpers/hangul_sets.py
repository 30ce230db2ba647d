"""Tiny sets in the formats of HangulDB and PHD08, for tests."""

import zipfile
from pathlib import Path

import numpy as np

SYLLABLES = "가각간갇"  # codes b0a1, b0a2, b0a3, b0a4 of KS X 1001


def hgu1_picture(code, levels):
    """A picture as HangulDB's README describes it."""
    height, width = levels.shape
    return code + bytes([width, height, 0, 0]) + levels.astype(np.uint8).tobytes()


def hgu1_file(number, count, first=0):
    """A file of `count` pictures of a syllable, each of another grey level and size."""
    pictures = b"".join(
        hgu1_picture(bytes([0xB0, 0xA1 + number]), np.full((5 + i % 3, 7), first + i))
        for i in range(count)
    )
    return b"HGU1    " + pictures


def make_hanguldb(root, mark="PE92", train=9, test=2):
    """The archives of one set, a file a syllable; returns their paths."""
    root.mkdir(parents=True, exist_ok=True)
    paths = []
    for half, count, first in (("train", train, 0), ("test", test, 100)):
        paths.append(root / f"{mark}_{half}.zip")
        with zipfile.ZipFile(paths[-1], "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(len(SYLLABLES)):
                name = f"{mark}_{half}/b0a{number + 1}.hgu1"
                archive.writestr(name, hgu1_file(number, count, first + 10 * number))
    return paths


def cut_zip(path, places):
    """Cuts a .zip into parts as the format has it, at places in its bytes.

    Returns the paths of the parts.
    """
    data = bytearray(path.read_bytes())
    starts, bounds = [0, *places], [*places, len(data)]

    def part_of(place):
        part = max(i for i, start in enumerate(starts) if start <= place)
        return part, place - starts[part]

    end = data.rindex(b"PK\5\6")
    directory = int.from_bytes(data[end + 16 : end + 20], "little")
    at = directory
    for _ in range(int.from_bytes(data[end + 10 : end + 12], "little")):
        part, offset = part_of(int.from_bytes(data[at + 42 : at + 46], "little"))
        data[at + 34 : at + 36] = part.to_bytes(2, "little")
        data[at + 42 : at + 46] = offset.to_bytes(4, "little")
        at += 46 + sum(data[at + i] + 256 * data[at + i + 1] for i in (28, 30, 32))
    part, offset = part_of(directory)
    data[end + 4 : end + 6] = len(places).to_bytes(2, "little")
    data[end + 6 : end + 8] = part.to_bytes(2, "little")
    data[end + 16 : end + 20] = offset.to_bytes(4, "little")
    names = [path.with_suffix(f".z{i + 1:02}") for i in range(len(places))] + [path]
    for name, start, stop in zip(names, starts, bounds, strict=True):
        name.write_bytes(data[start:stop])
    return names


def bitmap_text(name, bits):
    """A picture as a file of PHD08 has it."""
    rows = "\n".join("".join(map(str, row)) for row in bits)
    return f"{name}\n{bits.shape[0]} {bits.shape[1]}\n{rows}\n\n"


def make_phd08(root, count=6):
    """A file a syllable; the picture's ink tells which one it is."""
    Path(root).mkdir(parents=True, exist_ok=True)
    for number, syllable in enumerate(SYLLABLES):
        text = ""
        for i in range(count):
            bits = np.zeros((4 + i, 6), int)
            bits[: number + 1, 1 : 2 + i] = 1
            text += bitmap_text(f"S_0_0_0_{i // 3}_{i % 3}", bits)
        (Path(root) / f"{syllable}.txt").write_text(text)
    return root
