"""The demo page: what stands on it, and what happens when it is used."""

import random

import gradio as gr
import numpy as np

from utils.demo.reading import judge, read_picture
from utils.demo.words import LANGUAGES, word
from utils.hangul import ksx1001_syllables

CANVAS = 360  # pixels, side of the drawing area
CHARSETS = ("all", "ksx1001")
# Pictures wait in a folder of their own for a minute, then go: (every, age) in seconds.
_FORGET = (30, 60)
STYLE = """
@font-face { font-family: "Demo Hangul"; src: local("Noto Sans CJK KR"),
  local("Malgun Gothic"), local("Apple SD Gothic Neo"), url("/hangul.ttf"); }
.gradio-container { font-family: system-ui, "Demo Hangul", sans-serif !important; }
.gradio-container * { font-family: inherit; }
.card { min-height: 18rem; }
.card h3 { margin: .6rem 0 .2rem; font-size: 1rem; }
.answers { list-style: none; margin: 0; padding: 0; }
.answers li { display: flex; align-items: center; gap: .6rem; font-size: 1rem; }
.answers li:first-child b { font-size: 2.4rem; line-height: 1.2; }
.answers b { width: 2.8rem; text-align: center; font-size: 1.4rem; }
.bar { flex: 1; height: .6rem; background: var(--border-color-primary); }
.bar i { display: block; height: 100%; background: #2563b8; }
.parts { display: flex; gap: .5rem; margin-top: .6rem; }
.parts div { flex: 1; text-align: center; padding: .3rem; border-radius: .4rem;
  border: 2px solid var(--border-color-primary); display: flex;
  flex-direction: column; }
.parts b { font-size: 1.7rem; } .parts .doubtful { border-color: #d97706; }
.parts em { color: #d97706; font-style: normal; font-size: .85rem; }
.maps { display: flex; gap: .5rem; } .maps figure { margin: 0; flex: 1; }
.maps img { width: 100%; background: #fff; } .maps figcaption { text-align: center; }
.wanted { font-size: 6rem; line-height: 1.2; text-align: center; }
.big { font-size: 2rem; text-align: center; margin: .3rem; }
.good { color: #16803c; } .bad { color: #c9342c; font-weight: 600; }
.jamo { font-size: 1.1rem; } p.good { font-size: 1.6rem; text-align: center; }
.dark .good { color: #4ade80; } .dark .bad { color: #f87171; }
"""


def build_page(networks):
    """Builds the page.

    Args:
        networks: dict, name shown -> function () -> `KoOCR`; the first is chosen.

    Returns:
        `gradio.Blocks`. It reports nothing to anybody, and keeps no picture for longer
        than 90 seconds.
    """
    names = list(networks)
    with gr.Blocks(
        title="KoOCR", analytics_enabled=False, delete_cache=_FORGET
    ) as page:
        with gr.Row():
            language = gr.Radio(
                list(LANGUAGES.items()), value="en", label="language / 언어"
            )
            weights = gr.Dropdown(names, value=names[0], label=word("weights", "en"))
            charset = gr.Radio(
                _charsets("en"), value="all", label=word("charset", "en")
            )
        intro = gr.Markdown(word("intro", "en"))
        with gr.Tabs():
            with gr.Tab(word("read", "en"), id="read") as read_tab:
                reading = _Reading(networks, weights, charset, language)
            with gr.Tab(word("practice", "en"), id="practice") as practice_tab:
                practice = _Practice(networks, weights, language)
        texts = {
            intro: ("value", "intro"),
            weights: ("label", "weights"),
            read_tab: ("label", "read"),
            practice_tab: ("label", "practice"),
            **reading.texts,
            **practice.texts,
        }
        _translate(language, charset, texts)
    return page


def _translate(language, charset, texts):
    """Lets the choice of a language change every text of the page."""

    def translate(chosen):
        updates = [gr.update(**{k: word(key, chosen)}) for k, key in texts.values()]
        label = word("charset", chosen)
        return [*updates, gr.update(choices=_charsets(chosen), label=label)]

    event = {"show_progress": "hidden", "api_visibility": "private"}
    language.change(translate, language, [*texts, charset], **event)


