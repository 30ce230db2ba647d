"""Validation measures what is not learnt, or says so."""

import shutil
import warnings

import numpy as np
import pytest

from model import KoOCR
from utils.data.patches import PatchError, write_patch
from utils.training.validating import check_validation
from utils.training_config import TrainConfig


@pytest.fixture
def folder(tmp_path):
    """Two training patches, and others to validate by, of the same names."""
    rng = np.random.default_rng(0)
    for half in ("data", "val_data"):
        for number in (0, 1):
            images = rng.integers(0, 256, (4, 20, 20)).astype(np.uint8)
            path = tmp_path / half / f"clova_{number}.pickle"
            write_patch(path, images, list("가나다라"))
    return tmp_path


def paths(folder, val):
    both = {"data_path": folder / "data", "val_data_path": folder / val}
    return TrainConfig(**{name: str(path) for name, path in both.items()})


@pytest.mark.parametrize("name", ["data", "val_data/../data", "link"])
def test_one_folder_for_both_is_warned_of(folder, name):
    (folder / "link").symlink_to(folder / "data")
    told = r"^2 of the 2 patches of val_data_path='.*' are learnt as well \(data_path="
    with pytest.warns(UserWarning, match=told):
        check_validation(paths(folder, name))


def test_a_file_of_both_folders_is_warned_of(folder):
    (folder / "val_data" / "clova_1.pickle").unlink()
    there = folder / "data" / "clova_1.pickle"
    (folder / "val_data" / "clova_7.pickle").symlink_to(there)
    with pytest.warns(UserWarning, match="^1 of the 2 patches of val_data_path="):
        check_validation(paths(folder, "val_data"))


def test_other_patches_are_not_warned_of(folder):
    inside = folder / "data" / "val"  # a folder in the other, which nobody learns
    shutil.copytree(folder / "val_data", inside)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_validation(paths(folder, "val_data"))
        check_validation(paths(folder, "data/val"))


def test_there_must_be_patches(folder):
    with pytest.raises(PatchError, match=r"no such folder.*val_data_path='' trains"):
        check_validation(paths(folder, "nowhere"))


@pytest.mark.usefixtures("tiny_network")
def test_a_run_says_so_before_its_first_step(folder):
    network = KoOCR(None, network="tiny", fc_link="GAP", image_size=16)
    how = {"data_path": folder / "data", "val_data_path": folder / "data"}
    how |= {"log_path": folder / "logs", "max_minutes": 1e-9, "silent_mode": True}
    with pytest.warns(UserWarning, match="^2 of the 2 patches of val_data_path="):
        assert network.train(**how, log_tensorboard=False) == []
