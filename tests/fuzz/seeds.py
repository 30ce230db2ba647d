"""Seeds of the fuzzer, made by script: small well-made files, and attacks."""

import gzip
import io
import json
import os
import pickle
import struct
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import numpy as np

IMAGES = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
LABELS = ["가", "나", "힣"]
DEEP_JSON = b"[" * 10**4


class Call:
    """Pickles as the call of a function."""

    def __init__(self, *reduced):
        self.reduced = reduced

    def __reduce__(self):
        return self.reduced


def patches():
    contents = [
        {"image": IMAGES, "label": np.array(LABELS)},
        {"image": list(IMAGES), "label": LABELS, "family": ["a", "b", "c"]},
        {"image": IMAGES, "label": np.array(LABELS, object)},
        {"image": Call(os.system, ("true",)), "label": LABELS},
        {"image": Call(np.ndarray, ((2**40, 2**40), "u1", b"1")), "label": LABELS},
    ]
    pickles = [pickle.dumps(each, protocol) for each in contents for protocol in (0, 5)]
    frame = b"\x80\x04\x95" + struct.pack("<Q", 10**10) + b"N."
    return [*pickles, frame, b"\x80\x04}" + b"N\x85\x85\x85" + b"Ns."]


def labels():
    head = "path\tlabel\tset\tgroup\n"
    note = {"attributes": {"type": "글자(음절)"}, "image_id": "1", "text": "가"}
    return [
        f"{head}a.png\t가\ts\tg\nb.png\t나\t\t\n".encode(),
        f"{head}../a.png\t가\ts\tg\n".encode("utf-8-sig"),
        "path\tlabel\na\0b\t가\n".encode(),
        b"file\tfamily\tdomain\tsplit\na.ttf\tA\tprinted\tval\n",
        b"family\tpackage\tclient\tfile\tdomain\tsplit\nA\tp\tnpm\tf\tprinted\tval\n",
        json.dumps({"annotations": [note, note | {"text": "ab"}]}).encode(),
        "가 나\n다".encode("utf-8-sig"),
        DEEP_JSON,
    ]


def hgu1():
    head = b"HGU1\0\0\0\0"
    one = "가".encode("cp949") + bytes([3, 2, 0, 0]) + bytes(6)
    bad = [b"\0\0" + one[2:], one[:2] + b"\0\0" + one[4:], one[:4] + b"\1" + one[5:]]
    return [head + one * 2, head + one[:-1], *(head + each for each in bad), head, b""]


def phd08():
    one = b"S_0_0_0_0_1\n2 3\n010\n111\n\n"
    sizes = [one.replace(b"2 3", size) for size in (b"3 2", b"0 0", b"9999 9999", b"2")]
    return [one * 2, one[:-6], one.replace(b"111", b"121"), *sizes, b"1" * 2000, b""]


def picture(kind, mode="L", size=(9, 7), **options):
    """Returns the bytes of a small picture with a bar of ink."""
    from PIL import Image

    image = Image.new(mode, size, "white")
    image.paste(Image.new(mode, (3, 5), "black"), (2, 1))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def images():
    from PIL import Image

    modes = [("png", m) for m in ("1", "L", "P", "RGB", "RGBA", "I;16")]
    kinds = [("gif", "P"), ("bmp", "RGB"), ("tiff", "RGB"), ("webp", "RGBA")]
    kinds += [("jpeg", "CMYK"), ("ppm", "L"), ("tga", "L"), ("pcx", "L"), ("ico", "L")]
    found = [picture(kind, mode) for kind, mode in modes + kinds]
    png, exif = found[1], Image.Exif()
    exif[274] = 6
    lie = png[:16] + struct.pack(">II", 60000, 60000) + png[24:]
    script = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nquit\n"
    return [*found, picture("jpeg", exif=exif.tobytes()), png[:50], lie, script]


