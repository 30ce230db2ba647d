import functools
import gc
import os
import socket
import struct

import numpy as np
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTCollection, TTFont

from utils.data.patches import write_patch
from utils.hangul import ALL_SYLLABLES

# Quick to compile and slow to run, for JAX: what tests compute is small.
_QUICK = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {_QUICK}".strip()

GRID = 4  # cells a side of a test glyph
DRAWN = ALL_SYLLABLES[:40]  # what the test faces draw
BOXES = ALL_SYLLABLES[40:80]  # what they draw as one and the same box
BLANKS = ALL_SYLLABLES[80:120]  # what they map to nothing


def pytest_collection_finish():
    """Leaves what was imported out of garbage collection: a graph is much garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Refuses every connection that leaves this machine."""
    connect = socket.socket.connect

    def check(self, address):
        local = self.family == getattr(socket, "AF_UNIX", None)
        host = "" if local else str(address[0])
        if not local and host not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test would connect to {host}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", check)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def tiny_network():
    """Registers the network "tiny": two convolutions, an exit between them.

    "tiny-normalised" has moving statistics too, which training must keep. To trace a
    step of either takes a tenth of what Melnyk's takes.
    """
    from utils.nn.backbones import BACKBONES, EXITS, FEATURES, layers

    def tiny(images, normalised=False):
        conv = {"kernel_size": 3, "strides": 2, "padding": "same"}
        x = layers.Conv2D(6, activation="relu", name="tiny_middle", **conv)(images)
        x = layers.Conv2D(8, name="tiny_last", **conv)(x)
        if normalised:
            x = layers.BatchNormalization(name="tiny_statistics")(x)
        return layers.ReLU(name=FEATURES)(x)

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(BACKBONES, "tiny", tiny)
        normalised = functools.partial(tiny, normalised=True)
        patch.setitem(BACKBONES, "tiny-normalised", normalised)
        patch.setitem(EXITS, "tiny", "tiny_middle")
        yield "tiny"


def cells_of(syllable):
    """Which cells of a test glyph are ink: the corners, and bits of a hash."""
    bits = (ord(syllable) - 0xAC00 + 1) * 2654435761 % 2**32 >> 8
    cells = np.array([bits >> i & 1 for i in range(GRID * GRID)], bool)
    cells[[0, GRID - 1, -GRID, -1]] = True
    return cells.reshape(GRID, GRID)


def draw_cells(cells):
    """A TrueType glyph of squares in the box 100-900 by 0-800 of an em of 1000."""
    pen, size = TTGlyphPen(None), 800 // GRID
    for row, column in zip(*np.nonzero(cells), strict=True):
        left, top = 100 + column * size, 800 - row * size
        pen.moveTo((left, top))
        pen.lineTo((left + size, top))
        pen.lineTo((left + size, top - size))
        pen.lineTo((left, top - size))
        pen.closePath()
    return pen.glyph()


def build_font(path, family, drawn=DRAWN, boxes=BOXES, blanks=BLANKS, broken=()):
    """Writes a TrueType face; glyphs of `broken` syllables cannot be read."""
    glyphs = {f"uni{ord(s):04X}": draw_cells(cells_of(s)) for s in drawn}
    glyphs |= {
        "box": draw_cells(np.ones((GRID, GRID))),
        "blank": TTGlyphPen(None).glyph(),
    }
    order = [".notdef", *glyphs]
    glyphs[".notdef"] = TTGlyphPen(None).glyph()
    cmap = {ord(s): f"uni{ord(s):04X}" for s in drawn}
    cmap |= {ord(s): "box" for s in boxes} | {ord(s): "blank" for s in blanks}
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(order)
    builder.setupCharacterMap(cmap)
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(order, (1000, 100)))
    builder.setupHorizontalHeader(ascent=900, descent=-100)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2()
    builder.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    builder.save(path)
    for syllable in broken:
        _break_glyph(path, f"uni{ord(syllable):04X}")
    return path


def _break_glyph(path, name):
    """Lets a glyph claim more contours than it has bytes."""
    with TTFont(path) as font:
        place = font.reader.tables["glyf"].offset + font["loca"][font.getGlyphID(name)]
    data = bytearray(path.read_bytes())
    data[place : place + 2] = struct.pack(">h", 20000)
    path.write_bytes(data)


@pytest.fixture(scope="session")
def fonts(tmp_path_factory):
    """A folder of faces: handwriting and printed, a collection, a broken file."""
    folder = tmp_path_factory.mktemp("fonts")
    build_font(folder / "handwriting" / "brush.ttf", "Brush")
    build_font(folder / "handwriting" / "pen.ttf", "Pen", DRAWN[:30])
    build_font(folder / "printed" / "serif.ttf", "Serif", broken=DRAWN[:2])
    build_font(folder / "printed" / "serif-bold.ttf", "Serif Bold")
    collection = TTCollection()
    for name in ("Pair One", "Pair Two"):
        path = build_font(folder / "part.ttf", name)
        collection.fonts.append(TTFont(path))
    collection.save(folder / "printed" / "pair.ttc")
    path.unlink()
    whole = (folder / "printed" / "serif.ttf").read_bytes()
    (folder / "printed" / "broken.ttf").write_bytes(whole[:300])
    return folder


def glyph_picture(syllable, side=24):
    """A test glyph as an array, dark on white, with a margin."""
    ink = np.kron(cells_of(syllable), np.ones((side // 8, side // 8)))
    margin = (side - len(ink)) // 2
    return np.pad(255 - 255 * ink, margin, constant_values=255).astype(np.uint8)


@pytest.fixture
def patches(tmp_path):
    """A folder of 5 patches of 7 pictures each, all of other syllables."""
    folder = tmp_path / "data"
    names = ["clova_0", "clova_1", "printed_0", "printed_1", "printed_2"]
    for number, name in enumerate(names):
        labels = ALL_SYLLABLES[7 * number : 7 * number + 7]
        images = np.stack([glyph_picture(label) for label in labels])
        families = [f"family {number % 2}"] * len(labels)
        write_patch(folder / f"{name}.pickle", images, labels, families)
    return folder


@pytest.fixture
def bars():
    """Three bars of 96 x 96 pixels, clean."""
    image = np.full((96, 96), 255, np.uint8)
    image[20:30, 15:80] = 0
    image[40:80, 20:28] = 0
    image[45:75, 60:72] = 0
    return image


def generators(count):
    """Returns so many random generators, the same ones each time."""
    return (np.random.default_rng(seed) for seed in range(count))


def ink(image):
    """Returns how many black pixels' worth of ink a picture holds."""
    return (255.0 - image).sum() / 255
