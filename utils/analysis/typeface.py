"""What figures write with: a font with Hangul, never one that draws boxes."""

import importlib.util
import io
from functools import cache
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

from utils.hangul import ALL_SYLLABLES, INITIALS, MEDIALS

# Plain faces of the usual systems, looked at before any other font.
_PREFERRED = (
    *("NanumGothic", "Noto Sans CJK KR", "Noto Sans KR", "Malgun Gothic"),
    *("Apple SD Gothic Neo", "AppleGothic", "NanumBarunGothic", "UnDotum"),
)

# A font that draws all of these, each its own way, is taken to draw Hangul.
_PROBE = "".join((*INITIALS, *MEDIALS, *ALL_SYLLABLES[:: len(ALL_SYLLABLES) // 50]))


def hangul_font(size):
    """Returns the font for a text in a figure.

    Args:
        size: in points.

    Returns:
        `matplotlib.font_manager.FontProperties`: a font with Hangul, and DejaVu Sans
        (which comes with matplotlib) for what it lacks.

    Raises:
        ImportError: no font of this machine draws Hangul, nor is the package
            koreanize-matplotlib installed, which brings one.
    """
    families = [_hangul_family(), "DejaVu Sans"]
    return font_manager.FontProperties(family=families, size=size)


def literal(text):
    """Returns a text as a figure takes it to show it as it is.

    Names come from tables of others, and matplotlib reads what stands between two
    dollar signs as a formula, or fails on it.
    """
    return text.replace("$", r"\$")


@cache
def _hangul_family():
    """Returns the family name of a font that matplotlib knows and that has Hangul."""
    known = [font for font in font_manager.fontManager.ttflist if font.weight == 400]
    known.sort(key=lambda font: (_preference(font.name), font.name))
    for font in known:
        if draws_hangul(font.fname):
            return font.name
    return _bundled_family()


def _preference(name):
    return _PREFERRED.index(name) if name in _PREFERRED else len(_PREFERRED)


def _bundled_family():
    """Makes the font of koreanize-matplotlib known to matplotlib."""
    path = bundled_path()
    font_manager.fontManager.addfont(path)
    return FT2Font(str(path)).family_name  # older matplotlib takes no Path


def bundled_path():
    """Returns the file of a font with Hangul that comes with the packages needed.

    Raises:
        ImportError: the package koreanize-matplotlib is not installed.
    """
    # Found, not imported: its import changes matplotlib's settings, and fails where
    # Python no longer has distutils.
    package = importlib.util.find_spec("koreanize_matplotlib")
    if package is None:
        raise ImportError(
            "Figures with Hangul need a font that draws it, and there is none here: "
            "pip install koreanize-matplotlib, or install a Korean font."
        )
    return Path(package.origin).parent / "fonts" / "NanumGothic.ttf"


@cache
def web_font():
    """Returns the bundled font as a browser takes it: TrueType bytes.

    As packed it holds its editor's private tables, which browsers refuse.

    Raises:
        ImportError: as `bundled_path`.
    """
    buffer = io.BytesIO()
    with TTFont(bundled_path()) as font:
        for tag in [tag for tag in font.keys() if tag.startswith("TSI")]:
            del font[tag]
        font.save(buffer)
    return buffer.getvalue()


def font_subset(text):
    """Returns the bundled font with the letters of a text alone, as WOFF2 bytes.

    NanumGothic is under the SIL Open Font License, which allows embedding.

    Raises:
        ImportError: as `bundled_path`.
    """
    options = subset.Options(flavor="woff2", layout_features=[], notdef_outline=True)
    options.drop_tables += ("TSI0", "TSI1", "TSI2", "TSI3", "TSI5")  # of font editors
    font = subset.load_font(bundled_path(), options)
    chosen = subset.Subsetter(options)
    chosen.populate(text=text)
    chosen.subset(font)
    buffer = io.BytesIO()
    subset.save_font(font, buffer, options)
    return buffer.getvalue()


def draws_hangul(path):
    """Tells whether a font file has Hangul: its own glyph for each jamo and syllable.

    Fonts of last resort map all letters, but all to one box.
    """
    try:
        glyphs = FT2Font(str(path)).get_charmap()
    except (OSError, RuntimeError):  # gone since matplotlib listed it, or damaged
        return False
    found = {glyphs.get(ord(letter), 0) for letter in _PROBE}
    return 0 not in found and len(found) == len(set(_PROBE))
