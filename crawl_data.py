"""Renders fonts, and converts AI Hub's pictures, into patches.

    python crawl_data.py --font_path=./fonts                # every face found there
    python crawl_data.py --fonts=true --clova=true          # fetch open fonts first
    python crawl_data.py --AIHub=true --AIHub_path=./AIhub  # AI Hub's syllables

Patches go to ./data and ./val_data, `clova_<i>.pickle` of handwriting faces and
`printed_<i>.pickle` of the others, 5,000 pictures each; fonts are split by family. Own
handwriting fonts go into a folder `handwriting` below --font_path: no font file says
that it is one. A run that was stopped goes on where it was with the same command. The
summary says faces, pictures, what was skipped and the seconds.

Most handwriting faces lack the rarer syllables. `--recombined_per_family=3000` puts
those together from upper parts and finals that a face has, `recombined_<i>.pickle`.
`--morphed_per_family=3000` bends pictures of each hand towards, past and away from
those of the others: hands between them all, `morphed_<i>.pickle`.
`--invented_hands=400` writes syllables stroke by stroke, in hands that no font has,
`written_<i>.pickle`; by itself it needs no fonts and draws none.
"""

import sys
from dataclasses import dataclass

from utils.cli import changed_options, check_options, option, parse_options
from utils.data import crawl_steps
from utils.data.fetching.download_checks import DownloadError
from utils.data.patches import check_folders
from utils.data.rendering import Placement
from utils.hangul import read_charset
from utils.output import run_script
from utils.presets import weights_option

# What tells of patches, of which samples of fonts are none.
_OF_PATCHES = ("AIHub", "recombined_per_family", "morphed_per_family", "invented_hands")
_OF_PATCHES += ("images_per_family", "pickle_path", "val_path", "val_ratio")
_OF_PATCHES += ("pickle_size", "charset", "workers", "seed")

CUTTER = "compact"  # tells where finals begin; both networks learnt from what it cut


@dataclass(frozen=True)
class Options:
    """Where pictures come from, and how they are drawn."""

    AIHub: bool = option(False, "convert AI Hub's pictures (fetched if not there)")
    clova: bool = option(False, "download the Clova handwriting fonts first")
    fonts: bool = option(False, "fetch the fonts of files/fonts.tsv first")
    font_path: str = option("./fonts", "folder of fonts", read_by=("draws_fonts",))
    AIHub_path: str = option(
        "./AIhub", "folder of AI Hub's pictures and labels", read_by=("AIHub",)
    )
    pickle_path: str = option("./data", "folder for the training patches")
    val_path: str = option("./val_data", "folder for the validation patches")
    val_ratio: float = option(
        0.1,
        "share of the families (AI Hub: pictures) to validate by",
        low=0.0,
        high=1.0,
        read_by=("AIHub", "draws_fonts"),
    )
    pickle_size: int = option(5000, "pictures a patch", low=1)
    charset: str = option(
        "all",
        "syllables to draw: ksx1001, all or a file of them",
        read_by=("recombined_per_family", "invented_hands", "draws_fonts"),
    )
    images_per_family: int = option(
        0, "pictures of each family, whatever its faces (0: everything once)", low=0
    )
    recombined_per_family: int = option(
        0,
        "pictures of each handwriting family to put together from parts of others",
        low=0,
    )
    morphed_per_family: int = option(
        0, "pictures of each handwriting family to bend towards others' or away", low=0
    )
    invented_hands: int = option(
        0, "hands to invent, which write 300 syllables each, stroke by stroke", low=0
    )
    weights: str = weights_option(
        help=f"weights that tell where finals begin ('': {CUTTER})",
        read_by=("recombined_per_family",),
    )
    image_size: int = option(96, "side of the pictures in pixels", low=16)
    x_offset: int = option(
        -1,
        "left edge of the glyph's em in pixels (-1: fit the ink into the square)",
        read_by=("draws_fonts",),
    )
    y_offset: int = option(
        -1,
        "top edge of the glyph's em in pixels (-1: fit the ink)",
        read_by=("draws_fonts",),
    )
    char_size: int = option(
        -1,
        "size of the glyph's em in pixels (-1: fit the ink)",
        read_by=("draws_fonts",),
    )
    image_test: bool = option(False, "only draw 가 and 나 of every face to ./logs")
    workers: int = option(0, "processes (0: all cores)", low=0)
    seed: int = option(0, "of the split, the choice and the order", low=0)

    def __post_init__(self):
        check_options(self)
        if self.char_size == 0:
            raise ValueError("char_size=0 draws nothing; give the em's pixels, as 80.")
        check_folders(self.pickle_path, self.val_path)
        read_charset(self.charset)
        if self.image_test:
            for name in changed_options(self, _OF_PATCHES):
                raise ValueError(
                    f"image_test only draws samples of the fonts; leave {name}, or run "
                    "it without image_test."
                )

    @property
    def draws_fonts(self):
        """Tells whether fonts are drawn: not where only other pictures are wanted."""
        of_patches = self.recombined_per_family or self.morphed_per_family
        others = self.invented_hands and not of_patches
        of_fonts = self.fonts, self.clova, self.image_test, self.images_per_family
        return not (self.AIHub or others) or any(of_fonts)

    @property
    def placement(self):
        """The seed's `Placement`, or None to fit the ink."""
        given = (self.x_offset, self.y_offset, self.char_size)
        if max(given) < 0:
            return None
        seeds = zip(given, (8, 8, 80), strict=True)  # what is left out is the seed's
        scale = self.image_size / 96  # whose pictures are of 96 pixels
        return Placement(
            *(value if value >= 0 else round(seed * scale) for value, seed in seeds)
        )


def recombine(options):
    """Puts syllables together as the weights tell; returns what was done, a line."""
    from model import KoOCR  # Keras takes seconds to import, and rendering none

    # Parts of syllables are nothing to be unsure of, and faces are read best whole.
    network = KoOCR(options.weights or CUTTER, first_look=1.0, second_look=0.0)
    return crawl_steps.recombine(network, options)


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, Options, argv=argv)
    try:
        failures = crawl_steps.fetch_fonts(options)
        for line in failures:  # before what may fail for want of them
            print(f"crawl_data.py: not obtained: {line}", file=sys.stderr)
        if options.draws_fonts:
            print(crawl_steps.render_fonts(options))
        if options.recombined_per_family:
            print(recombine(options))
        if options.morphed_per_family:
            print(crawl_steps.morph(options))
        if options.invented_hands:
            print(crawl_steps.invent(options))
        if options.AIHub:
            failures += crawl_steps.convert(options)
    except (ValueError, OSError, DownloadError) as error:
        print(f"crawl_data.py: {error}", file=sys.stderr)
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    run_script(main)
