"""Do maps land on their jamo? The pointing game, on glyphs whose jamo are known."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from utils.analysis.maps.explaining import EXACT, GRAD_CAM, explain
from utils.analysis.maps.separating import draw_parts, separate
from utils.analysis.report import Percent, show_table
from utils.bars import progress_bar
from utils.data.converting.conversion import thin
from utils.data.fonts import Face
from utils.hangul import COMPONENTS, split_syllables
from utils.kinds import FilePath

_BATCH = 32  # pictures explained at once


def report_pointing(
    network: Any, faces: list[Face], count: int, folder: Path
) -> list[FilePath]:
    """Prints whether maps land on their jamo, and writes it as CSV.

    Args:
        network: a `KoOCR` with three heads.
        faces: list of `utils.data.fonts.Face`.
        count: syllables of each face.
        folder: path of the folder for `pointing.csv`.

    Returns:
        List of the path written.
    """
    rows = pointing_rows(network, faces, count)
    header = ["jamo", "map", "images", "hits %", "heat inside %", "by chance %"]
    header += ["heat on ink %", "by chance %"]
    cells = [
        [name, kind, count, *map(Percent, shares)]
        for name, kind, count, *shares in (row.values() for row in rows)
    ]
    return [show_table(header, cells, rows, folder / "pointing.csv")]


def pointing_rows(network, faces, count=100):
    """Plays the pointing game with every face whose contours can be told by jamo.

    A pixel belongs to the jamo whose ink is nearest: its territory. Jamo that are read
    wrongly are left out: their maps are those of other jamo.

    Reference: Zhang et al. (2016), Top-down Neural Attention by Excitation Backprop,
    section 4.2, https://arxiv.org/abs/1608.00507, for hits; Wang et al. (2020),
    Score-CAM, section 4.3, https://arxiv.org/abs/1910.01279, for the share of heat.
    Differs from both: instead of boxes, the areas nearest to the known contours.

    Args:
        network: a `KoOCR` with three heads.
        faces: list of `utils.data.fonts.Face`.
        count: syllables of each face, taken evenly from those that can be told.

    Returns:
        Dicts with `component`, `kind` of map, `count`, and as fractions 0-1: `hits`
        (the map's peak is in the jamo's territory), `heat` (share of the positive heat
        in it), `area` (its share of the picture: what an even map would have), `ink`
        (share of the heat on ink that is on the jamo's) and `ink_area` (its share of
        the ink).

    Raises:
        ValueError: no face could be told apart, no jamo was read rightly, or the
            network has not three heads.
    """
    if set(network.model.output_names) != set(COMPONENTS):
        raise ValueError(
            "The pointing game needs the heads initial, medial and final; the network "
            f"has {', '.join(network.model.output_names)}."
        )
    glyphs = []
    for face in progress_bar(faces, unit=" faces", delay=2):
        told = separate(face)
        glyphs += [(each, told[each]) for each in thin(list(told), count)]
    if not glyphs:
        raise ValueError(
            f"None of {len(faces)} faces puts its syllables together from jamo; the "
            "faces Bandal and Bangwool of the package fonts-alee do."
        )
    scores = {}
    for start in progress_bar(range(0, len(glyphs), _BATCH), delay=2):
        _play(network, glyphs[start : start + _BATCH], scores)
    if not scores:
        raise ValueError(
            f"No jamo of {len(glyphs)} syllables was read rightly, and only the maps "
            "of such are judged; take weights that read print, or more syllables "
            "(max_images)."
        )
    return _means(scores)


def _play(network, glyphs, scores):
    """Adds the scores of some glyphs to lists by (component, kind)."""
    drawn = [draw_parts(parts) for _, parts in glyphs]
    kinds = (EXACT, GRAD_CAM)
    explanations = explain(network, [picture for picture, _ in drawn], kinds=kinds)
    true = split_syllables([syllable for syllable, _ in glyphs])
    for row, (explanation, (_, masks)) in enumerate(
        zip(explanations, drawn, strict=True)
    ):
        lands = territories(masks)
        for name, classes in COMPONENTS.items():
            right = explanation.readings[name].name == classes[true[name][row]]
            for kind, maps in explanation.maps.items():
                if right and name in masks:
                    values = score(maps[name], lands[name], masks, name)
                    scores.setdefault((name, kind), []).append(values)


def territories(masks):
    """Divides a picture among jamo by the nearest ink.

    Args:
        masks: dict, component -> boolean array (height, width) with some ink.

    Returns:
        Dict of the same: every pixel belongs to one component.
    """
    distances = [
        cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
        for mask in masks.values()
    ]
    nearest = np.argmin(distances, axis=0)
    return {name: nearest == place for place, name in enumerate(masks)}


def score(values, land, masks, name):
    """Scores one map.

    Args:
        values: map (height, width).
        land: boolean array, the jamo's territory.
        masks: dict, component -> boolean array, its ink.
        name: the component whose map it is.

    Returns:
        Array (5,): hit (0 or 1), share of heat in the territory, the territory's share
        of the area, share of the heat on ink, the jamo's share of ink. Without any
        heat the shares are 0.
    """
    heat = np.maximum(values, 0)
    ink = np.any(list(masks.values()), axis=0)
    hit = land[np.unravel_index(np.argmax(values), values.shape)]
    inside = heat[land].sum() / max(heat.sum(), 1e-12)
    on_ink = heat[masks[name]].sum() / max(heat[ink].sum(), 1e-12)
    area, ink_area = land.mean(), masks[name].sum() / ink.sum()
    return np.array([hit, inside, area, on_ink, ink_area], np.float64)


def _means(scores):
    """Returns the rows, in order of kind and component."""
    rows = []
    for kind in (EXACT, GRAD_CAM):
        for name in COMPONENTS:
            if (name, kind) in scores:
                values = np.mean(scores[name, kind], axis=0).tolist()
                figures = zip(_FIGURES, values, strict=True)
                count = len(scores[name, kind])
                row = {"component": name, "kind": kind, "count": count}
                rows.append(row | dict(figures))
    return rows


_FIGURES = ("hits", "heat", "area", "ink", "ink_area")