def _charsets(language):
    return [(word(name, language), name) for name in CHARSETS]


def _sketchpad(name):
    """Returns a square to draw on, with one pen."""
    return gr.Sketchpad(
        label=word("draw", "en"),
        type="numpy",
        image_mode="RGBA",
        canvas_size=(CANVAS, CANVAS),
        fixed_canvas=True,
        layers=False,
        transforms=(),
        brush=gr.Brush(default_size=14, colors=["#000000"], color_mode="fixed"),
        eraser=gr.Eraser(default_size=28),
        buttons=[],
        height=CANVAS + 110,
        elem_id=name,
    )


def strokes(drawing):
    """Returns what was drawn, `uint8` RGBA (height, width, 4); None if nothing was."""
    picture = None if drawing is None else drawing.get("composite")
    if picture is None:
        return None
    picture = np.asarray(picture)
    inked = picture[..., 3] if picture.shape[-1] == 4 else 255 - picture
    return picture if inked.any() else None


# A newer stroke need not wait for the answers to those before it.
_EVENT = {
    "show_progress": "hidden",
    "trigger_mode": "always_last",
    "api_visibility": "private",
}


class _Reading:
    """The tab where anything is read, as it is drawn.

    Attributes:
        texts: dict, component -> (what of it is text, key of `WORDS`).
    """

    def __init__(self, networks, weights, charset, language):
        with gr.Row():
            with gr.Column(min_width=300):
                sketch = _sketchpad("sketch")
                upload = gr.Image(
                    label=word("drop", "en"),
                    type="numpy",
                    image_mode="RGB",
                    sources=["upload", "clipboard"],
                    buttons=[],
                    height=160,
                    elem_id="upload",
                )
            with gr.Column(min_width=300):
                answer = gr.HTML(elem_id="answer", elem_classes="card")

        def read(picture, name, chosen, tongue):
            return read_picture(networks[name](), picture, chosen, tongue)

        def read_drawing(drawing, *rest):
            return read(strokes(drawing), *rest)

        choices = [weights, charset, language]
        sketch.change(read_drawing, [sketch, *choices], answer, **_EVENT)
        upload.change(read, [upload, *choices], answer, **_EVENT)

        def read_again(drawing, picture, *rest):
            drawn = strokes(drawing)
            return read(picture if drawn is None else drawn, *rest)

        for choice in choices:
            choice.change(read_again, [sketch, upload, *choices], answer, **_EVENT)
        self.texts = {sketch: ("label", "draw"), upload: ("label", "drop")}


class _Practice:
    """The tab where a syllable is shown and the page says which jamo is off.

    Attributes:
        texts: dict, component -> (what of it is text, key of `WORDS`).
    """

    def __init__(self, networks, weights, language):
        common = ksx1001_syllables()
        # Chosen for each visitor, when the page is loaded.
        wanted = gr.State(lambda: random.choice(common))
        with gr.Row():
            with gr.Column(min_width=300):
                task = gr.Markdown(word("write", "en"))
                shown = gr.HTML(elem_id="wanted")
                again = gr.Button(word("next", "en"), elem_id="next")
                verdict = gr.HTML(elem_id="verdict")
            with gr.Column(min_width=300):
                sketch = _sketchpad("practice-sketch")

        def tell(drawing, syllable, name, tongue):
            return judge(networks[name](), strokes(drawing), syllable, tongue)

        def choose():
            syllable = random.choice(common)
            return syllable, _large(syllable), None, ""

        gr.on(None, _large, wanted, shown, **_EVENT)
        again.click(choose, None, [wanted, shown, sketch, verdict], **_EVENT)
        given = [sketch, wanted, weights, language]
        sketch.change(tell, given, verdict, **_EVENT)
        self.texts = {
            task: ("value", "write"),
            again: ("value", "next"),
            sketch: ("label", "draw"),
        }


def _large(syllable):
    return f'<div class="wanted">{syllable}</div>'
