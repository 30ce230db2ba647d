"""A process of a run for tests/training/test_devices.py: trains a tiny network.

Arguments: a JSON object with `options` of training, `out` for weights and figures, and
perhaps `join`, in how many shares the data is read by this one process; or `die`,
after how many steps the process is to kill itself.
"""

import json
import os
import signal
import sys
from types import SimpleNamespace

import numpy as np

from model import KoOCR
from utils.backend import keras, set_seed
from utils.nn.backbones import BACKBONES, FEATURES
from utils.nn.layers import FusedBatchNormalization
from utils.training import fitting
from utils.training import loop as training
from utils.training.devices import connect, leave
from utils.training_config import TrainConfig


def tiny(images):
    layers, conv = keras.layers, {"kernel_size": 3, "strides": 2, "padding": "same"}
    x = FusedBatchNormalization()(layers.Conv2D(6, **conv)(images))
    return layers.ReLU(name=FEATURES)(layers.Conv2D(8, **conv)(layers.ReLU()(x)))


class Joined:
    """The batches of several shares, put together: what several processes see."""

    def __init__(self, shares):
        self.shares, self.batch_size = shares, sum(s.batch_size for s in shares)
        self.num_images = sum(share.num_images for share in shares)
        self.num_steps = min(share.num_steps for share in shares)
        self.sample, self.fingerprint = shares[0].sample, shares[0].fingerprint
        self.teachers_digest = shares[0].teachers_digest

    def batches(self, epoch, first_step=0):
        for parts in zip(
            *(share.batches(epoch, first_step) for share in self.shares), strict=True
        ):
            images, targets = zip(*parts, strict=True)
            yield (
                np.concatenate(images),
                {
                    name: np.concatenate([part[name] for part in targets])
                    for name in targets[0]
                },
            )

    def close(self):
        for share in self.shares:
            share.close()


def join(count):
    make = fitting.make_dataset

    def make_joined(config, syllables, options, devices):
        return Joined(
            [
                make(
                    config,
                    syllables,
                    options,
                    SimpleNamespace(
                        process=i,
                        processes=count,
                        copies=True,
                        agree=lambda value, least: value,
                    ),
                )
                for i in range(count)
            ]
        )

    fitting.make_dataset = make_joined


def die_after(steps):
    see, seen = training.DivergenceMonitor.see, []

    def see_and_die(self, loss):
        see(self, loss)
        seen.append(loss)
        if len(seen) == steps:
            os.kill(os.getpid(), signal.SIGKILL)

    training.DivergenceMonitor.see = see_and_die


def main():
    task = json.loads(sys.argv[1])
    options = task["options"]
    BACKBONES["tiny"] = tiny
    if task.get("join"):
        join(task["join"])
    if task.get("die"):
        die_after(task["die"])
    connect(TrainConfig(**options))
    set_seed(3)
    model = KoOCR(weights=None, network="tiny", fc_link="GWAP", image_size=16)
    try:
        history = model.train(**options)
    except training.TrainingError as error:
        print(f"stopped: {error}", file=sys.stderr)
        leave(1)
    arrays = [np.asarray(weight) for weight in model.model.weights]
    np.savez(task["out"], *arrays, loss=[each["loss"] for each in history])
    return 0


if __name__ == "__main__":
    sys.exit(main())
