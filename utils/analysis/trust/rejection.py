"""How well pictures that show no syllable are told from those that do.

Three scores are compared, all of them of the heads' probabilities: the probability of
the answer, which `reject_below` looks at; the product of the heads' best at twice the
temperature; and the entropy of the heads.

Reference: Hendrycks, Gimpel (2017), "A Baseline for Detecting Misclassified and
Out-of-Distribution Examples in Neural Networks", https://arxiv.org/abs/1610.02136, for
the first score and AUROC; Liang, Li, Srikant (2018), https://arxiv.org/abs/1706.02690,
section 3, for the temperature.
"""

import numpy as np
from sklearn.metrics import roc_auc_score

from utils.data.scenes.strangers import draw_strangers
from utils.inference.imaging import NoInkError, prepare
from utils.inference.looking import best_probability
from utils.inference.tempering import temper

KEPT = 0.95  # share of the syllables that a threshold must let pass


def certainty(heads):
    """Returns minus the entropy of the heads, in nats (pictures,), 0 or less."""
    total = 0.0
    for values in heads.values():
        values = values.astype(float)
        total = total + (values * np.log(np.maximum(values, 1e-38))).sum(axis=1)
    return total


REJECTING = "probability"  # the score that `reject_below` looks at
SCORES = {
    REJECTING: best_probability,
    "at twice the temperature": lambda heads: best_probability(temper(heads, 2.0)),
    "entropy": certainty,
}


def score_chunks(chunks, probabilities, answer=best_probability):
    """Scores labelled pictures.

    Args:
        chunks: iterable of `sources.Chunk`.
        probabilities: function from `uint8` (pictures, size, size) to the heads' dict.
        answer: function from that dict to the answers' probabilities (pictures,).

    Returns:
        Dict, source -> dict, score -> array (pictures,); what holds no ink scores
        least, as it does in `score_strangers`.
    """
    parts = {}
    for chunk in chunks:
        scores = _score(probabilities(chunk.images), answer)
        for each in scores.values():
            each[list(chunk.problems)] = -np.inf
        parts.setdefault(chunk.source, []).append(scores)
    return {
        source: {name: np.concatenate([each[name] for each in some]) for name in SCORES}
        for source, some in parts.items()
    }


def score_strangers(font_path, size, probabilities, count, answer=best_probability):
    """Scores pictures without a syllable.

    Args:
        font_path: folder of the fonts that draw letters.
        size: side of prepared pictures in pixels.
        probabilities: as for `score_chunks`.
        count: pictures of each kind.
        answer: as for `score_chunks`.

    Returns:
        Dict, kind -> dict, score -> array (pictures,), of the kinds that could be
        drawn.

    Raises:
        utils.data.families.FontError: there is no font.
    """
    found = {}
    for kind, pictures in draw_strangers(font_path, count).items():
        if pictures:
            found[kind] = _score_pictures(pictures, size, probabilities, answer)
    return found


def _score_pictures(pictures, size, probabilities, answer):
    """Returns score -> array of pictures, of which some may hold no ink."""
    prepared, with_ink = [], np.zeros(len(pictures), bool)
    for place, picture in enumerate(pictures):
        try:
            prepared.append(prepare(picture, size))
            with_ink[place] = True
        except NoInkError:
            continue
    scores = {name: np.full(len(pictures), -np.inf) for name in SCORES}
    if prepared:
        heads = probabilities(np.stack(prepared))
        for name, values in _score(heads, answer).items():
            scores[name][with_ink] = values
    return scores


def _score(heads, answer):
    scores = SCORES | {REJECTING: answer}
    return {name: np.array(score(heads)) for name, score in scores.items()}


def rejection_rows(syllables, strangers):
    """Tells for every source, kind and score how well they are told apart.

    Args:
        syllables: as `score_chunks` gives them.
        strangers: as `score_strangers` gives them.

    Returns:
        Dicts with `source`, `kind`, `count` (pictures of the kind), `score`, `auroc`
        (probability that a syllable scores higher than such a picture), `threshold`
        (score that `KEPT` of the source's syllables reach) and `passed` (share of such
        pictures that reach it too).
    """
    rows = []
    for source, ours in syllables.items():
        for kind, theirs in strangers.items():
            for score in SCORES:
                rows.append(
                    {"source": source, "kind": kind, "count": len(theirs[score])}
                    | {"score": score}
                    | _compare(ours[score], theirs[score])
                )
    return rows


def _compare(ours, theirs):
    """Returns AUROC, the threshold that keeps `KEPT` of ours, and what passes it."""
    # Ranks say all that AUROC asks for, and infinity has one too.
    both = np.unique(np.concatenate([ours, theirs]), return_inverse=True)[1]
    truth = np.arange(len(both)) < len(ours)
    threshold = float(np.quantile(ours, 1 - KEPT, method="lower"))
    return {
        "auroc": float(roc_auc_score(truth, both)),
        "threshold": threshold,
        "passed": float((theirs >= threshold).mean()),
    }
