"""Positions of the jamo of a syllable in synthetic handwriting."""

from utils.data.hands.jamo_strokes import MEDIAL_PARTS, PAIRS, shapes
from utils.hangul import COMPONENTS, NO_FINAL, split_syllables


class Layout:
    """The positions of jamo in one hand: drawn once, used for all that it writes.

    Lengths are in parts of a syllable's box.

    Args:
        rng: `numpy.random.Generator`, from which they are drawn.
    """

    def __init__(self, rng):
        self.wander = rng.uniform(0.01, 0.04)  # how uneven its layout is
        self.beside = rng.uniform(0.48, 0.66)  # where a medial beside begins
        self.beside_gap = rng.uniform(-0.12, 0.13)
        self.below = rng.uniform(0.45, 0.66)  # where a medial below begins
        self.below_gap = rng.uniform(-0.06, 0.1)
        self.final = rng.uniform(0.2, 0.5)  # height of a final
        self.final_gap = rng.uniform(-0.12, 0.08)
        self.final_left = rng.uniform(0, 0.35)
        self.final_right = rng.uniform(0.75, 1.05)
        self.initial_top = rng.uniform(0, 0.2)
        self.initial_bottom = rng.uniform(0.65, 1)
        self.narrower = rng.uniform(0, 0.24)  # an initial than the medial below it
        self.short = rng.uniform(0, 0.3) if rng.random() < 0.3 else 0.0  # uprights
        self.descends = rng.uniform(0.95, 1.12)  # a medial beside, without a final
        self.pair = rng.uniform(0.46, 0.56)  # where the second of a pair begins
        self.runs_on = rng.uniform(0, 1)  # probability that ㅜ's stem is ㅅ's first
        self.shares = rng.uniform(0, 0.8)  # probability that both of a pair are one

    def place(self, syllable, rng):
        """Returns (jamo, box, can_hang) of each part in writing order.

        A final that is no double consonant can hang from the medial, see
        `scribes.Scribe`.

        Args:
            syllable: a modern Hangul syllable.
            rng: `numpy.random.Generator`, for what differs each time.

        Returns:
            List of such tuples; a box is x0, y0, x1, y1, from the upper left corner.

        Raises:
            ValueError: it is no such syllable.
        """
        parts = split_syllables([syllable])
        initial, medial, final = (
            names[int(parts[head][0])] for head, names in COMPONENTS.items()
        )
        below, beside = MEDIAL_PARTS[medial]
        bottom = 1.0 if final == NO_FINAL else 1 - self.final
        right = self._beside_from(beside) if beside else 1.0
        level = self.below * bottom if below else self.initial_bottom * bottom
        top = 0.0 if below else self.initial_top * bottom
        margin = self.narrower if below and not beside else 0.0
        gap = self._gap_beside(beside) / 2 if beside else 0.0
        boxes = [(initial, (margin, top, right - gap - margin, level))]
        if below:
            start = level + self.below_gap * bottom
            boxes.append((below, (0, start, right, bottom * (0.95 if beside else 1))))
        if beside:
            end = bottom * self.descends if final == NO_FINAL else bottom
            boxes.append((beside, (right + gap, self.short * end / 2, 1, end)))
        if final != NO_FINAL:
            start = bottom + self._gap_above_final(below, final, rng)
            # A narrow ㄱ in the middle would be the stem of ㅜ.
            left = self.final_left * (1 if beside else 0.4)
            boxes.append((final, (left, start, self.final_right, 1.02)))
        return [
            (*piece, jamo == final and jamo not in PAIRS and box is boxes[-1][1])
            for jamo, box in boxes
            for piece in self._split(jamo, box + rng.normal(0, self.wander, 4), rng)
        ]

    def _gap_beside(self, medial):
        """Returns the gap before a medial, below 0 if a short stroke may overlap it."""
        return self.beside_gap if medial[0] in "ㅓㅕㅔㅖ" else abs(self.beside_gap)

    def _gap_above_final(self, below, final, rng):
        """Returns the gap above a final; ㅜ and ㅠ need some, or run on into ㅅ."""
        if not below or below not in "ㅜㅠ":
            return self.final_gap
        if final in "ㅅㅆㅈㅊ" and rng.random() < self.runs_on:
            return self.final_gap - 0.06
        return max(self.final_gap, -0.02)

    def _beside_from(self, medial):
        """Returns where a medial beside the initial begins: earlier with two bars."""
        if medial == "ㅣ":
            return self.beside + 0.1
        return self.beside - (0.06 if medial[0] in "ㅐㅒㅔㅖ" else 0)

    def _split(self, jamo, box, rng):
        """Returns (jamo, box) of a jamo, or of both consonants of a pair."""
        if jamo not in PAIRS or (shapes(jamo) and rng.random() < self.shares):
            return [(jamo, box)]
        x0, y0, x1, y1 = box
        middle = x0 + (x1 - x0) * (self.pair + rng.normal(0, 0.03))
        first, second = PAIRS[jamo]
        gap = 0.06 * (x1 - x0)
        return [(first, (x0, y0, middle - gap, y1)), (second, (middle, y0, x1, y1))]
