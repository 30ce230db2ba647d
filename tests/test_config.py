import dataclasses
import json

import pytest

from utils.config import ModelConfig
from utils.training_config import TrainConfig

# The seed's flags and their defaults.
SEED = {
    ModelConfig: {
        "image_size": 96,
        "split_components": True,
        "network": "melnyk",
        "fc_link": "",
        "direct_map": False,
        "iterative_refinement": False,
        "refinement_t": 4,
        "adversarial_learning": False,
    },
    TrainConfig: {
        "data_path": "./data",
        "val_data_path": "./val_data",
        "patch_size": 10,
        "data_augmentation": False,
        "adversarial_ratio": 0.15,
        "fit_discriminator": True,
        "optimizer": "adabound",
        "learning_rate": 0.001,
        "batch_size": 32,
        "epochs": 50,
        "zip_weights": False,
        "log_tensorboard": True,
        "log_wandb": False,
        "setup_wandb": False,
        "silent_mode": False,
    },
}


@pytest.mark.parametrize("options_class", SEED, ids=lambda c: c.__name__)
def test_defaults_are_the_seeds(options_class):
    options = dataclasses.asdict(options_class())
    expected = SEED[options_class]
    assert {name: options[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("options_class", "given", "message"),
    [
        (ModelConfig, {"network": "VGG19"}, "network='VGG19' is not available.*melnyk"),
        (
            ModelConfig,
            {"network": "inception-resnet", "image_size": 64},
            "needs pictures of 75 pixels or more; image_size=64 gives it 64",
        ),
        (
            ModelConfig,
            {"network": "VGG16", "image_size": 48, "direct_map": True},
            "32 pixels or more; image_size=48 gives it 24 .direct_map halves",
        ),
        (ModelConfig, {"fc_link": "MAX"}, "fc_link='MAX' is not available.*GWOAP"),
        (ModelConfig, {"image_size": 8}, "image_size=8 is too small.*16 or more"),
        (ModelConfig, {"image_size": 96.0}, "image_size=96.0 is of type float"),
        (ModelConfig, {"raw_plane": True}, "needs direct_map=true"),
        (
            ModelConfig,
            {"iterative_refinement": True, "split_components": False},
            "iterative_refinement=true reads jamo; it needs split_components=true",
        ),
        (
            ModelConfig,
            {"iterative_refinement": True, "decoder": "sequence"},
            "decoder=sequence and iterative_refinement=true exclude each other",
        ),
        (
            ModelConfig,
            {"decoder": "sequence", "fc_link": "GAP"},
            "fc_link=GAP pools the feature map.*leave it empty",
        ),
        (
            ModelConfig,
            {"early_exit": True, "network": "VGG16"},
            "no middle of network=VGG16; choose from: efficient-net, melnyk",
        ),
        (
            ModelConfig,
            {"adversarial_learning": True, "decoder": "sequence"},
            "works on the pooled features, which decoder=sequence has not",
        ),
        (ModelConfig, {"refinement_t": 2}, "refinement_t=2 counts the looks"),
        (ModelConfig, {"charset": "ksx1001"}, "set split_components=false"),
        (
            ModelConfig,
            {"charset": "nowhere", "split_components": False},
            "neither 'ksx1001' nor 'all' nor a file",
        ),
        (TrainConfig, {"optimizer": "adamw"}, "choose from: sgd, adam, adabound, muon"),
        (TrainConfig, {"hybrid_weight": 0.5}, "set loss=hybrid or loss=joint-hybrid"),
        (TrainConfig, {"learning_rate": 0.0}, "learning_rate=0 leaves none"),
        (ModelConfig, {"exit_threshold": 0.5}, "exit_threshold=0.5 is that of early"),
        (TrainConfig, {"learning_rate": -1.0}, "learning_rate=-1.0 is too small"),
        (TrainConfig, {"learning_rate": float("nan")}, "learning_rate=nan"),
        (TrainConfig, {"epochs": 0}, "epochs=0 is too small"),
        (TrainConfig, {"epochs": True}, "epochs=True is of type bool"),
        (TrainConfig, {"setup_wandb": True}, "setup_wandb=true needs log_wandb=true"),
    ],
)
def test_illegal_options_are_refused(options_class, given, message):
    with pytest.raises(ValueError, match=message):
        options_class(**given)


def test_syllables_of_a_charset_file_travel_with_the_configuration(tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("나 가\n다", encoding="utf-8")
    config = ModelConfig(split_components=False, charset=str(path))
    path.write_text("하", encoding="utf-8")
    again = ModelConfig(**json.loads(config.to_json()))
    assert again == config and again.charset == "나가다"


def test_json_builds_the_same_configuration():
    config = ModelConfig(fc_link="GWAP", image_size=64)
    assert ModelConfig(**json.loads(config.to_json())) == config
    options = TrainConfig(epochs=3)
    assert TrainConfig(**json.loads(options.to_json())) == options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"devices": 2}, "devices=2 shares a batch among devices; set distribute"),
        ({"processes": 2}, "processes=2 needs distribute=data_parallel"),
        ({"distribute": "mirrored", "processes": 2}, "distribute=mirrored computes"),
        ({"distribute": "data_parallel", "processes": 2}, "meet at a HOST:PORT"),
        ({"coordinator": "here:1"}, "coordinator='here:1' and processes=1 do not fit"),
        ({"process": 1}, "process=1 of processes=1; expected less"),
    ],
)
def test_devices_and_processes_must_go_together(options, message):
    with pytest.raises(ValueError, match=message):
        TrainConfig(**options)
