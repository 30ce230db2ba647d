"""Which options need or exclude each other: each rule once, with its message."""

from utils.data.augment import DISTORTIONS, read_distortions
from utils.nn.backbones import EXITS

# What looks at the features in a way of its own; a network has one of them at most.
_WAYS = {
    "decoder=sequence": lambda o: o.decoder == "sequence",
    "iterative_refinement=true": lambda o: o.iterative_refinement,
    "early_exit=true": lambda o: o.early_exit,
}

# (tells whether options break it, what to say; {names} stand for the options' values)
MODEL_RULES = (
    (
        lambda o: o.raw_plane and not o.direct_map,
        "raw_plane=true stands beside direction planes; it needs direct_map=true.",
    ),
    (
        lambda o: o.split_components and o.charset != "all",
        "charset={charset!r} lists the classes of a single softmax; the three heads "
        "spell all 11,172. Leave it, or set split_components=false.",
    ),
    (
        lambda o: o.refinement_t != 4 and not o.iterative_refinement,
        "refinement_t={refinement_t} counts the looks of iterative_refinement; set "
        "that to true, or leave refinement_t.",
    ),
    (
        lambda o: not (o.refinement_feedback or o.iterative_refinement),
        "refinement_feedback=false takes the feedback from iterative_refinement; set "
        "that to true, or leave it.",
    ),
    *(
        (
            lambda o, one=one, other=other: _WAYS[one](o) and _WAYS[other](o),
            f"{one} and {other} exclude each other; choose one.",
        )
        for number, one in enumerate(_WAYS)
        for other in [*_WAYS][number + 1 :]
    ),
    *(
        (
            lambda o, way=way: _WAYS[way](o) and not o.split_components,
            f"{way} reads jamo; it needs split_components=true.",
        )
        for way in ("decoder=sequence", "iterative_refinement=true")
    ),
    (
        lambda o: o.beam and o.decoder != "sequence",
        "beam={beam} narrows the search of decoder=sequence; set that, or leave beam.",
    ),
    (
        lambda o: o.decoder == "sequence" and o.fc_link,
        "fc_link={fc_link} pools the feature map, which decoder=sequence attends to; "
        "leave it empty (fc_link='').",
    ),
    (
        lambda o: o.exit_threshold != 1 and not o.early_exit,
        "exit_threshold={exit_threshold:g} is that of early heads; set "
        "early_exit=true, or leave it.",
    ),
    (
        lambda o: o.decoder == "sequence" and o.adversarial_learning,
        "adversarial_learning=true works on the pooled features, which "
        "decoder=sequence has not; choose one.",
    ),
    (
        lambda o: o.early_exit and o.network not in EXITS,
        "early_exit=true knows no middle of network={network}; choose from: "
        f"{', '.join(EXITS)}.",
    ),
)

TRAINING_RULES = (
    (
        lambda o: not o.learning_rate and o.optimizer == "adabound",
        "optimizer=adabound scales its bounds by the learning_rate; learning_rate=0 "
        "leaves none. Give more than 0.",
    ),
    (
        lambda o: o.hybrid_weight != 0.3 and o.loss == "cross-entropy",
        "hybrid_weight={hybrid_weight:g} weighs the rivals of a hybrid loss; set "
        "loss=hybrid or loss=joint-hybrid, or leave it.",
    ),
    (
        lambda o: o.teacher_share != 0.7 and not o.teachers,
        "teacher_share={teacher_share:g} is what teachers have of the targets; name "
        "some by teachers, or leave it.",
    ),
    (
        lambda o: (
            "" in o.teacher_names or len({*o.teacher_names}) < len(o.teacher_names)
        ),
        "teachers={teachers!r}; expected names of networks with commas between, each "
        "once.",
    ),
    (
        lambda o: o.teachers and not o.teacher_share,
        "teacher_share=0 leaves teachers={teachers} no part of the targets; give more, "
        "or leave the teachers.",
    ),
    (
        lambda o: o.teachers and o.loss != "cross-entropy",
        "loss={loss} ranks the rivals of one true class, and teachers={teachers} give "
        "each class a share; choose one of the two.",
    ),
    (
        lambda o: o.devices and o.distribute == "none",
        "devices={devices} shares a batch among devices; set distribute=mirrored or "
        "distribute=data_parallel, or leave it.",
    ),
    (
        lambda o: o.processes > 1 and o.distribute != "data_parallel",
        "processes={processes} needs distribute=data_parallel; "
        "distribute={distribute} computes in one.",
    ),
    (
        lambda o: (o.processes > 1) != (":" in o.coordinator),
        "coordinator={coordinator!r} and processes={processes} do not fit; several "
        "processes meet at a HOST:PORT, one has no need.",
    ),
    (
        lambda o: o.process >= o.processes,
        "process={process} of processes={processes}; expected less, counted from 0.",
    ),
    (
        lambda o: (
            read_distortions(o.distortions) != DISTORTIONS and not o.data_augmentation
        ),
        "distortions={distortions} are kinds of data_augmentation; set that to true, "
        "or leave them.",
    ),
    (
        lambda o: o.setup_wandb and not o.log_wandb,
        "setup_wandb=true needs log_wandb=true.",
    ),
)


def check_rules(options, rules):
    """Checks that options go together.

    Args:
        options: a `ModelConfig` or a `TrainConfig`.
        rules: its rules, above.

    Raises:
        ValueError: they break a rule; the first one's message.
    """
    for breaks, message in rules:
        if breaks(options):
            raise ValueError(message.format_map(vars(options)))
