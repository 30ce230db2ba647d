"""AdaBound and Muon for Keras 3, and the registry of optimizers."""

import keras
from keras import ops

from utils.nn.layers import PACKAGE
from utils.nn.orthogonalising import orthogonalise


@keras.saving.register_keras_serializable(PACKAGE)
class AdaBound(keras.optimizers.Optimizer):
    """AdaBound: Adam whose step sizes are clipped by bounds that close in on SGD's.

    With gradient g, step t from 1 and learning rate lr:

        m = beta_1 m + (1 - beta_1) g,  v = beta_2 v + (1 - beta_2) g^2
        s = lr sqrt(1 - beta_2^t) / (1 - beta_1^t),  f = final_lr lr / base_lr
        step = clip(s / (sqrt(v) + epsilon), f (1 - 1 / (gamma t + 1)),
                    f (1 + 1 / (gamma t))),  w -= step m

    Reference: Luo, Xiong, Liu, Sun: Adaptive Gradient Methods with Dynamic Bound of
    Learning Rate (ICLR 2019), https://arxiv.org/abs/1902.09843, in the form of the
    authors' code (with bias correction, without the 1 / sqrt(t) of Algorithm 2).
    Argument names are those of the package keras-adabound, which needs Keras 2.
    Differs from it: base_lr is the learning rate given here, not always 0.001.

    Args:
        learning_rate: a float, or a schedule.
        final_lr: rate of the SGD that it turns into.
        beta_1, beta_2: decay of the first and second moment, 0 to 1.
        gamma: speed of the bounds; after 1 / gamma steps they are near.
        epsilon: keeps the division finite.
        amsbound: keep the largest v so far (AMSBound).
        base_lr: rate that `final_lr` belongs to; None takes the initial learning rate.
            Saved, so that a schedule scales the bounds after loading too.
        weight_decay, **kwargs: see `keras.optimizers.Optimizer`. Decay is decoupled.

    Raises:
        ValueError: an argument is out of range.
    """

    def __init__(
        self,
        learning_rate=0.001,
        final_lr=0.1,
        beta_1=0.9,
        beta_2=0.999,
        gamma=0.001,
        epsilon=1e-8,
        amsbound=False,
        base_lr=None,
        weight_decay=None,
        name="adabound",
        **kwargs,
    ):
        super().__init__(learning_rate, weight_decay=weight_decay, name=name, **kwargs)
        for key, value in (("beta_1", beta_1), ("beta_2", beta_2)):
            if not 0 <= value < 1:
                raise ValueError(f"{key}={value}; expected 0 or more and less than 1.")
        for key, value in (("final_lr", final_lr), ("gamma", gamma)):
            if not value > 0:
                raise ValueError(f"{key}={value}; expected more than 0.")
        self.final_lr, self.gamma, self.epsilon = final_lr, gamma, epsilon
        self.beta_1, self.beta_2, self.amsbound = beta_1, beta_2, amsbound
        self.base_lr = _initial_rate(learning_rate) if base_lr is None else base_lr

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        names = ["momentum", "velocity"] + ["max_velocity"] * self.amsbound
        slots = self.add_optimizer_variables(variables, names)
        self._momentums, self._velocities = slots[0], slots[1]
        self._max_velocities = slots[2] if self.amsbound else None

    def update_step(self, gradient, variable, learning_rate):
        dtype = variable.dtype
        rate, gradient = ops.cast(learning_rate, dtype), ops.cast(gradient, dtype)
        step = ops.cast(self.iterations + 1, dtype)
        index = self._get_variable_index(variable)
        m, v = self._momentums[index], self._velocities[index]
        self.assign(m, m + (gradient - m) * (1 - self.beta_1))
        self.assign(v, v + (ops.square(gradient) - v) * (1 - self.beta_2))
        if self.amsbound:
            largest = self._max_velocities[index]
            self.assign(largest, ops.maximum(largest, v))
            v = largest
        correction = ops.sqrt(1 - ops.power(ops.cast(self.beta_2, dtype), step))
        correction /= 1 - ops.power(ops.cast(self.beta_1, dtype), step)
        final = self.final_lr * rate / self.base_lr
        lower = final * (1 - 1 / (self.gamma * step + 1))
        upper = final * (1 + 1 / (self.gamma * step))
        size = ops.clip(rate * correction / (ops.sqrt(v) + self.epsilon), lower, upper)
        self.assign_sub(variable, size * m)

    def get_config(self):
        names = ("final_lr", "beta_1", "beta_2", "gamma", "epsilon", "amsbound")
        own = {name: getattr(self, name) for name in (*names, "base_lr")}
        return super().get_config() | own


