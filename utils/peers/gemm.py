"""What an engine multiplies at best: one large matrix product, measured."""

import numpy as np

_SIDE = 1024  # of the matrices: three of them lie in a second-level cache's reach


def make_product(kind, precision, threads):
    """Returns (function, multiply-adds): one call multiplies two square matrices.

    Args:
        kind: of a `contestants.Contestant`.
        precision: `int8` multiplies 8-bit integers, anything else `float32`.
        threads: of the processor that it may use; 0 takes all cores.

    Returns:
        None for a kind that multiplies no matrices here.
    """
    if kind == "tesseract":
        return None
    rng = np.random.default_rng(0)
    if kind == "onnx":
        return _onnx_product(rng, precision, threads), _SIDE**3
    from utils.backend import keras

    left, right = rng.normal(size=(2, _SIDE, _SIDE)).astype(np.float32)
    layer = keras.layers.Dense(_SIDE, use_bias=False)
    layer.build(left.shape)
    layer.set_weights([right])
    images = keras.Input((_SIDE,))
    model = keras.Model(images, layer(images))
    return lambda: model.predict_on_batch(left), _SIDE**3


def _onnx_product(rng, precision, threads):
    """Returns a function that multiplies by onnxruntime."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    if precision == "int8":
        left = rng.integers(0, 256, (_SIDE, _SIDE)).astype(np.uint8)
        right = rng.integers(-64, 64, (_SIDE, _SIDE)).astype(np.int8)
        operator, result = "MatMulInteger", TensorProto.INT32
    else:
        left, right = rng.normal(size=(2, _SIDE, _SIDE)).astype(np.float32)
        operator, result = "MatMul", TensorProto.FLOAT
    shape = [_SIDE, _SIDE]
    kind = helper.np_dtype_to_tensor_dtype(left.dtype)
    graph = helper.make_graph(
        [helper.make_node(operator, ["left", "right"], ["product"])],
        "product",
        [helper.make_tensor_value_info("left", kind, shape)],
        [helper.make_tensor_value_info("product", result, shape)],
        [numpy_helper.from_array(right, "right")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    return lambda: session.run(None, {"left": left})
