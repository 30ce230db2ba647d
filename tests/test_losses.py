import numpy as np

from utils.nn.losses import make_losses


def test_loss_is_the_cross_entropy_of_logits_by_name():
    losses = make_losses(["initial", "final"])
    assert set(losses) == {"initial", "final"}
    # A confident, correct prediction: where a softmax is taken for logits, or the other
    # way round, this comes out as something else.
    logits, target = np.array([[4.0, -3.0, -2.0, 0.5]], "float32"), np.array([0])
    expected = np.log(np.exp(logits).sum()) - 4
    assert abs(float(np.asarray(losses["final"](target, logits))) - expected) < 1e-5
