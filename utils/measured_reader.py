"""A reader that tells how well it reads labelled pictures."""

from typing import Any

import numpy as np

from utils.inference.decoding import check_n
from utils.inference.prior import DEFAULT_RARE, DEFAULT_TEXT, Prior
from utils.inference.reader import Reader
from utils.kinds import FilePath

_TOP_N = 5  # guesses that a picture has, unless another number is asked for


class MeasuredReader(Reader):
    """Reads pictures, and measures itself on those whose labels are known."""

    def evaluate(
        self,
        data_path: FilePath,
        top_n: int | None = None,
        *,
        max_images: int = 0,
        rare: float = DEFAULT_RARE,
        text: float = DEFAULT_TEXT,
    ) -> list[dict[str, Any]]:
        """Measures accuracy on labelled pictures, as `evaluate.py` does.

        Pictures that cannot be read are named on stderr, and count as wrong.

        Args:
            data_path: folder of patches; or folder or .zip of pictures with
                `labels.tsv`, or with folders called as the syllables in them.
            top_n: guesses that a picture has; None for 5, or as many as the network
                has syllables.
            max_images: pictures of each source, taken evenly; 0 takes all.
            rare: as for `predict`.
            text: as for `predict`.

        Returns:
            List of dicts, one a source: `source`, `count`, and as fractions 0-1
            `syllable` (top-1; its 95 % interval `low` to `high`), `top_n` (among the
            best `n`), `initial`, `medial` and `final`.

        Raises:
            ValueError: there are no such pictures, patches or labels are damaged, or an
                option is illegal.
        """
        from utils.analysis.evaluation import FIGURES, accuracy_rows, measure
        from utils.analysis.sources import name_problems, read_chunks

        prior = Prior(rare, text)
        count = min(_TOP_N, len(self.syllables)) if top_n is None else top_n
        check_n(count, len(self.syllables))
        if not isinstance(max_images, (int, np.integer)) or max_images < 0:
            raise ValueError(f"max_images={max_images!r}; expected an integer from 0.")
        chunks = name_problems(
            read_chunks(data_path, self.config.image_size, max_images)
        )
        found = measure(chunks, self.probabilities, count, self.syllables, prior=prior)
        names = ("source", *FIGURES)
        return [{name: row[name] for name in names} for row in accuracy_rows(found)]
