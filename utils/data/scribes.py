"""Invented hands: where each puts its jamo and how it writes their strokes."""

import numpy as np

from utils.data.jamo_strokes import MEDIAL_PARTS, PAIRS, shapes
from utils.hangul import COMPONENTS, NO_FINAL, split_syllables

STEP = 0.015  # of a syllable's height between points of a finished stroke
_REACH = 0.45  # of the height: no pen stays down farther than that


class Scribe:
    """A hand that was never there: habits drawn once, kept for all that it writes.

    Args:
        rng: `numpy.random.Generator`, of the habits.
    """

    def __init__(self, rng):
        self.likes = rng.random(64)  # which shape of each jamo
        self.faithful = rng.uniform(0.6, 1)  # probability of the shape it likes
        self.joins = rng.uniform(0, 0.7) if rng.random() < 0.6 else 0.0
        self.joins_jamo = self.joins * rng.uniform(0, 0.6)
        self.light = rng.uniform(0.4, 1)  # width of what joins, in parts of strokes'
        self.rounding = rng.uniform(0, 0.08)
        self.jitter = rng.uniform(0.01, 0.065)
        self.bow = rng.normal(0, 0.05)
        self.tremor = rng.uniform(0, 0.006)
        self.overshoot = rng.uniform(-0.05, 0.08)
        self.tilt = np.deg2rad(np.clip(rng.normal(-4, 5), -16, 8))
        self.slant = np.clip(rng.normal(-0.02, 0.13), -0.35, 0.3)
        self.aspect = np.exp(np.clip(rng.normal(-0.12, 0.2), -0.6, 0.35))
        self.wander = rng.uniform(0.01, 0.04)  # how uneven its layout is
        self.beside = rng.uniform(0.48, 0.66)  # where a medial beside begins
        self.beside_gap = rng.uniform(-0.06, 0.14)
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
        self.hangs = rng.uniform(0.4, 1) if rng.random() < 0.4 else 0.0  # its finals
        self.hung_width = rng.uniform(0.25, 0.6)
        self.hung_joins = rng.uniform(0.2, 1)

    def write(self, syllable, rng):
        """Writes a syllable.

        Args:
            syllable: one modern Hangul syllable.
            rng: `numpy.random.Generator`: no hand writes the same twice.

        Returns:
            List of strokes, `float32` (points, 3): x and y in heights of the syllable,
            about its middle, y downward, and the pressure, 0 to 1.
        """
        strokes, jamo = [], -1
        for part, box, last in self._place(syllable, rng):
            jamo += 1
            if last and rng.random() < self.hangs:
                strokes += self._hang(part, box, strokes, jamo, rng)
                continue
            for stroke in self._shape(part, box, rng):
                stroke = np.column_stack([stroke, np.ones(len(stroke))])
                if strokes and self._stays_down(strokes[-1], stroke, jamo, rng):
                    strokes[-1] = (jamo, self._joined(strokes[-1][1], stroke))
                else:
                    strokes.append((jamo, stroke))
        return [self._finish(stroke, rng) for _, stroke in strokes]

    def _hang(self, part, box, strokes, jamo, rng):
        """Writes a final from the foot of the medial's upright, as hands in haste do.

        The upright runs on into it where the pen stays down: its stroke in `strokes`
        is replaced. Below a medial without an upright a final stands where it would.
        """
        place, foot = _foot(strokes, jamo - 1)
        if foot is not None:
            left = foot[0] + rng.normal(-0.03, 0.03)
            top = foot[1] + rng.normal(0, 0.02)
            box = (left, top, left + self.hung_width, top + self.final)
        written = [
            np.column_stack([stroke, np.ones(len(stroke))])
            for stroke in self._shape(part, box, rng)
        ]
        if foot is not None and rng.random() < self.hung_joins:
            joined = self._joined(strokes[place][1], written.pop(0))
            strokes[place] = (jamo, joined)
        return [(jamo, stroke) for stroke in written]

    def _place(self, syllable, rng):
        """Returns (jamo, box, whether it can hang) of each part in writing order.

        Boxes are x0, y0, x1, y1. What can hang is a final that is no pair.
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
        gap = self.beside_gap / 2 if beside else 0.0
        boxes = [(initial, (margin, top, right - gap - margin, level))]
        if below:
            start = level + self.below_gap * bottom
            boxes.append((below, (0, start, right, bottom * (0.95 if beside else 1))))
        if beside:
            end = bottom * self.descends if final == NO_FINAL else bottom
            boxes.append((beside, (right + gap, self.short * end / 2, 1, end)))
        if final != NO_FINAL:
            start = bottom + self.final_gap
            boxes.append((final, (self.final_left, start, self.final_right, 1.02)))
        return [
            (*piece, jamo == final and jamo not in PAIRS and box is boxes[-1][1])
            for jamo, box in boxes
            for piece in self._split(jamo, box + rng.normal(0, self.wander, 4), rng)
        ]

    def _beside_from(self, medial):
        """Where a medial beside the initial begins: two bars need more room."""
        if medial == "ㅣ":
            return self.beside + 0.1
        return self.beside - (0.06 if medial in "ㅐㅒㅔㅖ" else 0)

    def _split(self, jamo, box, rng):
        """Returns a jamo with its box, or both of a pair with theirs."""
        if jamo not in PAIRS:
            return [(jamo, box)]
        x0, y0, x1, y1 = box
        middle = x0 + (x1 - x0) * (self.pair + rng.normal(0, 0.03))
        first, second = PAIRS[jamo]
        gap = 0.06 * (x1 - x0)
        return [(first, (x0, y0, middle - gap, y1)), (second, (middle, y0, x1, y1))]

    def _shape(self, jamo, box, rng):
        """Returns the strokes of a jamo in its box."""
        ways = shapes(jamo)
        like = self.likes[ord(jamo) % len(self.likes)]
        if rng.random() > self.faithful:
            like = rng.random()
        x0, y0, x1, y1 = box
        size = np.array([max(x1 - x0, 0.08), max(y1 - y0, 0.08)], np.float32)
        strokes = []
        for points in ways[int(like * len(ways))]:
            # Rings would turn into stars.
            loose = 0.3 if len(points) > 8 else 1.0
            moved = points + rng.normal(0, self.jitter * loose, points.shape)
            moved = moved + rng.normal(0, self.jitter * 0.7, 2)
            if len(points) <= 8:
                moved = self._overshot(moved, rng)
            strokes.append(np.array([x0, y0]) + moved * size)
        return strokes

    def _overshot(self, points, rng):
        """Lets a stroke end later or sooner than it should."""
        points = points.copy()
        share = np.clip(self.overshoot + rng.normal(0, 0.05), -0.15, 0.25)
        points[-1] += share * (points[-1] - points[-2])
        return points

    def _stays_down(self, before, stroke, jamo, rng):
        """Tells whether the pen stays down on its way to a stroke."""
        likely = self.joins if before[0] == jamo else self.joins_jamo
        way = np.hypot(*(stroke[0, :2] - before[1][-1, :2]))
        return way < _REACH and rng.random() < likely

    def _joined(self, first, second):
        """Joins two strokes by a lighter one."""
        middle = (first[-1] + second[0]) / 2
        middle[2] = self.light
        return np.concatenate([first, middle[None], second])

    def _finish(self, stroke, rng):
        """Bows, rounds and turns a stroke, as dense points."""
        dense = _resample(stroke, rng)
        along = np.linspace(0, np.pi, len(dense))
        across = (dense[-1, :2] - dense[0, :2])[::-1] * (1, -1)
        bow = self.bow + rng.normal(0, 0.03)
        dense[:, :2] += np.sin(along)[:, None] * across * bow
        noise = rng.normal(0, self.tremor, (len(dense), 2))
        dense[:, :2] += _smooth(noise, 0.04) * 4
        dense[:, :2] = _smooth(dense[:, :2], self.rounding)
        dense[:, :2] = (dense[:, :2] - 0.5) @ self._turn(rng).T
        return dense.astype(np.float32)

    def _turn(self, rng):
        """Returns the 2 x 2 matrix of tilted horizontals, slanted uprights, aspect."""
        tilt = np.tan(self.tilt + rng.normal(0, 0.015))
        slant = self.slant + rng.normal(0, 0.02)
        return np.array([[1, slant], [tilt, 1]]) @ np.diag([self.aspect, 1])


def _foot(strokes, jamo):
    """Finds the upright of a medial: (place in `strokes`, its end), or (None, None)."""
    uprights = [
        (stroke[-1, 1], place)
        for place, (part, stroke) in enumerate(strokes)
        if part == jamo and _stands(stroke[:, :2])
    ]
    if not uprights:
        return None, None
    place = max(uprights)[1]
    return place, strokes[place][1][-1]


def _stands(points):
    """Tells whether a stroke ends in going down."""
    across, down = points[-1] - points[-2]
    return down > abs(across) and down > 0.15


def _resample(stroke, rng):
    """Returns a stroke (points, 3) with a point every `STEP`."""
    ways = np.hypot(*np.diff(stroke[:, :2], axis=0).T)
    place = np.concatenate([[0], np.cumsum(np.maximum(ways, 1e-6))])
    count = max(3, round(place[-1] / STEP) + 1)
    at = np.linspace(0, place[-1], count)
    return np.stack([np.interp(at, place, column) for column in stroke.T], 1)


def _smooth(points, width):
    """Smooths points (points, 2) along their stroke; its ends stay."""
    reach = min(int(3 * width / STEP), len(points) - 1)
    if reach < 1:
        return points
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP / width) ** 2)
    before = 2 * points[0] - points[reach:0:-1]
    after = 2 * points[-1] - points[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, points, after])
    columns = [np.convolve(c, kernel / kernel.sum(), "valid") for c in longer.T]
    return np.stack(columns, 1)
