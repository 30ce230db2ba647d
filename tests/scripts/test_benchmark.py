import numpy as np
import pytest

import benchmark
from model import KoOCR
from utils.data.patches import write_patch


@pytest.fixture
def data(tmp_path, tiny_network):
    images = np.random.default_rng(0).integers(0, 256, (12, 20, 20)).astype(np.uint8)
    write_patch(tmp_path / "printed_0.pickle", images, list("가나다라마바사아자차카타"))
    options = {"network": tiny_network, "fc_link": "GAP", "image_size": 16}
    KoOCR(weights=None, **options).save(tmp_path / "net.weights.h5")
    KoOCR(weights=None, network=tiny_network, image_size=16, decoder="sequence").save(
        tmp_path / "sequence.weights.h5"
    )
    return tmp_path


def run(folder, *flags, weights="net"):
    path = folder / f"{weights}.weights.h5"
    return benchmark.main([f"--data_path={folder}", f"--weights={path}", *flags])


def test_both_tables_have_a_ratio(data, capsys):
    # More steps than the data has batches: it goes round.
    flags = ("--feeding", "--prediction", "--steps=4", "--batch_size=4")
    assert run(data, *flags) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    numbers = [float(row[-1]) for row in rows if row[-1][0].isdigit()]
    assert len(numbers) == 4 and min(numbers) > 0
    assert numbers[2] == 1.0  # memory against itself


def test_what_cannot_be_measured_says_why(data, capsys):
    with pytest.raises(SystemExit):
        run(data)
    assert "Nothing to measure" in capsys.readouterr().err
    assert run(data, "--feeding", weights="sequence") == 1
    assert "decoder=sequence trains on more than pictures" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--preparation", "--seeds=9"], "seeds=9 is for methods; set methods=true"),
        (["--feeding", "--max_images=3"], "max_images=3 is for peers or lines; set"),
        (["--peers", "--batch_size=5"], "batch_size=5 is for feeding; set"),
        (["--methods", "--rounds=7"], "rounds=7 is for peers or profile; set"),
        (["--preparation", "--data_path=x"], "data_path='x' is for feeding or predic"),
    ],
)
def test_options_that_would_be_ignored(flags, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        benchmark.main(flags)
    assert message in capsys.readouterr().err


def test_preparation_has_a_row_for_every_kind(data, capsys):
    weights = data / "net.weights.h5"
    assert benchmark.main(["--preparation", f"--weights={weights}"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert "3464 x 3464" in header and len(rows) == 7
    for row in rows:
        small, middle, large = map(float, row.split()[-3:])
        assert 0 < small and 0 < middle and small < large