@keras.saving.register_keras_serializable(PACKAGE)
class Muon(keras.optimizers.Adam):
    """Muon for convolutions: momentum whose matrices are made orthogonal.

    A kernel (height, width, in, out) counts as the matrix (height width in, out), as
    Muon's authors treat convolutions; `keras.optimizers.Muon` leaves all but matrices
    to Adam. Everything else, the heads too, takes Adam's step at the same rate.

    Reference: Jordan et al.: Muon: An optimizer for hidden layers in neural networks
    (2024), https://kellerjordan.github.io/posts/muon/; the scale of a step, 0.2 times
    the root of the matrix's longer side, is section 2.2 of Liu et al. (2025),
    https://arxiv.org/abs/2502.16982.

    Args:
        learning_rate: a float, or a schedule.
        momentum: of the kernels' gradients, Nesterov's.
        steps: Newton-Schulz iterations, 1 or more.
        **kwargs: see `keras.optimizers.Adam`.
    """

    def __init__(
        self, learning_rate=0.001, momentum=0.95, steps=5, name="muon", **kwargs
    ):
        super().__init__(learning_rate, name=name, **kwargs)
        self.momentum, self.steps = momentum, steps

    def update_step(self, gradient, variable, learning_rate):
        if len(variable.shape) != 4:
            super().update_step(gradient, variable, learning_rate)
            return
        gradient = ops.cast(gradient, variable.dtype)
        rate = ops.cast(learning_rate, variable.dtype)
        m = self._momentums[self._get_variable_index(variable)]
        self.assign(m, self.momentum * m + gradient)
        step = gradient + self.momentum * m
        step = orthogonalise(ops.reshape(step, (-1, variable.shape[-1])), self.steps)
        size = 0.2 * max(step.shape) ** 0.5
        self.assign_sub(variable, rate * size * ops.reshape(step, variable.shape))

    def get_config(self):
        own = {"momentum": self.momentum, "steps": self.steps}
        return super().get_config() | own


def _initial_rate(learning_rate):
    """Returns the rate at step 0 of a float or a schedule."""
    if callable(learning_rate):
        learning_rate = learning_rate(0)
    return float(ops.convert_to_numpy(learning_rate))


def _sgd(learning_rate, **kwargs):
    """SGD with momentum 0.9, as Melnyk et al. (2020) trained."""
    return keras.optimizers.SGD(learning_rate, momentum=0.9, **kwargs)


def _adabound(learning_rate, **kwargs):
    """AdaBound whose final rate is a hundred times the learning rate, as the seed's."""
    return AdaBound(learning_rate, final_lr=100 * learning_rate, **kwargs)


# Value of --optimizer -> function of the learning rate.
OPTIMIZERS = {
    "sgd": _sgd,
    "adam": keras.optimizers.Adam,
    "adabound": _adabound,
    "muon": Muon,
}


def make_optimizer(name, learning_rate, weight_decay=0.0):
    """Returns an optimizer of `OPTIMIZERS`.

    Args:
        name: key of `OPTIMIZERS`.
        learning_rate: initial rate.
        weight_decay: fraction of the rate by which kernels shrink each step
            (decoupled); biases and normalisation are left out. 0 is none.
    """
    optimizer = OPTIMIZERS[name](learning_rate, weight_decay=weight_decay or None)
    if weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return optimizer
