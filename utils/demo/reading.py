"""A picture and a network -> what the demo page says of it, as HTML."""

from html import escape

import numpy as np

from utils.analysis.maps.explaining import explain, main_kind
from utils.analysis.maps.kinds import SIGNED
from utils.demo.words import word
from utils.hangul import COMPONENTS, is_syllable, read_charset, split_syllables
from utils.inference import decoding
from utils.inference.prior import DEFAULT_PRIOR
from utils.inference.width import ink_widths, shows_several
from utils.reporting.pictures import heat_uri

DOUBT = 0.9  # a jamo less probable than this is marked
GUESSES = 5
_LEAST = 0.02  # alternatives of a jamo that are less probable are not named


def read_picture(network, picture, charset, language):
    """Reads a picture: guesses, jamo by jamo, and heat maps.

    Args:
        network: a `KoOCR`.
        picture: array or PIL image, or None where nothing was drawn.
        charset: `all`, or `ksx1001` to allow its 2,350 syllables alone.
        language: `en` or `ko`.

    Returns:
        HTML text; a sentence that says why where nothing can be read.
    """
    if picture is None:
        return _note(word("nothing", language))
    chosen = shared_charset(charset, network.syllables)
    try:
        kind = main_kind(network.model)
        (explanation,) = explain(
            network, [picture], GUESSES, kinds=(kind,), charset=chosen
        )
    except (TypeError, ValueError) as error:
        return _note(word("problem", language).format(error))
    width = ink_widths(explanation.square[None])[0]
    parts = []
    if shows_several(width):
        parts += [_several(network, picture, chosen, language, width < 1)]
    parts += [_answers(explanation.guesses, language)]
    parts += [_jamo(explanation.readings, language), _maps(explanation, language)]
    return "".join(parts)


def _several(network, picture, chosen, language, vertical):
    """Returns what a picture of several syllables says; "" if it shows but one."""
    try:
        lines = network.predict_lines(picture, charset=chosen, vertical=vertical)
    except ValueError:  # a rule, say: ink, but none of text
        return ""
    text = " / ".join(line.text for line in lines)
    if sum(map(is_syllable, text)) < 2:
        return ""
    return _note(word("wide", language).format(text))


def shared_charset(charset, syllables):
    """Returns the syllables of a charset that a network can answer, as a charset.

    Args:
        charset: see `utils.hangul.read_charset`.
        syllables: what the network can answer.

    Returns:
        `all`, or the syllables as a string; "" where they share none.
    """
    known = set(syllables)
    shared = [each for each in read_charset(charset) if each in known]
    return "all" if len(shared) == len(known) else "".join(shared)


def judge(network, picture, wanted, language):
    """Tells a learner which jamo of a written syllable are off.

    Args:
        network: a `KoOCR` with three heads, or one that answers whole syllables.
        picture: as for `read_picture`.
        wanted: the syllable that was to be written.
        language: `en` or `ko`.

    Returns:
        HTML text.
    """
    if picture is None:
        return _note(word("nothing", language))
    try:
        square = network.prepare(picture)
    except (TypeError, ValueError) as error:
        return _note(word("problem", language).format(error))
    heads = network.probabilities(square[None])
    found, _ = decoding.top_n(heads, 1, network.syllables, DEFAULT_PRIOR)
    read = str(found[0, 0])
    if read == wanted:
        return f'<p class="good">{escape(word("well_done", language).format(read))}</p>'
    return _differences(wanted, read, language)


def _differences(wanted, read, language):
    """Returns a line for each jamo of the syllable wanted."""
    true, seen = split_syllables([wanted]), split_syllables([read])
    lines = []
    for name, jamo in COMPONENTS.items():
        pair = {"wanted": jamo[true[name][0]], "read": jamo[seen[name][0]]}
        right = pair["wanted"] == pair["read"]
        key = "fine" if right else "looks_like"
        text = f"{word(name, language)} {pair['wanted']}: "
        text += word(key, language).format(**pair)
        kind = "good" if right else "bad"
        lines.append(f'<li class="{kind}">{escape(text)}</li>')
    title = f"{wanted} → {read}"
    return f'<p class="big">{escape(title)}</p><ul class="jamo">{"".join(lines)}</ul>'


def _answers(guesses, language):
    """Returns the guesses as bars."""
    rows = "".join(
        f"<li><b>{escape(syllable)}</b><span class='bar'>"
        f"<i style='width:{100 * probability:.1f}%'></i></span>"
        f"<span>{100 * probability:.1f} %</span></li>"
        for syllable, probability in guesses
    )
    title = escape(word("answers", language))
    return f"<h3>{title}</h3><ol class='answers'>{rows}</ol>"


def _jamo(readings, language):
    """Returns the best syllable jamo by jamo, the doubtful one marked."""
    if set(readings) != set(COMPONENTS):
        return ""
    weakest = min(readings, key=lambda name: readings[name].probability)
    cells = []
    for name in COMPONENTS:
        reading = readings[name]
        doubtful = name == weakest and reading.probability < DOUBT
        text = f"<small>{escape(word(name, language))}</small>"
        text += f"<b>{reading.name}</b><span>{100 * reading.probability:.1f} %</span>"
        if doubtful:
            text += f"<em>{escape(_doubt(reading, language))}</em>"
        cells.append(f"<div class='{'doubtful' if doubtful else ''}'>{text}</div>")
    return f"<div class='parts'>{''.join(cells)}</div>"


def _doubt(reading, language):
    """Names what else the doubtful jamo may be."""
    text = word("doubtful", language)
    if reading.rival_probability < _LEAST:
        return text
    return f"{text}: {word('or', language)} {reading.rival}"


def _maps(explanation, language):
    """Returns the heat maps, one a head."""
    ((kind, maps),) = explanation.maps.items()
    top = max(float(np.abs(each).max()) for each in maps.values())
    figures = "".join(
        f"<figure><img alt='{escape(word(name, language))}' src='"
        f"{heat_uri(explanation.picture, maps[name], top, kind in SIGNED)}'>"
        f"<figcaption>{escape(word(name, language))} {escape(reading.name)}"
        "</figcaption></figure>"
        for name, reading in explanation.readings.items()
    )
    title = escape(word("where", language))
    return f"<h3>{title}</h3><div class='maps'>{figures}</div>"


def _note(text):
    return f'<p class="note">{escape(text)}</p>'
