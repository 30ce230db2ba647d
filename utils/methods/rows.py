"""The rows of the comparison: what differs from the base, and what papers say of it."""

from typing import NamedTuple

SIDE = 32  # pixels of a picture, where the network takes as few
BATCH = 32  # pictures a step: many steps of few pictures

BASE = "compact, GWAP, Muon"  # what most rows are compared with
TENTH = "10 % of the handwriting"
MELNYK = "melnyk"

_NETWORK = {"network": "compact", "fc_link": "GWAP", "image_size": SIDE}
_TRAINING = {
    "optimizer": "muon",
    "learning_rate": 0.0025,
    "weight_decay": 0.02,
    "warmup_steps": 50,
    "schedule": "cosine",
    "batch_size": BATCH,
    "dropout": 0.1,
    "data_augmentation": True,
}
_PLAIN = {"weight_decay": 0.0}
_REFINED = {"iterative_refinement": True}
_ADVERSARY = {"adversarial_learning": True}


class Row(NamedTuple):
    """One row: a network, how it is trained, on what.

    name: as shown, and as the file of its runs is called.
    network: dict of options of the network.
    training: dict of options of the training.
    published: what its paper reports, with the source.
    data: folder of its pictures, `full`, `tenth`, `every` or `recombined` (see
        `data`).
    beside: name of the row that it is compared with.
    compressed: trained weights of `beside` are compressed instead of fresh ones
        trained; the stage that is measured (`tune`: pairs alone, `drop`), or ''.
    """

    name: str
    network: dict
    training: dict
    published: str = "-"
    data: str = "full"
    beside: str = BASE
    compressed: str = ""


def _row(name, network=(), training=(), published="-", **rest):
    network, training = _NETWORK | dict(network), _TRAINING | dict(training)
    return Row(name, network, training, published, **rest)


def _spelling():
    """Returns the row of the decoder, which has no pooling and drops no features."""
    row = _row(
        "sequence decoder",
        {"decoder": "sequence", "fc_link": ""},
        published="ICDAR-2013 96.66, whole characters 95.90 (Wang 2018)",
    )
    training = {k: v for k, v in row.training.items() if k != "dropout"}
    return row._replace(training=training)


# Light rows first: a table that is not finished yet says most.
ROWS = [
    _row(BASE),
    _row("distortion: none", training={"data_augmentation": False}),
    _row("distortion: whole picture", training={"distortions": "whole"}),
    _row("distortion: and hands", training={"distortions": "whole,hands"}),
    _row("distortion: and pen", training={"distortions": "whole,hands,pen"}),
    _row("all 11,172 syllables", data="every"),
    _row("all 11,172, recombined", data="recombined", beside="all 11,172 syllables"),
    _row("pooling: none", {"fc_link": ""}),
    _row("pooling: GAP", {"fc_link": "GAP"}),
    _row("pooling: GWOAP", {"fc_link": "GWOAP"}),
    _row("refinement, T=1", _REFINED | {"refinement_t": 1}),
    _row(
        "refinement, T=4",
        _REFINED,
        published="ICDAR-2013 97.37, without 96.84 (Yang 2017)",
    ),
    _row("refinement, T=4, blind", _REFINED | {"refinement_feedback": False}),
    _spelling(),
    _row(
        "loss: hybrid",
        training={"loss": "hybrid"},
        published="SERI95a 97.67, without 97.44; PE92 96.34, without 95.96 (Kim 2016)",
    ),
    _row("loss: joint-hybrid", training={"loss": "joint-hybrid"}),
    _row("one softmax of 2,350", {"split_components": False, "charset": "ksx1001"}),
    _row(
        "DirectMap",
        {"direct_map": True, "image_size": 2 * SIDE},
        published="ICDAR-2013 96.95 (Zhang 2017)",
    ),
    _row(
        "DirectMap + picture",
        {"direct_map": True, "raw_plane": True, "image_size": 2 * SIDE},
    ),
    _row("optimizer: AdaBound", training=_PLAIN | {"optimizer": "adabound"}),
    _row("optimizer: Adam", training=_PLAIN | {"optimizer": "adam"}),
    _row(  # of 0.1, 0.01, 0.003, 0.001 and 0.0003 the rate that learns fastest
        "optimizer: SGD",
        training=_PLAIN | {"optimizer": "sgd", "learning_rate": 0.0003},
    ),
    _row("adversarial", _ADVERSARY),
    _row(TENTH, data="tenth"),
    _row(
        "adversarial, 10 % of the handwriting", _ADVERSARY, data="tenth", beside=TENTH
    ),
    _row(
        "efficient-net",
        {"network": "efficient-net"},
        published="ICDAR-2013 97.1 (Li 2018)",
    ),
    _row(
        "efficient-net, early exit",
        {"network": "efficient-net", "early_exit": True},
        beside="efficient-net",
        published="ICDAR-2013 97.1, with the cascade (Li 2018)",
    ),
    _row("mobilenet", {"network": "mobilenet"}),
    _row("afl", {"network": "afl", "image_size": 36}),
    _row(
        MELNYK, {"network": "melnyk"}, published="ICDAR-2013 97.61 (Melnyk 2020, code)"
    ),
    _row(
        "melnyk, GSLRE",
        {"network": "melnyk"},
        beside=MELNYK,
        compressed="tune",
        published="ICDAR-2013 97.27, before 97.30, at 4 times (Xiao 2017)",
    ),
    _row(
        "melnyk, GSLRE + ADW",
        {"network": "melnyk"},
        beside=MELNYK,
        compressed="drop",
        published="ICDAR-2013 97.09, before 97.30 (Xiao 2017)",
    ),
    _row("VGG16", {"network": "VGG16"}),
    _row("inception-resnet", {"network": "inception-resnet", "image_size": 75}),
]


def find_rows(names=""):
    """Returns the rows whose names are listed.

    Args:
        names: names between semicolons (they hold commas); '' is all.

    Raises:
        ValueError: a name is none of a row.
    """
    known = {row.name: row for row in ROWS}
    wanted = [name.strip() for name in names.split(";") if name.strip()]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(
            f"No row is called {unknown[0]!r}; choose from: {'; '.join(known)}."
        )
    return [known[name] for name in wanted] or list(ROWS)
