"""Renders fonts, and converts AI Hub's pictures, into patches.

    python crawl_data.py --font_path=./fonts                # every face found there
    python crawl_data.py --fonts=true --clova=true          # fetch open fonts first
    python crawl_data.py --AIHub=true --AIHub_path=./AIhub  # AI Hub's syllables

Patches go to ./data and ./val_data, `clova_<i>.pickle` of handwriting faces and
`printed_<i>.pickle` of the others, 5,000 pictures each; fonts are split by family. A
run that was stopped goes on where it was with the same command. The summary says faces,
pictures, what was skipped and the seconds.

Most handwriting faces lack the rarer syllables. `--recombined_per_family=3000` puts
those together from upper parts and finals that a face has, `recombined_<i>.pickle`.
`--morphed_per_family=3000` bends pictures of each hand towards, past and away from
those of the others: hands between them all, `morphed_<i>.pickle`.
`--invented_hands=400` writes syllables stroke by stroke, in hands that no font has,
`written_<i>.pickle`; by itself it needs no fonts and draws none.
"""

import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from utils.cli import changed_options, check_options, option, parse_options
from utils.data.aihub import convert_aihub
from utils.data.aihub_files import SOURCES as AIHUB_SOURCES
from utils.data.aihub_files import download_aihub
from utils.data.atomic import write_atomically
from utils.data.clova import download_clova_fonts
from utils.data.crawling import find_drawn, run_jobs
from utils.data.download import DownloadError
from utils.data.fonts import find_faces, split_families
from utils.data.morphed_patches import morph_patches
from utils.data.packages import obtain_fonts
from utils.data.patches import check_folders
from utils.data.plans import first_index, plan_jobs
from utils.data.recombined_patches import recombine_patches
from utils.data.rendering import Placement
from utils.data.sample_pictures import draw_samples
from utils.data.written_patches import write_hands
from utils.hangul import read_charset
from utils.inference.imaging import prepare
from utils.presets import weights_option

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
            others = "AIHub", "recombined_per_family", "morphed_per_family"
            for name in changed_options(self, (*others, "invented_hands")):
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
        return Placement(*(value if value >= 0 else seed for value, seed in seeds))


def fetch_fonts(options):
    """Fetches fonts as asked; returns a line on each that could not be had."""
    failures = []
    if options.fonts:
        failures += obtain_fonts(options.font_path).failures
    if options.clova:
        failures += download_clova_fonts(options.font_path)
    return [f"{name}: {reason}" for name, reason in failures]


def render_fonts(options):
    """Draws the fonts into patches, or with `image_test` into ./logs.

    Faces that cannot be used are named on stderr and skipped.

    Returns:
        The summary, a line.
    """
    began = time.monotonic()
    faces, broken = find_faces(options.font_path)
    if options.image_test:
        written = draw_samples(faces, options.image_size, options.placement, "./logs")
        _report(broken)
        return f"{written} pictures drawn to ./logs"
    syllables = read_charset(options.charset)
    drawn, unreadable = find_drawn(faces, syllables, options.workers or None)
    jobs = plan_jobs(
        faces,
        drawn,
        split_families(faces, options.val_ratio, options.seed),
        {"train": options.pickle_path, "val": options.val_path},
        options.images_per_family,
        options.pickle_size,
        options.seed,
    )
    made, kept, failed = run_jobs(
        jobs, faces, options.image_size, options.placement, options.workers or None
    )
    asked, had = len(faces) * len(syllables), sum(map(len, drawn))
    seconds = time.monotonic() - began
    _report(broken | unreadable)
    return (
        f"{len(faces)} faces of {len({f.family for f in faces})} families: {made:,} "
        f"pictures drawn, {kept:,} there already, in {len(jobs)} patches; skipped "
        f"{asked - had:,} syllables that a face does not draw and {failed.total():,} "
        f"broken glyphs; {seconds:.0f} s"
    )


def recombine(options):
    """Puts syllables together from parts of the training patches.

    Returns:
        What was done, a line.
    """
    from model import KoOCR  # Keras takes seconds to import, and rendering none

    # Parts of syllables are nothing to be unsure of, and faces are read best whole.
    network = KoOCR(options.weights or CUTTER, first_look=1.0, second_look=0.0)
    began = time.monotonic()
    if not network.config.split_components:
        raise ValueError(
            f"weights={options.weights!r} answer whole syllables; where a final "
            "begins is told by weights that answer initial, medial and final."
        )
    pictures, families = recombine_patches(
        options.pickle_path,
        network.probabilities,
        network.config.image_size,
        options.recombined_per_family,
        options.pickle_size,
        options.seed,
        syllables=read_charset(options.charset),
    )
    seconds = time.monotonic() - began
    return (
        f"{pictures:,} put together from parts of {families} families; {seconds:.0f} s"
    )


def morph(options):
    """Bends training pictures between hands; returns what was done, a line."""
    began = time.monotonic()
    pictures, families = morph_patches(
        options.pickle_path,
        options.morphed_per_family,
        options.pickle_size,
        options.workers or None,
        options.seed,
    )
    return (
        f"{pictures:,} bent between hands of {families} families; "
        f"{time.monotonic() - began:.0f} s"
    )


def invent(options):
    """Writes syllables in invented hands; returns what was done, a line."""
    began = time.monotonic()
    pictures = write_hands(
        options.pickle_path,
        options.invented_hands,
        options.image_size,
        options.pickle_size,
        options.workers or None,
        options.seed,
        syllables=read_charset(options.charset),
    )
    return (
        f"{pictures:,} written by {options.invented_hands:,} invented hands; "
        f"{time.monotonic() - began:.0f} s"
    )


def convert(options):
    """Fetches AI Hub's pictures where they lack and converts both halves.

    Returns:
        The halves that are not there and could not be fetched.
    """
    lacking = []
    for source in AIHUB_SOURCES:
        try:
            download_aihub(options.AIHub_path, (source,))
        except DownloadError as error:  # the other half may be there
            print(f"crawl_data.py: {source}: {error}", file=sys.stderr)
            lacking.append(source)
            continue
        summary = convert_aihub(
            options.AIHub_path,
            options.pickle_path,
            options.val_path,
            source,
            partial(prepare, size=options.image_size),
            val_ratio=options.val_ratio,
            pickle_size=options.pickle_size,
            first_index=first_index(options.pickle_path, source),
            val_first_index=first_index(options.val_path, source),
            seed=options.seed,
            workers=options.workers or None,
        )
        print(summary)
        if summary.troubles:
            path = Path(options.pickle_path) / f"skipped_{source}.txt"
            write_atomically(path, "\n".join(summary.troubles).encode())
            print(f"all that was skipped is named in {path}")
    return lacking


def _report(broken):
    """Names each face that cannot be used."""
    for path, reason in broken.items():
        print(f"crawl_data.py: {path} was skipped: {reason}", file=sys.stderr)


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, Options, argv=argv)
    try:
        failures = fetch_fonts(options)
        for line in failures:  # before what may fail for want of them
            print(f"crawl_data.py: not obtained: {line}", file=sys.stderr)
        if options.draws_fonts:
            print(render_fonts(options))
        if options.recombined_per_family:
            print(recombine(options))
        if options.morphed_per_family:
            print(morph(options))
        if options.invented_hands:
            print(invent(options))
        if options.AIHub:
            failures += convert(options)
    except (ValueError, OSError, DownloadError) as error:
        print(f"crawl_data.py: {error}", file=sys.stderr)
        return 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
