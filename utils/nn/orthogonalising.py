"""Matrices -> matrices whose singular values are all near one."""

from keras import ops


def orthogonalise(matrix, steps):
    """Brings all singular values of a matrix near one, by Newton-Schulz iteration.

    The iteration of Muon, X <- a X + (b A + c A^2) X with A = X X^T, but carried out on
    A, the small square side, alone: its factors are polynomials in A and commute, so
    that their product is applied to X once. On long matrices that takes two to three
    times fewer operations.

    Args:
        matrix: float tensor (rows, columns).
        steps: iterations, 1 or more.

    Returns:
        Float tensor (rows, columns).
    """
    a, b, c = 3.4445, -4.7750, 2.0315  # Jordan et al. (2024)
    tall = matrix.shape[0] > matrix.shape[1]
    x = ops.transpose(matrix) if tall else matrix
    x = x / (ops.norm(x) + 1e-7)
    gram = ops.matmul(x, ops.transpose(x))
    product = identity = ops.eye(gram.shape[0], dtype=gram.dtype)
    for _ in range(steps):
        factor = a * identity + b * gram + c * ops.matmul(gram, gram)
        product = ops.matmul(factor, product)
        gram = ops.matmul(ops.matmul(factor, gram), factor)
    x = ops.matmul(product, x)
    return ops.transpose(x) if tall else x
