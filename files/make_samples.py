"""Draws the pictures of files/samples from openly licensed faces.

    python files/make_samples.py --font_path=./fonts

Writes a dozen pictures of various kinds, `labels.tsv` (path, label, group, set) with
the family that each was drawn from, and beside the folder one picture of them all, and
`between_hands.png`, what lies between two hands, and `invented_hands.png`, what others
that no font has write. The same fonts give the same pictures.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from utils.cli import option, parse_options  # noqa: E402
from utils.data.fonts import find_faces  # noqa: E402
from utils.data.hands.handwriting import move_parts, warp  # noqa: E402
from utils.data.hands.inking import Pen, draw_strokes  # noqa: E402
from utils.data.hands.morphing import between  # noqa: E402
from utils.data.hands.pen import change_width  # noqa: E402
from utils.data.hands.scribes import Scribe  # noqa: E402
from utils.data.rendering import Renderer  # noqa: E402
from utils.data.scenes.camera import photograph, scan  # noqa: E402

SIZE = 96  # pixels, side of the clean drawing
TILE = 128  # pixels, side of a sample in the picture of them all


@dataclass(frozen=True)
class Options:
    """Where the fonts are, and where the samples go."""

    font_path: str = option("./fonts", "folder of fonts (crawl_data.py --fonts=true)")
    sample_path: str = option(str(ROOT / "files" / "samples"), "folder of the samples")


def clean(image, rng):
    """Leaves the drawing as it is."""
    return Image.fromarray(image)


def hand(image, rng):
    """Distorts the drawing as another hand would write it."""
    image = np.pad(image, 20, constant_values=255)
    return Image.fromarray(change_width(warp(move_parts(image, rng), rng), rng))


def photo(image, rng):
    """Photographs the distorted drawing, as JPEG files are: in colour."""
    picture = photograph(np.asarray(hand(image, rng)), rng)
    tint = np.array([1.0, 0.97, 0.9])  # paper under a lamp
    return Image.fromarray((picture[..., None] * tint).astype(np.uint8))


def small_scan(image, rng):
    """Scans the drawing at a low resolution."""
    return Image.fromarray(scan(np.pad(image, 12, constant_values=255), rng))


def screen(image, rng):
    """Writes light on a dark, coloured ground."""
    cover = ((255 - image) / 255)[..., None]
    ground, ink = np.array([24, 38, 66]), np.array([255, 214, 90])
    return Image.fromarray((ground + (ink - ground) * cover).astype(np.uint8))


def transparent(image, rng):
    """Puts the strokes on a transparent canvas."""
    strokes = np.zeros((*image.shape, 4), np.uint8)
    strokes[..., 2], strokes[..., 3] = 160, 255 - image
    return Image.fromarray(strokes)


def large(image, rng):
    """Draws on a large page, off its centre."""
    page = Image.new("L", (900, 700), 255)
    page.paste(Image.fromarray(image).resize((288, 288)), (510, 90))
    return page


# File name, syllable, beginning of the font's file name, kind of picture.
SAMPLES = (
    ("01_print.png", "한", "NotoSansKR-Medium", clean),
    ("02_serif.png", "글", "NanumMyeongjo", clean),
    ("03_bold.png", "꽃", "BMJUA", clean),
    ("04_hand.png", "읽", "NanumPenScript", hand),
    ("05_hand.png", "뵙", "GamjaFlower", hand),
    ("06_brush.png", "흙", "NanumBrushScript", hand),
    ("07_photo.jpg", "쓰", "PoorStory", photo),
    ("08_photo.jpg", "괜", "Gaegu-Regular", photo),
    ("09_scan.png", "넓", "GowunBatang-Regular", small_scan),
    ("10_screen.png", "웹", "IBMPlexSansKR-Regular", screen),
    ("11_transparent.png", "않", "NanumBarunpenR", transparent),
    ("12_rare.png", "뷁", "SingleDay", large),
)

# Syllable, and the beginnings of the file names of two hands' fonts.
BETWEEN = (
    ("꿈", "NanumPenScript", "Gaegu-Regular"),
    ("갔", "Gaegu-Regular", "PoorStory"),
    ("헌", "NanumPenScript", "NanumBrushScript"),
    ("쓴", "SingleDay", "NanumBrushScript"),
)
INVENTED, HANDS = "뭔데꿈춥읽뼈", (1, 3, 5, 7)  # what is written; seeds of hands
SHARES = (-0.5, 1 / 3, 2 / 3, 1)  # of the way from the first hand to the second


def find_face(faces, start):
    """Returns the face whose file's name begins so.

    Raises:
        LookupError: there is none.
    """
    for face in faces:
        if Path(face.path).name.startswith(start):
            return face
    raise LookupError(f"no font {start}*")


def draw_between(faces):
    """Draws hands, what lies between them, and the hands at the other end: a sheet."""
    rows = []
    for syllable, *starts in BETWEEN:
        one, other = (
            Renderer(find_face(faces, start), SIZE).draw(syllable) for start in starts
        )
        steps = [between(one, other, share) for share in SHARES]
        rows += [Image.fromarray(image) for image in (one, *steps, other)]
    return join_samples(rows)


def draw_invented():
    """Draws what invented hands write, a row each: a sheet."""
    pictures = []
    for seed in HANDS:
        rng = np.random.default_rng(seed)
        scribe, pen = Scribe(rng), Pen(rng)
        for syllable in INVENTED:
            drawn = draw_strokes(scribe.write(syllable, rng), pen, rng, SIZE)
            pictures.append(Image.fromarray(drawn))
    return join_samples(pictures)


def join_samples(pictures, columns=6):
    """Joins pictures into one, each in a tile of its own."""
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * TILE, rows * TILE), "white")
    for place, picture in enumerate(pictures):
        picture = picture.convert("RGBA")
        picture.thumbnail((TILE - 12, TILE - 12))
        row, column = divmod(place, columns)
        left = column * TILE + (TILE - picture.width) // 2
        top = row * TILE + (TILE - picture.height) // 2
        sheet.paste(picture, (left, top), picture)
    return sheet


def make(options):
    """Draws all pictures.

    Raises:
        LookupError: a font is not there.
    """
    faces, _ = find_faces(options.font_path)
    folder = Path(options.sample_path)
    folder.mkdir(parents=True, exist_ok=True)
    lines, pictures = ["path\tlabel\tgroup\tset"], []
    for number, (name, syllable, start, kind) in enumerate(SAMPLES):
        face = find_face(faces, start)
        drawing = Renderer(face, SIZE).draw(syllable)
        rng = np.random.default_rng(number)
        pictures.append(kind(drawing, rng))
        pictures[-1].save(folder / name, quality=88)
        lines.append(f"{name}\t{syllable}\t{face.family}\tsamples")
    join_samples(pictures).save(folder.parent / f"{folder.name}.png")
    (folder / "labels.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    draw_between(faces).save(folder.parent / "between_hands.png")
    draw_invented().save(folder.parent / "invented_hands.png")


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, Options, argv=argv)
    try:
        make(options)
    except LookupError as error:
        print(f"make_samples.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
