"""The reader that refines its answer: attention that knows what was answered last."""

import keras
from keras import layers, ops

from utils.nn.attention import Attention
from utils.nn.layers import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class IterativeRefiner(layers.Layer):
    """Looks at the feature map several times, each time knowing its last answer.

    At each step the last probabilities of all heads (even at first) and the state of a
    GRU ask where to look; the GRU takes in what was seen together with those
    probabilities, and every head answers anew. What one head has found out, the others
    see at the next step. No gradient flows back through the fed-back probabilities.

    Reference: Yang, He, Zhou, Kifer, Giles: Improving Offline Handwritten Chinese
    Character Recognition by Iterative Refinement (ICDAR 2017), section III,
    https://blackyang111.github.io/projects/icdar2017.html, and the authors' code for
    the stopped gradient. Differs: one reader for three heads, and learned positions.

    Args:
        classes: dict, head -> number of classes.
        steps: looks, 1 or more.
        units: size of the GRU's state.
        feedback: whether a step sees the last answer; False always feeds even ones.

    Input shape: (batch, height, width, channels).
    Output: dict, head -> logits (batch, steps, classes).
    """

    def __init__(self, classes, steps=4, units=256, feedback=True, **kwargs):
        super().__init__(**kwargs)
        self.classes, self.steps = dict(classes), steps
        self.units, self.feedback = units, feedback

    def build(self, input_shape):
        _, height, width, channels = input_shape
        answers = sum(self.classes.values())
        self.embed = layers.Dense(self.units, name="embed")
        self.start = layers.Dense(self.units, activation="tanh", name="start")
        self.cell = layers.GRUCell(self.units, name="cell")
        self.attention = Attention(self.units, name="attention")
        self.heads = {
            name: layers.Dense(count, name=name) for name, count in self.classes.items()
        }
        self.embed.build((None, answers))
        self.start.build((None, channels))
        self.cell.build((None, channels + self.units))
        places = height * width
        shapes = (None, places, channels), (None, places, self.units)
        self.attention.build(*shapes, (None, 1, 2 * self.units))
        for head in self.heads.values():
            head.build((None, self.units))

    def call(self, features):
        places = ops.shape(features)[1] * ops.shape(features)[2]
        features = ops.reshape(features, (-1, places, features.shape[-1]))
        state = self.start(ops.mean(features, axis=1))
        even = answer = self._even_answer(ops.shape(features)[0], state.dtype)
        seen = features, self.attention.keys(features)
        steps = []
        for _ in range(self.steps):
            logits, state = self._look(seen, answer, state)
            answer = self._answer(logits) if self.feedback else even
            steps.append(logits)
        return {name: ops.stack([s[name] for s in steps], 1) for name in self.classes}

    def _look(self, places, answer, state):
        """Takes one look; returns the heads' logits and the new state."""
        asked = self.embed(answer)
        query = ops.concatenate([asked, state], axis=-1)
        seen, _ = self.attention(*places, query[:, None, :])
        taken = ops.concatenate([seen[:, 0], asked], axis=-1)
        _, (state,) = self.cell(taken, [state])
        return {name: head(state) for name, head in self.heads.items()}, state

    def _even_answer(self, batch, dtype):
        parts = [
            ops.ones((batch, count), dtype) / count for count in self.classes.values()
        ]
        return ops.concatenate(parts, axis=-1)

    def _answer(self, logits):
        parts = [ops.softmax(logits[name], axis=-1) for name in self.classes]
        return ops.stop_gradient(ops.concatenate(parts, axis=-1))

    def multiply_adds(self):
        """Returns the multiply-adds of one picture, all steps together."""
        places, channels = self.attention.positions.shape
        units, answers = self.units, sum(self.classes.values())
        look = 2 * answers * units + 2 * units * units + places * (units + channels)
        look += 3 * units * (channels + 2 * units)
        return (places + 1) * channels * units + self.steps * look

    def compute_output_shape(self, input_shape):
        batch = input_shape[0]
        return {name: (batch, self.steps, n) for name, n in self.classes.items()}

    def get_config(self):
        names = ("classes", "steps", "units", "feedback")
        return super().get_config() | {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable(PACKAGE)
class LastStep(layers.Layer):
    """Takes the last answer: (batch, steps, classes) to (batch, classes)."""

    def call(self, steps):
        return steps[:, -1]

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[2]
