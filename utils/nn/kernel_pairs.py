"""Kernel of a convolution -> rank of its pair of thin ones, and the pair nearest to it.

Reference: Xiao, Jin, Yang, Yang, Sun, Chang: Building Fast and Compact Convolutional
Neural Networks for Offline Handwritten Chinese Character Recognition (2017), section 3,
https://arxiv.org/abs/1702.07975.
"""

import numpy as np


def rank_for(speedup, kernel_shape):
    """Returns the rank at which a pair costs a given part of its convolution.

    C N K / ((C + N) x) for a speed-up of x: equation 5 of the paper where width stays.

    Args:
        speedup: how many times fewer multiply-adds, more than 0.
        kernel_shape: (k, k, channels in, channels out).

    Returns:
        The rank, 1 up to the full one.
    """
    size, _, channels, filters = kernel_shape
    rank = channels * filters * size / ((channels + filters) * speedup)
    return max(1, min(int(rank), size * min(channels, filters)))


def split_kernel(kernel, rank):
    """Splits a kernel into the pair nearest to it.

    Args:
        kernel: (k, k, channels in, channels out), vertical first.
        rank: of the pair.

    Returns:
        (vertical, horizontal): `float32` (k, 1, channels in, rank) and
        (1, k, rank, channels out). At full rank their convolution is the kernel's.
    """
    size, _, channels, filters = kernel.shape
    matrix = kernel.transpose(0, 2, 1, 3).reshape(size * channels, size * filters)
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    root = np.sqrt(values[:rank])
    vertical = (left[:, :rank] * root).reshape(size, 1, channels, rank)
    horizontal = (root[:, None] * right[:rank]).reshape(rank, size, filters)
    horizontal = horizontal.transpose(1, 0, 2)[None]
    return vertical.astype(np.float32), horizontal.astype(np.float32)
