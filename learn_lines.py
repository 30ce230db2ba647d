"""Learns how lines of text are cut into syllables: utils/lines/weights.json.

    python learn_lines.py --text_path=text.txt --weights=melnyk,compact
    python learn_lines.py --text_path=text.txt --vertical=true  # vertical.json

Draws lines of a text with the training faces of --font_path, cuts them wherever that
is possible, has every piece read by the networks, and learns by which measures of the
pieces the true cuts are the likeliest. 500 lines of each domain take a quarter of an
hour on two cores.
"""

import sys
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from model import ENGINES, KoOCR
from utils.cli import check_options, option, parse_options
from utils.data.atomic import make_folder, write_atomically
from utils.data.families import DOMAINS, faces_of
from utils.data.fonts import find_faces
from utils.data.text_lines import draw_lines, read_words
from utils.lines import learning
from utils.lines.scores import Weights, format_weights


@dataclass(frozen=True)
class Options:
    """What lines are drawn of, who reads them, and where the weights go."""

    text_path: str = option("", "Korean text in UTF-8, some thousand words")
    font_path: str = option("./fonts", "folder of fonts")
    weights: str = option("melnyk,compact", "networks, with commas between")
    engine: str = option("onnx", "what reads: onnx needs weights exported", ENGINES)
    lines: int = option(500, "lines of each domain, handwriting and printed", low=10)
    vertical: bool = option(False, "columns, for vertical.json beside it")
    seed: int = option(0, "of the drawing", low=0)
    save_path: str = option("./logs/weights.json", "file to be written")

    def __post_init__(self):
        check_options(self)
        if not self.text_path:
            raise ValueError("text_path is missing: what are the lines to say?")
        if not self.names:
            raise ValueError(f"weights={self.weights!r} names no network to read them.")

    @property
    def names(self):
        """The networks, one by one."""
        return [name.strip() for name in self.weights.split(",") if name.strip()]


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, Options, argv=argv)
    try:
        make_folder(Path(options.save_path).parent)  # before all that work
        write_atomically(options.save_path, format_weights(_learn(options)).encode())
    except (ValueError, OSError, ImportError) as error:
        print(f"learn_lines.py: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.save_path}")
    return 0


def _learn(options):
    """Returns the `Weights` that are learnt."""
    networks = [KoOCR(name, engine=options.engine) for name in options.names]
    examples = learning.make_examples(_draw(options))
    print(f"{len(examples)} lines are cut as they should be", file=sys.stderr)
    rows = [learning.shape_row(example) for example in examples]
    looks = learning.fit_field(rows)
    read = [learning.read_rows(examples, looks, network) for network in networks]
    space = learning.fit_space(examples)
    return Weights(looks, learning.fit_field(list(chain(*read))), space)


def _draw(options):
    """Returns an iterator of `TextLine` of the training faces."""
    words, rng = read_words(options.text_path), np.random.default_rng(options.seed)
    faces, _ = find_faces(options.font_path)
    kept = faces_of(faces, "train")
    domains = [[face for face in kept if face.domain == each] for each in DOMAINS]
    if not any(domains):
        raise ValueError(f"{options.font_path} has no face to train on.")
    return chain.from_iterable(
        draw_lines(some, words, options.lines, rng, vertical=options.vertical)
        for some in domains
        if some
    )


if __name__ == "__main__":
    sys.exit(main())
