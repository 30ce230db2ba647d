import keras
import numpy as np
import pytest

from utils.nn.directions import PLANES, DirectMap, direction_planes

ANGLES = np.arange(PLANES) * np.pi / 4
UNITS = np.stack([np.cos(ANGLES), np.sin(ANGLES)], axis=1)  # x, y downwards


def picture(seed=0, size=12):
    rng = np.random.default_rng(seed)
    return rng.random((2, size, size, 1), dtype=np.float32)


def planes_of(ink):
    return keras.ops.convert_to_numpy(direction_planes(ink))


def sobel(ink):
    """The gradient by loops over the nine neighbours, in double precision."""
    padded = np.pad(ink[..., 0].astype(float), ((0, 0), (1, 1), (1, 1)), "symmetric")
    height, width = ink.shape[1:3]
    x = y = 0.0
    for row, up in enumerate((1, 2, 1)):
        for column, side in enumerate((-1, 0, 1)):
            part = padded[:, row : row + height, column : column + width]
            x = x + up * side * part
            part = padded[:, column : column + height, row : row + width]
            y = y + up * side * part
    return np.stack([x, y], axis=-1) / 4


def test_planes_times_their_directions_are_the_gradient():
    ink = picture()
    planes = planes_of(ink)
    np.testing.assert_allclose(planes @ UNITS, sobel(ink), atol=1e-5)
    assert (planes >= 0).all()
    assert ((planes > 0).sum(axis=-1) <= 2).all()


def test_quarter_turn_moves_the_planes_by_two():
    ink = picture(1)
    turned = planes_of(np.ascontiguousarray(np.rot90(ink, axes=(1, 2))))
    # np.rot90 turns anticlockwise, from E towards N: back by two planes.
    expected = np.roll(np.rot90(planes_of(ink), axes=(1, 2)), -2, axis=-1)
    np.testing.assert_allclose(turned, expected, atol=1e-5)


def test_inversion_moves_the_planes_by_four():
    ink = picture(2)
    expected = np.roll(planes_of(ink), 4, axis=-1)
    np.testing.assert_allclose(planes_of(1 - ink), expected, atol=1e-5)


@pytest.mark.parametrize("level", [0.0, 0.3, 1.0])
def test_even_picture_has_no_direction(level):
    assert not planes_of(np.full((1, 9, 9, 1), level, np.float32)).any()


@pytest.mark.parametrize("raw", [False, True])
def test_layer_pools_the_planes_and_the_picture(raw):
    ink = picture(3)
    layer = DirectMap(raw=raw)
    found = keras.ops.convert_to_numpy(layer(ink))
    full = np.concatenate([planes_of(ink), ink], axis=-1)[..., : PLANES + raw]
    blocks = full.reshape(2, 6, 2, 6, 2, PLANES + raw).mean(axis=(2, 4))
    np.testing.assert_allclose(found, blocks, atol=1e-5)
    assert found.shape[1:] == layer.compute_output_shape((2, 12, 12, 1))[1:]
    assert not layer.weights
    again = DirectMap.from_config(layer.get_config())
    assert (again.raw, again.pool) == (raw, 2)
