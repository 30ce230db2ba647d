"""The declaration of every option of a network, for Python and the command line."""

import dataclasses
import json
from dataclasses import dataclass

from utils.cli import check_options, option
from utils.config_rules import MODEL_RULES, check_rules
from utils.hangul import read_charset
from utils.nn.backbones import BACKBONES, SMALLEST
from utils.nn.heads import FC_LINKS
from utils.nn.low_rank import read_ranks
from utils.option_help import tell_options
from utils.presets import within


@tell_options
@dataclass(frozen=True)
class ModelConfig:
    """What the network is: saved beside the weights."""

    network: str = option(
        "melnyk", "architecture", BACKBONES, aliases=("network_type",)
    )
    fc_link: str = option("", "pooling between feature map and heads", FC_LINKS)
    image_size: int = option(
        96, "side of the network's input in pixels", low=16, high=1024
    )
    split_components: bool = option(
        True, "three heads, one a jamo (false: one softmax over the charset)"
    )
    charset: str = option(
        "all", "classes of the single softmax: ksx1001, all, or a file of syllables"
    )
    direct_map: bool = option(False, "eight stroke-direction planes as input")
    raw_plane: bool = option(False, "the picture itself beside the direction planes")
    decoder: str = option(
        "heads",
        "independent heads, or a sequence: initial, medial, final knowing those before",
        ("heads", "sequence"),
    )
    beam: int = option(
        0,
        "beginnings that decoder=sequence spells on at each jamo, the best so far (0: "
        "all, which is exact); may differ from that of the weights",
        low=0,
    )
    iterative_refinement: bool = option(
        False, "attention that looks again, knowing its last answer"
    )
    refinement_t: int = option(4, "looks of the refinement", low=1, high=64)
    refinement_feedback: bool = option(
        True, "a look knows the answer of the one before (false: for comparison)"
    )
    early_exit: bool = option(False, "side heads by which easy pictures leave early")
    exit_threshold: float = option(
        1.0,
        "probability that every early head must reach for a picture to leave (1: none "
        "leaves); may differ from that of the weights",
        low=0.0,
        high=1.0,
    )
    first_look: float = option(
        1.0,
        "size in which pictures are read, in parts of the whole square; may differ "
        "from that of the weights",
        **within("first_look"),
    )
    second_look: float = option(
        0.0,
        "probability below which a picture is looked at once more, smaller, and the "
        "mean taken (0: never); may differ from that of the weights",
        **within("second_look"),
    )
    low_rank: str = option(
        "", "convolutions split in two, name=rank,... (compress.py writes it)"
    )
    temperature: float = option(
        1.0,
        "calibration of the probabilities, see evaluate.py (1: none); may differ from "
        "that of the weights",
        **within("temperature"),
    )
    adversarial_learning: bool = option(False, "features that do not tell the writer")

    def __post_init__(self):
        check_options(self)
        self._check_side()
        check_rules(self, MODEL_RULES)
        read_ranks(self.low_rank)
        syllables = read_charset(self.charset)
        if self.charset not in ("all", "ksx1001"):
            # The syllables, not the name of a file that may change or vanish.
            object.__setattr__(self, "charset", "".join(syllables))

    def _check_side(self):
        """Checks that pictures are no smaller than the network can take."""
        side = self.image_size // 2 if self.direct_map else self.image_size
        smallest = SMALLEST.get(self.network, 16)
        if side < smallest:
            halved = " (direct_map halves the picture)" if self.direct_map else ""
            raise ValueError(
                f"network={self.network} needs pictures of {smallest} pixels or more; "
                f"image_size={self.image_size} gives it {side}{halved}."
            )

    def to_json(self):
        """Returns the options as JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=2, ensure_ascii=False)
