"""Fewer and fewer different weights: adaptive drop-weight, and weight sharing.

Reference: Xiao, Jin, Yang, Yang, Sun, Chang (2017), sections 4.1 and 4.4,
https://arxiv.org/abs/1702.07975.
"""

import numpy as np
from keras import layers, ops

from utils.nn.low_rank import LowRankConv2D

_EVERY = 10  # steps between two rises of the threshold: I of algorithm 1


def heavy_variables(model):
    """Returns the kernels of convolutions, pairs and dense layers: most weights."""
    found = []
    for layer in model.layers:
        if isinstance(layer, LowRankConv2D):
            found += [layer.vertical, layer.horizontal]
        elif isinstance(layer, layers.Conv2D | layers.Dense):
            found.append(layer.kernel)
    return found


class DropWeight:
    """ADW: sets the smallest weights to zero, ever more of them, for good.

    `after_step` is to be called after every training step: momentum revives weights
    that were dropped. Algorithm 1 raises the share up to step T1 and holds it until T2.

    Args:
        variables: kernels to thin out.
        ratio: share of each that is dropped in the end, 0 to below 1.
        rising: steps over which it rises (T1), 1 or more.
    """

    def __init__(self, variables, ratio, rising):
        self.variables, self.ratio, self.rising = list(variables), ratio, rising
        # What is zero already stays so: a run that goes on finds its masks again.
        self._kept = [ops.convert_to_numpy(v) != 0 for v in self.variables]
        self._step = 0

    def after_step(self):
        """Drops what the step's threshold asks for, and what was dropped before."""
        self._step += 1
        share = self.ratio * min(1.0, self._step / self.rising)
        raise_now = self._step % _EVERY == 0 or self._step >= self.rising
        for place, variable in enumerate(self.variables):
            values = ops.convert_to_numpy(variable)
            if raise_now and self._step <= self.rising:
                self._kept[place] = _strongest(values * self._kept[place], share)
            variable.assign(values * self._kept[place])

    def dropped(self):
        """Returns the share of weights that are dropped now."""
        kept = sum(mask.sum() for mask in self._kept)
        return 1 - kept / sum(mask.size for mask in self._kept)


def _strongest(values, share):
    """Returns a mask without the given share of the smallest magnitudes."""
    count = round(share * values.size)
    mask = np.ones(values.size, bool)
    mask[np.argsort(np.abs(values), axis=None, kind="stable")[:count]] = False
    return mask.reshape(values.shape)


def share_weights(variables, clusters, seed=0):
    """Rounds the weights of each kernel to a few values, by k-means; zeros stay.

    Args:
        variables: kernels.
        clusters: values a kernel may keep, 1 or more.
        seed: of k-means.
    """
    from sklearn.cluster import KMeans

    for variable in variables:
        values = np.array(ops.convert_to_numpy(variable))
        alive = values[values != 0][:, None]
        if len(np.unique(alive)) <= clusters:
            continue
        # From the quantiles, the same each time; a sample settles the centres.
        start = np.quantile(alive, (np.arange(clusters) + 0.5) / clusters)[:, None]
        sample = np.random.default_rng(seed).permutation(alive)[:20_000]
        means = KMeans(clusters, init=start, n_init=1, max_iter=30).fit(sample)
        centres = np.sort(means.cluster_centers_[:, 0])
        places = np.searchsorted((centres[1:] + centres[:-1]) / 2, alive[:, 0])
        values[values != 0] = centres[places]
        variable.assign(values)
