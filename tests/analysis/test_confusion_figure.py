import numpy as np
import pytest

from utils.analysis import confusion_figure as module
from utils.analysis.confusion_figure import confusion_figure
from utils.hangul import COMPONENTS


@pytest.mark.parametrize("name", COMPONENTS)
def test_confusion_matrix_names_its_axes_in_hangul(name):
    classes = COMPONENTS[name]
    matrix = np.diag(np.arange(len(classes)) + 1)
    matrix[2, 0] = 12_345
    axes = confusion_figure(matrix, classes, "printed").axes[0]
    # Above and below the matrix, and on its left.
    assert [label.get_text() for label in axes.get_xticklabels()] == [*classes] * 2
    assert [label.get_text() for label in axes.get_yticklabels()] == [*classes]
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written[(0, 2)] == "12k"  # x is what was read, y the truth
    assert written[(5, 5)] == "6" and (1, 0) not in written
    shares = np.asarray(axes.images[0].get_array()) ** 2
    np.testing.assert_allclose(shares[2, 0], 12_345 / 12_348)


def test_counts_stay_short():
    shown = [module._short(n) for n in (0, 9999, 10_000, 999_499, 2_345_678)]
    assert shown == ["0", "9999", "10k", "999k", "2M"]


def test_confusion_matrix_must_fit_its_classes():
    with pytest.raises(ValueError, match=r"2 classes came for a matrix \(3, 3\)"):
        confusion_figure(np.zeros((3, 3)), "ㄱㄴ", "")
