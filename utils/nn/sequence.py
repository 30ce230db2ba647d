"""Initial, medial, final one after the other: a decoder that scores every syllable."""

import keras
from keras import layers, ops

from utils.hangul import COMPONENTS
from utils.nn.attention import Attention
from utils.nn.beams import best_beginnings, join_alternatives, spread_over_all
from utils.nn.layers import PACKAGE

ATTENTION_UNITS = 64


@keras.saving.register_keras_serializable(PACKAGE)
class SequenceDecoder(layers.Layer):
    """Spells a syllable: P(initial) P(medial | initial) P(final | initial, medial).

    A GRU attends to the feature map three times. Where it has looked is remembered
    (coverage) and weighs on where it looks next; what was spelt is fed back. Since a
    syllable has three jamo, all of them can be scored exactly, through 1 + 19 + 399
    states.

    Reference: Wang et al.: DenseRAN for Offline Handwritten Chinese Character
    Recognition (2018), sections 3.2 and 3.3, https://arxiv.org/abs/1808.04134. Differs:
    jamo instead of radicals, a fixed length of three, one GRU of `units` on features
    reduced to as many channels, and exact enumeration unless a beam is asked for.

    Args:
        units: size of the GRU's state and of the embeddings.
        beam: beginnings that are spelled on at each jamo, the best so far; all others
            score -10^9. 0 spells on all, which is exact.

    Call arguments: features (batch, height, width, channels); and for training
    `initial` and `medial`, the true indices (batch,). Returns with them the logits of
    the three heads side by side, (batch, 19 + 21 + 28), each given the true jamo before
    it; without them the logarithm of the probability of every syllable, (batch, 11172).
    """

    def __init__(self, units=128, beam=0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.beam = units, beam

    def build(self, features_shape, initial_shape=None, medial_shape=None):
        _, self.height, self.width, channels = features_shape
        places, units = self.height * self.width, self.units
        self.reduce = layers.Dense(units, name="reduce")
        self.start = layers.Dense(units, activation="tanh", name="start")
        self.cell = layers.GRUCell(units, name="cell")
        self.attention = Attention(ATTENTION_UNITS, name="attention")
        self.coverage = layers.Conv2D(
            ATTENTION_UNITS, 3, padding="same", use_bias=False, name="coverage"
        )
        self.heads = {n: layers.Dense(len(c), name=n) for n, c in COMPONENTS.items()}
        self.reduce.build((None, places, channels))
        self.start.build((None, units))
        self.cell.build((None, 2 * units))
        shapes = (None, places, units), (None, places, ATTENTION_UNITS)
        self.attention.build(*shapes, (None, None, 2 * units))
        self.coverage.build((None, self.height, self.width, 1))
        for head in self.heads.values():
            head.build((None, None, units))
        self.embeddings = {
            name: self.add_weight(
                name=f"embed_{name}", shape=(count, units), initializer="random_normal"
            )
            for name, count in (
                ("start", 1),
                *((n, len(COMPONENTS[n])) for n in ("initial", "medial")),
            )
        }

    def call(self, features, initial=None, medial=None):
        places = self.height * self.width
        features = ops.reshape(features, (-1, places, features.shape[-1]))
        features = self.reduce(features)
        look = features, self.attention.keys(features)
        state = self.start(ops.mean(features, axis=1))[:, None]
        memory = (state, ops.zeros_like(features[:, None, :, 0]))
        first, memory = self._spell(look, memory, "initial", self._start())
        if initial is None:
            score = self._search if self.beam else self._enumerate
            return score(look, memory, first[:, 0])
        given = ops.take(self.embeddings["initial"], initial, axis=0)
        second, memory = self._spell(look, memory, "medial", _one(given))
        given = ops.take(self.embeddings["medial"], medial, axis=0)
        third, _ = self._spell(look, memory, "final", _one(given))
        # One tensor, for Keras takes a layer's calls to have one structure.
        return ops.concatenate([first[:, 0], second[:, 0], third[:, 0]], axis=-1)

    def _enumerate(self, look, memory, first):
        """Returns log P of all syllables, (batch, 11172)."""
        initials, medials = self.embeddings["initial"], self.embeddings["medial"]
        second, memory = self._spell(look, memory, "medial", initials[None])
        states, covered = memory

        def finals_of(initial):  # one initial at a time: memory stays small
            own = [ops.take(each, initial, axis=1)[:, None] for each in memory]
            logits, _ = self._spell(look, tuple(own), "final", medials[None])
            return ops.log_softmax(logits, axis=-1)

        third = ops.map(finals_of, ops.arange(states.shape[1]))
        third = ops.transpose(third, (1, 0, 2, 3))  # (batch, initial, medial, final)
        scores = ops.log_softmax(first, axis=-1)[:, :, None, None]
        scores = scores + ops.log_softmax(second, axis=-1)[:, :, :, None] + third
        count = 1
        for classes in COMPONENTS.values():
            count *= len(classes)
        return ops.reshape(scores, (-1, count))

    def _search(self, look, memory, first):
        """Returns log P of the syllables that the beam reaches, (batch, 11172)."""
        places = {}
        scores, places["initial"] = best_beginnings(
            ops.log_softmax(first, axis=-1), self.beam
        )
        for name, after in (("initial", "medial"), ("medial", "final")):
            count = len(COMPONENTS[name])
            given = ops.take(self.embeddings[name], places[name] % count, axis=0)
            logits, memory = self._spell(look, memory, after, given)
            scores = scores[:, :, None] + ops.log_softmax(logits, axis=-1)
            count = len(COMPONENTS[after])
            each = places[name][:, :, None] * count + ops.arange(count)
            scores, each = join_alternatives(scores), join_alternatives(each)
            if after == "medial":
                scores, kept = best_beginnings(scores, self.beam)
                places[after] = ops.take_along_axis(each, kept, axis=1)
                parents = (kept // count)[:, :, None]
                memory = [ops.take_along_axis(m, parents, axis=1) for m in memory]
        return spread_over_all(scores, each)

    def _spell(self, look, memory, name, given):
        """Takes one step for several alternatives side by side.

        Args:
            look: features (batch, places, units) and the attention's keys of them.
            memory: states (batch, 1 or alternatives, units) and coverage
                (batch, 1 or alternatives, places).
            name: the head that answers.
            given: embedding of the jamo before, (batch or 1, alternatives, units).

        Returns:
            Logits (batch, alternatives, classes), and the new memory.
        """
        state, covered = memory
        batch, count = ops.shape(look[0])[0], given.shape[1]
        given = ops.broadcast_to(given, (batch, count, self.units))
        state = ops.broadcast_to(state, (batch, count, self.units))
        query = ops.concatenate([given, state], axis=-1)
        seen, weights = self.attention(*look, query, self._look_back(covered))
        taken = ops.reshape(
            ops.concatenate([seen, given], axis=-1), (-1, 2 * self.units)
        )
        _, (state,) = self.cell(taken, [ops.reshape(state, (-1, self.units))])
        state = ops.reshape(state, (-1, count, self.units))
        return self.heads[name](state), (state, covered + weights)

    def _look_back(self, covered):
        """Returns what coverage adds to the attention, (batch, n, places, units)."""
        count = covered.shape[1]
        maps = ops.reshape(covered, (-1, self.height, self.width, 1))
        shape = (-1, count, self.height * self.width, ATTENTION_UNITS)
        return ops.reshape(self.coverage(maps), shape)

    def _start(self):
        return ops.convert_to_tensor(self.embeddings["start"])[None]

    def multiply_adds(self):
        """Returns the multiply-adds of one picture, all syllables scored."""
        places, channels = self.height * self.width, self.reduce.kernel.shape[0]
        units, met = self.units, ATTENTION_UNITS
        first, second, third = [len(jamo) for jamo in COMPONENTS.values()]
        states = 1, first, first * second
        if self.beam:
            states = 1, min(self.beam, first), min(self.beam, first * second)
        total = places * units * (channels + met) + units * units
        # Query, energy, context and GRU of every state; coverage of every memory.
        each = 2 * units * met + places * (met + units) + 9 * units * units
        total += sum(states) * each + (1 + 1 + states[1]) * 9 * places * met
        heads = zip(states, (first, second, third), strict=True)
        return total + units * sum(count * classes for count, classes in heads)

    def get_config(self):
        return super().get_config() | {"units": self.units, "beam": self.beam}


def _one(given):
    """Gives a batch of embeddings an axis of one alternative."""
    return given[:, None]
