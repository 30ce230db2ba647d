"""The checkpoint of a training run: where it lies, and who may go on from it."""

import dataclasses
import json
from pathlib import Path

from utils.config import ModelConfig
from utils.data.atomic import clear_leftovers
from utils.option_values import split_names
from utils.presets import AT_PREDICTION, preset_path
from utils.training.states import load_state, read_facts, save_state
from utils.weights.files import WeightsError

STATE = "training_state.npz"

# Options that may change when a run is resumed: they do not change what is computed,
# or say only when to stop.
_FREE = {"resume", "epochs", "max_minutes", "patience", "checkpoint_minutes"}
_FREE |= {"log_tensorboard", "log_wandb", "setup_wandb", "zip_weights", "log_path"}
_FREE |= {"coordinator", "process", "workers", "silent_mode"}

# Options that name files: another spelling of the same path changes nothing.
_PATHS = {"data_path", "val_data_path", "initial_weights", "teachers"}


class Checkpoint:
    """The state of a run in its log folder.

    Args:
        options: `utils.training_config.TrainConfig`.
        network_json: the network's configuration.
        dataset: `utils.data.dataset.PatchDataset`.
        devices: where the run computes, see `utils.training.devices`.

    Attributes:
        path: that of the state, which need not be there.
    """

    def __init__(self, options, network_json, dataset, devices):
        self.options, self.network_json = options, network_json
        self.dataset, self.devices = dataset, devices
        self.path = Path(options.log_path) / STATE

    def load(self, variables, kinds):
        """Reads the state of a run that is to be resumed, if there is one.

        Args:
            variables: list of Keras variables that take its values.
            kinds: dict, name of a fact that it must hold, `network_json` among them,
                -> its type.

        Returns:
            Dict of its facts, or None where there is none.

        Raises:
            WeightsError: the log folder holds a run that is not to be resumed, or that
                cannot be.
        """
        facts = None
        if self.path.exists():
            facts = self._read_facts(kinds)
            load_state(self.path, variables)
        if self.options.resume and self.devices.is_chief:
            # The folder is this run's alone.
            clear_leftovers(self.path.parent, self.path.parent / "weights")
        return facts

    def save(self, variables, facts):
        """Writes the state, in the one process that writes files.

        Args:
            variables: list of Keras variables: of the model, then of the optimizer.
            facts: JSON-serialisable dict: where the run stands, and its `network_json`.
        """
        if not self.devices.is_chief:
            return
        own = {"options": dataclasses.asdict(self.options)}
        own["patches"] = self.dataset.fingerprint
        own["teaching"] = self.dataset.teachers_digest
        save_state(self.path, variables, facts | own)

    def _read_facts(self, kinds):
        """Returns the facts of the state, if its options are those of this run."""
        if not self.options.resume:
            raise WeightsError(
                f"{self.path} holds a run already; go on with resume=true, or choose "
                f"another folder: log_path={self.path.parent}2."
            )
        facts = read_facts(self.path, {"options": dict, **kinds})
        changed = self._changed_options(facts["options"])
        changed += self._changed_network(facts["network_json"])
        # Of several processes the chief alone wrote what its own patches are.
        patches = self.dataset.fingerprint
        if self.devices.is_chief and facts.get("patches", patches) != patches:
            changed.append(f"the patches in {self.options.data_path}")
        teaching = self.dataset.teachers_digest
        if facts.get("teaching", teaching) != teaching:
            changed.append(f"the weights of teachers={self.options.teachers}")
        if changed:
            raise WeightsError(
                f"The run in {self.path} cannot be resumed, for these are others: "
                f"{', '.join(changed)}. Give those of the run, or choose another "
                "log_path."
            )
        return facts

    def _changed_options(self, then):
        """Returns which options are not as in a state's dict, and have to be."""
        free = _FREE
        if self.options.schedule == "cosine":  # falls by these
            free = _FREE - {"epochs", "max_minutes"}
        # What an earlier version did not know was as it is by default.
        then = dataclasses.asdict(type(self.options)()) | then
        return [
            f"{name} ({then[name]!r}, now {value!r})"
            for name, value in dataclasses.asdict(self.options).items()
            if name not in free and not _alike(name, then[name], value)
        ]

    def _changed_network(self, text):
        """Returns which of the network's options are not as in a state's JSON."""
        usual = dataclasses.asdict(ModelConfig())
        try:
            then, now = (usual | json.loads(each) for each in (text, self.network_json))
        except (TypeError, ValueError):
            return ["the network"]
        return [
            f"{name} ({then.get(name)!r}, now {value!r})"
            for name, value in now.items()
            if name not in AT_PREDICTION and then.get(name) != value
        ]


def _alike(name, then, now):
    """Tells whether two values of an option mean the same."""
    if then == now or name not in _PATHS:
        return then == now
    if not (isinstance(then, str) and then and now):  # '' is none, not this folder
        return False
    # Of weights alone a bare name may mean those that come with the package.
    find = Path if name in ("data_path", "val_data_path") else preset_path
    if name != "teachers":
        return find(then).resolve() == find(now).resolve()
    then, now = ([find(name).resolve() for name in split_names(t)] for t in (then, now))
    return then == now
