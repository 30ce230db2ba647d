"""The loop of one's own that docs/training.md shows does what it says."""

import csv
import re
from pathlib import Path

import h5py
import numpy as np

from model import KoOCR

ROOT = Path(__file__).parents[2]


def shown():
    """The block of the page that fits a network by Keras alone."""
    text = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    (block,) = (block for block in blocks if ".fit(" in block)
    return block


def test_the_heads_learn_and_the_backbone_stays(tmp_path, monkeypatch):
    (tmp_path / "files").symlink_to(ROOT / "files")
    monkeypatch.chdir(tmp_path)
    exec(shown(), {})
    network, before = KoOCR("mine.weights.h5"), KoOCR("compact")
    for ours, theirs in zip(
        network.training_model.layers, before.training_model.layers, strict=True
    ):
        pairs = zip(ours.get_weights(), theirs.get_weights(), strict=True)
        same = [np.array_equal(one, other) for one, other in pairs]
        assert all(same) != ours.name.endswith("_logits"), ours.name
    with h5py.File("mine.weights.h5") as file:
        assert "optimizer" not in file
    assert network.prototypes is None
    with open("files/samples/labels.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    read = network.predict([f"files/samples/{row['path']}" for row in rows])
    assert [best[0] for best in read] == [row["label"] for row in rows]
