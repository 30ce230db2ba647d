"""Many threads, and other processes, on one network."""

import copy
import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model import KoOCR

THREADS, CALLS = 8, 48


@pytest.fixture(scope="module")
def pictures():
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(CALLS):
        picture = np.full((24, 24), 255, np.uint8)
        picture[4:20, 4:20] = rng.integers(0, 256, (16, 16))
        pictures.append(picture)
    return pictures


@pytest.fixture(scope="module", params=["keras", "onnx"])
def network(request, tiny_network, tmp_path_factory):
    options = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
    network = KoOCR(weights=None, **options)
    # Far from even, so that an answer to another picture would show.
    kernel = network.model.get_layer("initial_logits").kernel
    kernel.assign(np.random.default_rng(1).normal(size=kernel.shape))
    if request.param == "keras":
        return network
    return export_to(tmp_path_factory.mktemp("export") / "net.onnx", network)


def export_to(path, network):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnx")
    export = pytest.importorskip("utils.export.formats").export
    export(network, path, "float32")
    return KoOCR(path, engine="onnx", threads=1)


def ask(network, picture):
    return network.predict(picture, n=3, scores=True)


def test_threads_get_the_answers_of_one_by_one(network, pictures):
    expected = [ask(network, picture) for picture in pictures]
    assert len({answer[0] for answer in map(tuple, expected)}) > CALLS // 4
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(2):
            found = list(pool.map(lambda picture: ask(network, picture), pictures))
            for ours, theirs in zip(found, expected, strict=True):
                assert [each[0] for each in ours] == [each[0] for each in theirs]
                np.testing.assert_allclose(
                    [each[1] for each in ours], [each[1] for each in theirs], rtol=1e-5
                )


def test_the_first_calls_may_come_together(tiny_network, pictures):
    options = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
    network = KoOCR(weights=None, **options)  # nothing is compiled yet
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda picture: ask(network, picture), pictures))
    assert [each[0][0] for each in found] == [
        ask(network, picture)[0][0] for picture in pictures
    ]


OF_MANY_THREADS = """
from concurrent.futures import ThreadPoolExecutor
import numpy as np
from model import KoOCR
network = KoOCR(weights=None, network="compact", fc_link="GWAP", image_size=16)
pictures = np.random.default_rng(0).integers(0, 256, (24, 20, 20), np.uint8)
with ThreadPoolExecutor(8) as pool:
    found = list(pool.map(network.predict, pictures))
assert found == [network.predict(picture) for picture in pictures]
"""


def test_threads_of_jax_take_turns():
    pytest.importorskip("jax")
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    root = Path(__file__).parents[1]
    command = [sys.executable, "-c", OF_MANY_THREADS]
    subprocess.run(command, check=True, cwd=root, env=environment, timeout=300)


@pytest.mark.parametrize("engine", ["keras", "onnx"])
def test_a_pickled_network_reads_in_any_process(
    engine, tiny_network, pictures, tmp_path
):
    if engine == "keras":  # of layers that the other process knows
        options = {"network": "compact", "fc_link": "GWAP", "image_size": 16}
        network = KoOCR(weights=None, **options)
    else:
        options = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
        made = KoOCR(weights=None, **options)
        network = export_to(tmp_path / "net.onnx", made)
    path = tmp_path / "network.pickle"
    path.write_bytes(pickle.dumps(network))
    code = (
        "import pickle, sys, numpy as np; from pathlib import Path\n"
        "network = pickle.loads(Path(sys.argv[1]).read_bytes())\n"
        "picture = np.load(sys.argv[2])\n"
        "print(ascii(network.predict(picture, n=3)))"
    )
    np.save(tmp_path / "picture.npy", pictures[0])
    command = [sys.executable, "-c", code, path, tmp_path / "picture.npy"]
    root = Path(__file__).parents[1]
    done = subprocess.run(
        command, check=True, cwd=root, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.strip() == ascii(network.predict(pictures[0], n=3))


def test_a_copy_is_one_network_and_its_own(tiny_network, pictures):
    options = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
    network = KoOCR(weights=None, **options)
    before = ask(network, pictures[0])
    twin = copy.deepcopy(network)
    assert ask(twin, pictures[0]) == before
    for name in ("tiny_last", "initial_logits"):
        assert twin.model.get_layer(name) is twin.training_model.get_layer(name)
        assert twin.model.get_layer(name) is not network.model.get_layer(name)
    kernel = twin.training_model.get_layer("initial_logits").kernel
    kernel.assign(np.random.default_rng(1).normal(size=kernel.shape))
    assert ask(twin, pictures[0]) != before == ask(network, pictures[0])


def test_a_pickle_holds_each_weight_once():
    options = {"network": "compact", "fc_link": "GWAP", "image_size": 16}
    network = KoOCR(weights=None, **options)
    size = sum(weight.nbytes for weight in network.training_model.get_weights())
    assert size < len(pickle.dumps(network)) < 1.2 * size


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("asked", ["predict", "save", "train"])
def test_a_network_sent_to_a_forked_worker_says_so(tiny_network, pictures, asked):
    options = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
    call = getattr(KoOCR(weights=None, **options), asked)
    given = {"predict": [pictures[0]], "save": ["a.weights.h5"], "train": []}[asked]
    with multiprocessing.get_context("fork").Pool(1) as pool:
        answer = pool.apply_async(call, given)
        with pytest.raises(RuntimeError, match="was built in process .* spawn"):
            answer.get(timeout=60)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("asked", ["predict", "build"])
def test_a_forked_child_is_told_rather_than_left_hanging(tiny_network, pictures, asked):
    options = {"network": tiny_network, "fc_link": "GWAP", "image_size": 16}
    network = KoOCR(weights=None, **options)
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            other = KoOCR(weights=None, **options) if asked == "build" else network
            other.predict(pictures[0])
        except RuntimeError as error:
            os.write(write, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    said = os.read(read, 1000).decode()
    os.close(read)
    assert "was built in process" in said and "spawn" in said
    assert network.predict(pictures[0])  # the parent reads on


def test_spawned_workers_read_on_their_own(network, pictures):
    if not hasattr(network, "network"):
        pytest.skip("one engine is enough; this one starts faster")
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        tasks = [(str(network.network.path), picture) for picture in pictures[:4]]
        found = pool.starmap(read_in_worker, tasks)
    assert found == [network.predict(picture, n=3) for picture in pictures[:4]]


def read_in_worker(path, picture):
    return KoOCR(path, engine="onnx", threads=1).predict(picture, n=3)