def configs():
    from utils.config import ModelConfig

    plain = ModelConfig().to_json()
    values = [1e999, 10**400, -1, "", None, [], {}, "가" * 9, "a\0b", True]
    names = ("temperature", "image_size", "charset", "low_rank", "sha256")
    bad = [json.dumps({name: value}) for name in names for value in values]
    progress = {"options": {}, "names": ["conv2"], "rows": [{"weights": "a"}]}
    rows = [json.dumps(progress | {"rows": rows}) for rows in ([], [1], [{}], "a")]
    texts = [plain, json.dumps(progress), *bad, *rows, "[1]", "{", "\ufeff{}"]
    return [*(text.encode() for text in texts), DEEP_JSON, b'{"a":' * 10**4]


def zipped(files, **options):
    """Returns a .zip of (name, bytes)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name) if name == "link" else name, data)
    return buffer.getvalue()


def archives():
    import py7zr

    names = ["a.pickle", "sub/b", "../c", "/d", "C:\\e", "a\0b", "a.pickle"]
    zips = [zipped([("a.pickle", b"A" * 999), ("sub/b", b"")])]
    zips += [zipped([(name, b"1")]) for name in names]
    bomb = zipped([("bomb", bytes(1 << 22))])
    sevenzips = []
    for name in ("a.pickle", "../c", "/d"):
        buffer = io.BytesIO()
        with py7zr.SevenZipFile(buffer, "w") as archive:
            archive.writestr(b"A" * 999, "a")
            # Afterwards: py7zr does not accept the bad names.
            archive.header.files_info.files[0]["filename"] = name
        sevenzips.append(buffer.getvalue())
    return [*zips, bomb, zips[0][:-9], *sevenzips, sevenzips[0][:-9]]


def packages():
    try:
        from tests import packing
    except ImportError:  # from the tests' own folder
        from tests.helpers import packing

    bomb = gzip.compress(gzip.decompress(packing.TGZ) + bytes(1 << 20))
    return [packing.TGZ, packing.DEB, packing.TGZ[:60], packing.DEB[:-200], bomb]


@cache
def network():
    """Returns a Keras model with a kernel of its own and a normalisation."""
    import keras

    inputs = keras.Input((4, 4, 2))
    x = keras.layers.Conv2D(3, 3, name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="bn")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pooling")(x)
    return keras.Model(inputs, keras.layers.Dense(2, name="dense")(x))


def weights():
    from utils.weights.files import save_weights

    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "net.weights.h5")
        for options in ({}, {"half": True}, {"packed": True}):
            save_weights(network(), path, "{}", **options)
            found.append(path.read_bytes())
    return [*found, found[0][:3000], b"\x89HDF\r\n\x1a\n"]


def states():
    from utils.training.states import save_state

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "state.npz")
        save_state(path, network().weights, {"epoch": 1})
        whole = path.read_bytes()
    return [whole, whole[:300], zipped([("facts.npy", b"\x93NUMPY\x01\0")])]


def fonts():
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for number, point in enumerate([(100, 0), (900, 0), (900, 800)]):
        (pen.lineTo if number else pen.moveTo)(point)
    pen.closePath()
    order = [".notdef", "ga"]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap({ord("가"): "ga"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "ga": pen.glyph()})
    builder.setupHorizontalMetrics(dict.fromkeys(order, (1000, 100)))
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": "A", "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    buffer = io.BytesIO()
    builder.save(buffer)
    whole = buffer.getvalue()
    return [whole, whole[:300], b"ttcf\0\1\0\0\xff\xff\xff\xff", b"wOF2" + whole[4:]]


def exports():
    try:
        from tests.helpers.exports import facts, write_export
    except ImportError:  # from the tests' own folder
        from tests.helpers.exports import facts, write_export

    found = []
    with tempfile.TemporaryDirectory() as folder:
        for metadata in (facts(), facts(format=9), None, "{", DEEP_JSON.decode()):
            path = write_export(Path(folder, "net.onnx"), metadata)
            found.append(path.read_bytes())
    return found
