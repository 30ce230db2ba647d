"""The steps of crawl_data.py: each takes the script's options and does its part.

Fonts are fetched and rendered; pictures are put together from parts, bent between
hands, written in invented ones, or converted from AI Hub's.
"""

import sys
import time
from functools import partial

from utils.data.aihub import convert_aihub
from utils.data.aihub_files import SOURCES as AIHUB_SOURCES
from utils.data.aihub_files import download_aihub
from utils.data.converting.conversion import write_troubles
from utils.data.crawling import find_drawn, run_jobs
from utils.data.families import split_families
from utils.data.fetching.clova import download_clova_fonts
from utils.data.fetching.download_checks import DownloadError
from utils.data.fetching.packages import obtain_fonts
from utils.data.fonts import find_faces
from utils.data.hands.morphed_patches import morph_patches
from utils.data.hands.recombined_patches import recombine_patches
from utils.data.hands.written_patches import write_hands
from utils.data.plans import first_index, plan_jobs
from utils.data.sample_pictures import draw_samples
from utils.hangul import read_charset
from utils.inference.imaging import prepare


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

    Raises:
        ValueError: there are no fonts, or the folders hold patches of another plan.
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
        f"broken glyphs; {seconds:.0f} s" + _doubt_domains(faces, options.font_path)
    )


def _doubt_domains(faces, folder):
    """Returns a remark where no face counts as handwriting, which may be an oversight.

    That folder alone tells where no manifest does, and several options need hands.
    """
    if any(face.domain == "handwriting" for face in faces):
        return ""
    return f"; all are taken for print: handwriting goes into {folder}/handwriting"


def recombine(network, options):
    """Puts syllables together from parts of the training patches.

    Args:
        network: a `KoOCR`, which tells where finals begin.
        options: `crawl_data.Options`.

    Returns:
        What was done, a line.

    Raises:
        ValueError: the network answers whole syllables, or patches cannot be used.
    """
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
        path = write_troubles(options.pickle_path, source, summary)
        if path:
            print(f"all that was skipped is named in {path}")
    return lacking


def _report(broken):
    """Names each face that cannot be used."""
    for path, reason in broken.items():
        print(f"crawl_data.py: {path} was skipped: {reason}", file=sys.stderr)
