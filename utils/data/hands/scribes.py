"""Synthetic writers: how each writes the strokes of a syllable."""

import numpy as np

from utils.data.hands.jamo_strokes import shapes
from utils.data.hands.layouts import Layout
from utils.data.hands.strokes import flow, resample, smooth

_TWO_STROKE_MEDIALS = tuple("ㅑㅒㅕㅖㅛㅠ")  # with two short strokes side by side
_MAX_JOIN_LENGTH = 0.45  # of the height: no pen stays down over a longer way


class Scribe:
    """A synthetic writer: habits drawn once, used for all that it writes.

    Args:
        rng: `numpy.random.Generator`, from which the habits are drawn.
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
        self.tilt = np.deg2rad(np.clip(rng.normal(-6, 7), -26, 8))
        self.slant = np.clip(rng.normal(-0.02, 0.13), -0.35, 0.3)
        self.aspect = np.exp(np.clip(rng.normal(-0.12, 0.2), -0.6, 0.35))
        self.layout = Layout(rng)
        self.hangs = rng.uniform(0.4, 1) if rng.random() < 0.4 else 0.0  # its finals
        self.hung_width = rng.uniform(0.25, 0.6)
        self.hung_joins = rng.uniform(0.2, 1)
        self.hung_left = rng.uniform(0, 1)  # of its width, left of the upright
        self.hung_giyeok = rng.uniform(0.3, 1)  # width of ㄱ that hangs, of that
        self.haste = rng.uniform(0.4, 2.5) if rng.random() < 0.85 else 0.0
        self.lift = rng.uniform(0.05, 0.6)

    def write(self, syllable, rng):
        """Writes a syllable.

        Args:
            syllable: one modern Hangul syllable.
            rng: `numpy.random.Generator`, for what differs each time.

        Returns:
            List of strokes, `float32` (points, 3): x and y in heights of the syllable,
            about its middle, y downward, and the pressure, 0 to 1.
        """
        strokes, jamo = [], -1
        for part, box, last in self.layout.place(syllable, rng):
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
        strokes = [self._finish(stroke, rng) for _, stroke in strokes]
        if self.haste:
            haste = self.haste * rng.uniform(0.7, 1.2)
            strokes = flow(strokes, haste, self.lift, self.light)
        return [stroke.astype(np.float32) for stroke in strokes]

    def _hang(self, part, box, strokes, jamo, rng):
        """Writes a final from the foot of the medial's upright, as fast writers do.

        Where the pen stays down, the upright runs on into it: then its stroke in
        `strokes` is replaced. Below a medial without upright the final stays in its
        box.
        """
        place, foot = _foot(strokes, jamo - 1)
        if foot is not None:
            width = self.hung_width * (self.hung_giyeok if part == "ㄱ" else 1)
            left = foot[0] - self.hung_left * width + rng.normal(-0.03, 0.03)
            top = foot[1] + rng.normal(0, 0.02)
            box = (left, top, left + width, top + self.layout.final)
        written = [
            np.column_stack([stroke, np.ones(len(stroke))])
            for stroke in self._shape(part, box, rng)
        ]
        if foot is not None and rng.random() < self.hung_joins:
            joined = self._joined(strokes[place][1], written.pop(0))
            strokes[place] = (jamo, joined)
        return [(jamo, stroke) for stroke in written]

    def _shape(self, jamo, box, rng):
        """Returns the strokes of a jamo in its box."""
        ways = shapes(jamo)
        like = self.likes[ord(jamo[0]) % len(self.likes)]
        if rng.random() > self.faithful:
            like = rng.random()
        x0, y0, x1, y1 = box
        size = np.array([max(x1 - x0, 0.08), max(y1 - y0, 0.08)], np.float32)
        strokes = []
        # Two short strokes side by side must not become one.
        apart = 0.3 if jamo in _TWO_STROKE_MEDIALS else 0.7
        for points in ways[int(like * len(ways))]:
            # Less noise for rings, which would look like stars.
            loose = 0.3 if len(points) > 8 else 1.0
            moved = points + rng.normal(0, self.jitter * loose, points.shape)
            moved = moved + rng.normal(0, self.jitter * apart, 2)
            if len(points) <= 8:
                moved = self._overshot(moved, rng)
            strokes.append(np.array([x0, y0]) + moved * size)
        return strokes

    def _overshot(self, points, rng):
        """Makes a stroke longer or shorter at its end."""
        points = points.copy()
        share = np.clip(self.overshoot + rng.normal(0, 0.05), -0.15, 0.25)
        points[-1] += share * (points[-1] - points[-2])
        return points

    def _stays_down(self, before, stroke, jamo, rng):
        """Tells whether the pen stays down on its way to the next stroke."""
        likely = self.joins if before[0] == jamo else self.joins_jamo
        way = np.hypot(*(stroke[0, :2] - before[1][-1, :2]))
        return way < _MAX_JOIN_LENGTH and rng.random() < likely

    def _joined(self, first, second):
        """Joins two strokes by a thinner one."""
        middle = (first[-1] + second[0]) / 2
        middle[2] = self.light
        return np.concatenate([first, middle[None], second])

    def _finish(self, stroke, rng):
        """Resamples a stroke, then bends, smooths and slants it."""
        dense = resample(stroke)
        along = np.linspace(0, np.pi, len(dense))
        across = (dense[-1, :2] - dense[0, :2])[::-1] * (1, -1)
        bow = self.bow + rng.normal(0, 0.03)
        dense[:, :2] += np.sin(along)[:, None] * across * bow
        noise = rng.normal(0, self.tremor, (len(dense), 2))
        dense[:, :2] += smooth(noise, 0.04) * 4
        dense[:, :2] = smooth(dense[:, :2], self.rounding)
        dense[:, :2] = (dense[:, :2] - 0.5) @ self._turn(rng).T
        return dense

    def _turn(self, rng):
        """Returns the 2 x 2 matrix of the hand's tilt, slant and aspect."""
        tilt = np.tan(self.tilt + rng.normal(0, 0.015))
        slant = self.slant + rng.normal(0, 0.02)
        return np.array([[1, slant], [tilt, 1]]) @ np.diag([self.aspect, 1])


def _foot(strokes, jamo):
    """Finds a medial's upright: (index in `strokes`, its end), or (None, None)."""
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
    """Tells whether a stroke's last segment goes down."""
    across, down = points[-1] - points[-2]
    return down > abs(across) and down > 0.15
