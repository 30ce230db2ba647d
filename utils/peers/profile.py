"""Where the time of a network goes: its operations, timed one by one by onnxruntime."""

import json
import math
import statistics
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from utils.analysis.report import Percent, format_table
from utils.export.formats import export
from utils.peers.gemm import make_product

_BLOCK = 16  # channels that onnxruntime holds together, at most
_ENDINGS = ("_kernel_time", "_nchwc")  # what onnxruntime adds to names


class Step(NamedTuple):
    """One operation, activation and normalisation that were folded into it included.

    name: of the layer that it ends with.
    kind: ONNX's name of the operation.
    seconds: of one call, the median.
    multiply_adds: of one call; 0 of what multiplies no matrices.
    """

    name: str
    kind: str
    seconds: float
    multiply_adds: int


def profile_network(network, pictures=256, rounds=5):
    """Times the operations of a network's float32 export on all cores.

    Args:
        network: `model.KoOCR` that can be exported to ONNX.
        pictures: read at once.
        rounds: calls, after one that is not counted.

    Returns:
        List of `Step`, in order; and the multiply-adds a second of the engine's own
        matrix product, the best of as many calls.

    Raises:
        ValueError: ONNX has no counterpart of a layer.
        ImportError: onnx or onnxruntime is not installed.
    """
    size = network.config.image_size
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (pictures, size, size, 1)).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network_float32.onnx"
        export(network, path, "float32")
        events, kernels = _record(path, images, rounds + 1), _kernels(path)
    product, work = make_product("onnx", "float32", 0)
    limit = work / min(_seconds(product) for _ in range(rounds + 1))
    return _steps(events, rounds + 1, kernels), limit


def _record(path, images, calls):
    """Returns the events that onnxruntime records of so many calls."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.enable_profiling = True
    options.profile_file_prefix = str(path.with_suffix(""))
    session = onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"]
    )
    for _ in range(calls):
        session.run(None, {"images": images})
    return json.loads(Path(session.end_profiling()).read_text(encoding="utf-8"))


def _kernels(path):
    """Returns the shapes of a file's convolution kernels, in order of use."""
    import onnx

    graph = onnx.load(path).graph
    shapes = {each.name: tuple(each.dims) for each in graph.initializer}
    return [shapes[node.input[1]] for node in graph.node if node.op_type == "Conv"]


def _steps(events, calls, kernels):
    """Returns a `Step` for every operation; the first call is left out."""
    nodes = [each for each in events if each.get("cat") == "Node"]
    nodes = [each for each in nodes if each["name"].endswith(_ENDINGS[0])]
    count = len(nodes) // calls
    steps = []
    for place, node in enumerate(nodes[:count]):
        times = [each["dur"] / 1e6 for each in nodes[place + count :: count]]
        kind = node["args"]["op_name"]
        name = node["name"]
        for ending in _ENDINGS:
            name = name.removesuffix(ending)
        work = _multiply_adds(kind, node["args"], kernels)
        steps.append(Step(name, kind, statistics.median(times), work))
    return steps


def _multiply_adds(kind, facts, kernels):
    """Counts the multiply-adds of a call by the shapes that went in and out.

    The kernel of a convolution is taken out of `kernels`.
    """
    taken, given = (
        [shape for each in facts[key] for shape in each.values()]
        for key in ("input_type_shape", "output_type_shape")
    )
    if kind == "Conv":
        pictures, _, *places = given[0]
        return pictures * math.prod(places) * math.prod(_take(kernels, taken[1]))
    if kind == "Gemm":
        return math.prod(given[0]) * taken[0][-1]
    return 0


def _take(kernels, filled):
    """Takes out the first kernel that onnxruntime may have filled up to a shape.

    Where the processor adds sixteen numbers at once, 40 channels become 48 of which 8
    are zeros: work that is done, but is not the network's.
    """
    for place, kernel in enumerate(kernels):
        gaps = [more - own for more, own in zip(filled[:2], kernel[:2], strict=True)]
        if all(0 <= gap < _BLOCK for gap in gaps) and list(kernel[2:]) == filled[2:]:
            return kernels.pop(place)
    return filled


def _seconds(function):
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def profile_table(steps, limit, pictures, least=0.01):
    """Returns the table that people read.

    Args:
        steps: list of `Step`.
        limit: multiply-adds a second that the engine reaches at best.
        pictures: of a call.
        least: share of the time below which operations are counted together.
    """
    total = sum(step.seconds for step in steps)
    shown = [step for step in steps if step.seconds >= least * total]
    rest = [step for step in steps if step.seconds < least * total]
    head = ("operation", "kind", "ms a picture", "% of time", "Gmac/s", "% of GEMM")
    rows = [_row(step, total, limit, pictures) for step in shown]
    for name, part in ((f"{len(rest)} others", rest), ("all", steps)):
        seconds = sum(step.seconds for step in part)
        work = sum(step.multiply_adds for step in part)
        if part:
            rows.append(_row(Step(name, "", seconds, work), total, limit, pictures))
    return format_table(head, rows)


def _row(step, total, limit, pictures):
    speed = step.multiply_adds / step.seconds
    return (
        step.name,
        step.kind,
        f"{1000 * step.seconds / pictures:.3f}",
        Percent(step.seconds / total),
        f"{speed / 1e9:.1f}" if speed else "-",
        str(Percent(speed / limit)) if speed else "-",
    )
