"""Learns how lines of text are cut: utils/lines/weights.json and characters.npz.

    python learn_lines.py --text_path=text.txt --weights=melnyk,compact
    python learn_lines.py --text_path=text.txt --vertical=true --save_path=vertical.json

Draws lines of a text with the training faces of --font_path, cuts them wherever that
is possible, has every piece read by the networks, and learns by which measures of the
pieces the true cuts are the likeliest. Twice as many lines with figures, Latin letters
and marks teach what tells those from syllables: characters.npz, beside --save_path. 500
lines of each domain take some ten minutes of a core.
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
from utils.data.text.text_lines import draw_lines, read_words
from utils.lines import learning
from utils.lines.characters import FILES, format_characters
from utils.lines.learning_characters import learn_characters
from utils.lines.scores import Weights, format_weights
from utils.option_values import split_names
from utils.output import run_script

_OTHERS = 0.4  # share of lines with figures, Latin letters and marks


@dataclass(frozen=True)
class Options:
    """What lines are drawn of, who reads them, and where the weights go."""

    text_path: str = option("", "Korean text in UTF-8, some thousand words")
    font_path: str = option("./fonts", "folder of fonts")
    weights: str = option("melnyk,compact", "networks, with commas between")
    engine: str = option("onnx", "what reads: onnx needs weights exported", ENGINES)
    lines: int = option(500, "lines of each domain, handwriting and printed", low=10)
    vertical: bool = option(
        False, "columns, for vertical.json and vertical_characters.npz instead"
    )
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
        return [name for name in split_names(self.weights) if name]


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, Options, argv=argv)
    try:
        make_folder(Path(options.save_path).parent)  # before all that work
        weights, characters = _learn(options)
        write_atomically(options.save_path, format_weights(weights).encode())
        saved = Path(options.save_path).with_name(FILES[options.vertical])
        write_atomically(saved, format_characters(characters))
    except (ValueError, OSError, ImportError) as error:
        print(f"learn_lines.py: {error}", file=sys.stderr)
        return 1
    print(f"wrote {options.save_path}\nwrote {saved}")
    return 0


def _learn(options):
    """Returns the `Weights` and the `Characters` that are learnt."""
    networks = [KoOCR(name, engine=options.engine) for name in options.names]
    characters = learn_characters(
        learning.make_examples(_draw(options, 2 * options.lines, 1.0)), options.seed
    )
    examples = learning.make_examples(_draw(options, options.lines, _OTHERS))
    print(f"{len(examples)} lines are cut as they should be", file=sys.stderr)
    rows = [learning.shape_row(example) for example in examples]
    looks = learning.fit_field(rows)
    read = [
        learning.read_rows(examples, looks, network, characters) for network in networks
    ]
    space = learning.fit_space(examples)
    weights = Weights(looks, learning.fit_field(list(chain(*read))), space)
    return weights, characters


def _draw(options, count, others):
    """Returns an iterator of `TextLine` of the training faces.

    Args:
        options: the `Options`.
        count: of lines, of each domain.
        others: as for `draw_lines`.
    """
    words, rng = read_words(options.text_path), np.random.default_rng(options.seed)
    faces, _ = find_faces(options.font_path)
    kept = faces_of(faces, "train")
    domains = [[face for face in kept if face.domain == each] for each in DOMAINS]
    if not any(domains):
        raise ValueError(f"{options.font_path} has no face to train on.")
    return chain.from_iterable(
        draw_lines(some, words, count, rng, others, options.vertical)
        for some in domains
        if some
    )


if __name__ == "__main__":
    run_script(main)
