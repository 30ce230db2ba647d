"""Output name -> loss: cross entropy, and the hybrid loss that looks at rivals."""

import keras
from keras import ops

from utils.hangul import COMPONENTS

EARLY_WEIGHT = 0.3  # of the first of several answers, a side head's


def cross_entropy(labels, logits):
    """Returns the cross entropy of every row.

    Args:
        labels: class indices (batch,), or soft targets (batch, classes), probabilities.
        logits: float tensor (batch, classes).

    Returns:
        Float tensor (batch,).
    """
    if _are_probabilities(labels, logits):
        return keras.losses.categorical_crossentropy(labels, logits, from_logits=True)
    return keras.losses.sparse_categorical_crossentropy(
        ops.reshape(labels, (-1,)), logits, from_logits=True
    )


def _are_probabilities(labels, logits):
    """Tells soft targets (batch, classes) from class indices (batch,)."""
    return len(labels.shape) == 2 and labels.shape[-1] == logits.shape[-1] > 1


def rival_loss(labels, logits, rivals):
    """Returns what the strongest wrong classes cost: pairwise discrimination.

    The discriminator of a pair is the difference of its logits; the loss is the mean
    of log(1 + exp(z_rival - z_true)) over the rivals with the highest logits. With two
    classes it equals the cross entropy.

    Reference: Kim, Choi, Lee: Improving discrimination ability of convolutional neural
    networks by hybrid learning (IJDAR 2016),
    https://doi.org/10.1007/s10032-015-0256-9, whose formulas could not be had; this
    form is this project's own.

    Args:
        labels: class indices (batch,).
        logits: float tensor (batch, classes).
        rivals: how many, capped by the classes there are.

    Returns:
        Float tensor (batch,).
    """
    classes = logits.shape[-1]
    labels = ops.cast(ops.reshape(labels, (-1,)), "int32")
    true = ops.one_hot(labels, classes, dtype=logits.dtype)
    z_true = ops.sum(true * logits, axis=-1, keepdims=True)
    strongest = ops.top_k(logits - 1e9 * true, min(rivals, classes - 1))[0]
    return ops.mean(ops.softplus(strongest - z_true), axis=-1)


class HeadLoss(keras.losses.Loss):
    """The loss of one head: cross entropy, with or without rivals.

    Logits (batch, steps, classes) are several answers to one picture, every one of
    which is supervised: the first weighs `EARLY_WEIGHT`, the others one together.

    Args:
        rival_weight: weight of `rival_loss`, 0 for none.
        rivals: wrong classes that it looks at.
    """

    def __init__(self, rival_weight=0.0, rivals=3, name="head_loss"):
        super().__init__(name=name)
        self.rival_weight, self.rivals = rival_weight, rivals

    def call(self, labels, logits):
        if len(logits.shape) == 2:
            return self._one(labels, logits)
        count = logits.shape[1]
        each = [self._one(labels, logits[:, step]) for step in range(count)]
        return EARLY_WEIGHT * each[0] + sum(each[1:]) / (count - 1)

    def _one(self, labels, logits):
        loss = cross_entropy(labels, logits)
        if self.rival_weight:
            loss = loss + self.rival_weight * rival_loss(labels, logits, self.rivals)
        return loss


class LastAccuracy(keras.metrics.SparseCategoricalAccuracy):
    """Accuracy of the last of several answers (batch, steps, classes).

    Of soft targets (batch, classes) in place of labels the largest counts.
    """

    def update_state(self, y_true, y_pred, sample_weight=None):
        if _are_probabilities(y_true, y_pred):
            y_true = ops.argmax(y_true, axis=-1)
        return super().update_state(y_true, _last(y_pred), sample_weight)


def joint_logits(logits):
    """Returns the logits of all 11,172 syllables: sums of the heads' log-probabilities.

    Args:
        logits: dict, head -> tensor (batch, classes) or (batch, steps, classes), of
            which the last step counts.

    Returns:
        Float tensor (batch, 11172), in Unicode order.
    """
    first, middle, end = [
        ops.log_softmax(_last(logits[name]), axis=-1) for name in COMPONENTS
    ]
    joint = first[:, :, None, None] + middle[:, None, :, None] + end[:, None, None, :]
    return ops.reshape(joint, (-1, joint.shape[1] * joint.shape[2] * joint.shape[3]))


class JointRivalModel(keras.Model):
    """A model whose loss adds `rival_loss` over whole syllables.

    The rivals are the most probable wrong ones of all 11,172; they mostly differ in one
    jamo, so that the loss works on the jamo in doubt.

    Args:
        rival_weight, rivals: as for `HeadLoss`.
        **kwargs: `inputs` and `outputs`, a dict of the three heads' logits.
    """

    def __init__(self, *args, rival_weight, rivals=3, **kwargs):
        super().__init__(*args, **kwargs)
        self.rival_weight, self.rivals = rival_weight, rivals
        # A `Loss` knows how many devices share the batch, a bare mean does not.
        # Its name of its own would begin with underscores, which TensorFlow refuses.
        self._mean = _GivenLoss(name="rivals")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, **kwargs):
        heads = super().compute_loss(x, y, y_pred, sample_weight, **kwargs)
        index = 0
        for name, jamo in COMPONENTS.items():
            index = index * len(jamo) + ops.reshape(y[name], (-1,))
        rivals = rival_loss(index, joint_logits(y_pred), self.rivals)
        return heads + self.rival_weight * self._mean(rivals, rivals)


class _GivenLoss(keras.losses.Loss):
    """The mean of losses (batch,) that are known already."""

    def call(self, labels, losses):
        return losses


def _last(logits):
    """Returns the last of several answers (batch, steps, classes), or the only one."""
    return logits[:, -1] if len(logits.shape) == 3 else logits


# Value of --loss -> whether rivals are sought among jamo, and among syllables.
LOSSES = {
    "cross-entropy": (False, False),
    "hybrid": (True, False),
    "joint-hybrid": (False, True),
}


def make_losses(output_names, loss="cross-entropy", rival_weight=0.0):
    """Returns the loss of every output, on its logits.

    The sum of the heads' cross entropies is the negative log likelihood of the
    syllable, the heads taken as independent.

    Args:
        output_names: names of the outputs, as in the model's dict.
        loss: key of `LOSSES`.
        rival_weight: weight of the rivals in `hybrid`.

    Returns:
        Dict by name; targets are class indices, `int32` (batch,), or soft targets,
        `float32` (batch, classes).
    """
    weight = rival_weight if LOSSES[loss][0] else 0.0
    return {name: HeadLoss(weight) for name in output_names}
