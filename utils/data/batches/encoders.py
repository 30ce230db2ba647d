"""Labels -> dicts of class indices, keyed by the network's outputs."""

import numpy as np

from utils.hangul import FLAT_HEAD, split_syllables


class JamoEncoder:
    """Encodes labels as a dict of jamo indices, `int32` (batch,) a component."""

    def __call__(self, labels):
        """Returns the targets of an array of labels."""
        return split_syllables(labels)


class SyllableEncoder:
    """Encodes labels as places in a charset: {'syllable': `int32` (batch,)}.

    Args:
        charset: the syllables, in the order of the classes.
    """

    def __init__(self, charset):
        self._places = {syllable: place for place, syllable in enumerate(charset)}

    def __call__(self, labels):
        """Returns the targets of an array of labels.

        Raises:
            ValueError: some are not in the charset.
        """
        unknown = sorted(set(labels.tolist()) - set(self._places))
        if unknown:
            raise ValueError(
                f"{len(unknown)} labels are not in the charset, such as "
                f"{''.join(unknown[:10])}; train on patches of the charset, or choose "
                "charset=all."
            )
        places = [self._places[label] for label in labels.tolist()]
        return {FLAT_HEAD: np.array(places, np.int32)}
