"""A picture and a network -> what the demo page says of it, as HTML."""

from html import escape

import numpy as np

from utils.analysis.explaining import SIGNED, explain, main_kind
from utils.demo.words import word
from utils.hangul import COMPONENTS, read_charset, split_syllables
from utils.inference import decoding
from utils.inference.prior import RARE
from utils.inference.restriction import restrict
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
    try:
        kind = main_kind(network.model)
        (explanation,) = explain(network, [picture], kinds=(kind,))
    except (TypeError, ValueError) as error:
        return _note(word("problem", language).format(error))
    heads = network.probabilities(explanation.square[None])
    guesses = best_guesses(heads, charset, network.syllables)
    parts = [_answers(guesses, language), _jamo(heads, guesses, language)]
    return "".join([*parts, _maps(explanation, language)])


def best_guesses(heads, charset, syllables, n=GUESSES):
    """Returns the n most probable syllables of a charset, exactly.

    Args:
        heads: dict of arrays (1, classes).
        charset: see `utils.hangul.read_charset`.
        syllables: the classes of a flat head.
        n: how many; fewer come back where the charset and the head share fewer.

    Returns:
        List of (syllable, probability), best first; the probability is that among the
        syllables of the charset.
    """
    known = set(syllables)
    chosen = tuple(each for each in read_charset(charset) if each in known)
    if not chosen:
        return []
    rare = RARE
    if len(chosen) < len(syllables):
        chosen = tuple(sorted(chosen))
        heads, syllables = restrict(heads, chosen, syllables, RARE)[0], chosen
        rare = 1.0  # they are weighed
    found, values = decoding.top_n(heads, min(n, len(chosen)), syllables, rare)
    return list(zip(found[0].tolist(), values[0].tolist(), strict=True))


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
    found, _ = decoding.top_n(heads, 1, network.syllables, RARE)
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


def _jamo(heads, guesses, language):
    """Returns the best syllable jamo by jamo, the doubtful one marked."""
    if set(heads) != set(COMPONENTS) or not guesses:
        return ""
    places = split_syllables([guesses[0][0]])
    chosen = {name: int(places[name][0]) for name in COMPONENTS}
    shares = {name: float(heads[name][0, chosen[name]]) for name in COMPONENTS}
    weakest = min(shares, key=shares.get)
    cells = []
    for name, jamo in COMPONENTS.items():
        doubtful = name == weakest and shares[name] < DOUBT
        text = f"<small>{escape(word(name, language))}</small>"
        text += f"<b>{jamo[chosen[name]]}</b><span>{100 * shares[name]:.1f} %</span>"
        if doubtful:
            doubt = _doubt(heads[name][0], chosen[name], jamo, language)
            text += f"<em>{escape(doubt)}</em>"
        cells.append(f"<div class='{'doubtful' if doubtful else ''}'>{text}</div>")
    return f"<div class='parts'>{''.join(cells)}</div>"


def _doubt(values, chosen, jamo, language):
    """Names what else the doubtful jamo may be."""
    order = [int(k) for k in np.argsort(-values) if k != chosen][:2]
    others = [jamo[k] for k in order if values[k] >= _LEAST]
    text = word("doubtful", language)
    joined = f" {word('or', language)} ".join(others)
    return f"{text}: {word('or', language)} {joined}" if others else text


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
