"""The demo page: what stands on it, and what happens when it is used."""

import random
from pathlib import Path

import gradio as gr

from utils.demo.drawing import decode_drawing
from utils.demo.reading import judge, read_picture
from utils.demo.words import LANGUAGES, word
from utils.hangul import ksx1001_syllables

CHARSETS = ("all", "ksx1001")
_HERE = Path(__file__).parent
# Pictures wait in a folder of their own for a minute, then go: (every, age) in seconds.
_FORGET = (30, 60)


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


def _canvas(name):
    """Returns a square to draw on; its value is a PNG as a data URL."""
    return gr.HTML(
        "",
        html_template=(_HERE / "canvas.html").read_text(encoding="utf-8"),
        js_on_load=(_HERE / "canvas.js").read_text(encoding="utf-8"),
        elem_id=name,
    )


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
                label = gr.Markdown(word("draw", "en"))
                sketch = _canvas("sketch")
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
            return read(decode_drawing(drawing), *rest)

        choices = [weights, charset, language]
        sketch.input(read_drawing, [sketch, *choices], answer, **_EVENT)
        upload.change(read, [upload, *choices], answer, **_EVENT)

        def read_again(drawing, picture, *rest):
            drawn = decode_drawing(drawing)
            return read(picture if drawn is None else drawn, *rest)

        for choice in choices:
            choice.change(read_again, [sketch, upload, *choices], answer, **_EVENT)
        self.texts = {label: ("value", "draw"), upload: ("label", "drop")}


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
            with gr.Column(min_width=300):
                label = gr.Markdown(word("draw", "en"))
                sketch = _canvas("practice-sketch")
                # Below: what appears above would move the canvas under the pen.
                verdict = gr.HTML(elem_id="verdict")

        def tell(drawing, syllable, name, tongue):
            return judge(networks[name](), decode_drawing(drawing), syllable, tongue)

        def choose():
            syllable = random.choice(common)
            return syllable, _large(syllable), "", ""

        gr.on(None, _large, wanted, shown, **_EVENT)
        again.click(choose, None, [wanted, shown, sketch, verdict], **_EVENT)
        given = [sketch, wanted, weights, language]
        sketch.input(tell, given, verdict, **_EVENT)
        self.texts = {
            task: ("value", "write"),
            again: ("value", "next"),
            label: ("value", "draw"),
        }


def _large(syllable):
    return f'<div class="wanted">{syllable}</div>'
