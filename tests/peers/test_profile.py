import pytest

import benchmark
from model import KoOCR
from utils import benchmarking
from utils.analysis.speed.complexity import layer_multiply_adds, multiply_adds
from utils.peers.profile import Step, profile_network, profile_table


@pytest.fixture(scope="module")
def network():
    pytest.importorskip("onnxruntime")
    return KoOCR(weights=None, network="compact", fc_link="GWAP", image_size=32)


def test_every_multiplication_is_found(network):
    steps, limit = profile_network(network, pictures=3, rounds=2)
    work = sum(step.multiply_adds for step in steps)
    pooling = network.model.get_layer("pooling")  # multiplies place by place
    counted = multiply_adds(network.model) - layer_multiply_adds(pooling)
    assert work == 3 * counted  # layer by layer
    assert limit > 0 and all(step.seconds >= 0 for step in steps)
    convolutions = [step.name for step in steps if step.kind == "Conv"]
    assert convolutions[0] == "stem_relu" and convolutions[-1] == "features"


def test_the_table_adds_up():
    steps = [
        Step("first", "Conv", 0.010, 10**9),
        Step("cast", "Cast", 0.0001, 0),
        Step("second", "Gemm", 0.0298, 10**8),
        Step("softmax", "Softmax", 0.0001, 0),
    ]
    lines = profile_table(steps, 2e11, pictures=10).splitlines()
    rows = [line.split() for line in lines[1:]]
    assert rows == [
        ["first", "Conv", "1.000", "25.00", "100.0", "50.00"],
        ["second", "Gemm", "2.980", "74.50", "3.4", "1.68"],
        ["2", "others", "0.020", "0.50", "-", "-"],
        ["all", "4.000", "100.00", "27.5", "13.75"],
    ]


def test_the_script_prints_it(network, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(benchmarking, "BATCH", 2)
    network.save(tmp_path / "net.weights.h5")
    weights = f"--weights={tmp_path / 'net.weights.h5'}"
    assert benchmark.main(["--profile=true", "--rounds=1", weights]) == 0
    printed = capsys.readouterr().out
    assert "Conv" in printed and "% of GEMM" in printed
