import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import evaluate
from model import KoOCR
from tests.helpers.drawn_weights import draw_weights
from utils.analysis.metrics import wilson_interval
from utils.analysis.sources import Chunk, read_chunks
from utils.hangul import ALL_SYLLABLES, COMPONENTS
from utils.reporting import breakdown, labels, page, pictures, records

EVIL = "<script>alert(1)</script>"
LABELS = "가각간갇"


def draw(seed):
    rng = np.random.default_rng(seed)
    image = np.full((60, 80), 255, np.uint8)
    for left, top in rng.integers(8, 40, (5, 2)):
        image[top : top + 5, left : left + 22] = 0
    return image


@pytest.fixture(scope="module")
def weights(tiny_network, tmp_path_factory):
    paths = []
    for seed in (0, 1):
        made = KoOCR(weights=None, network="tiny", fc_link="GWAP", image_size=32)
        draw_weights(made, seed, spread=0.3)
        paths.append(tmp_path_factory.mktemp("weights") / f"m{seed}.weights.h5")
        made.save(paths[-1])
    return paths


@pytest.fixture(scope="module")
def data(tmp_path_factory, weights):
    """24 pictures of two sets, every third read right, one blank."""
    folder = tmp_path_factory.mktemp("data")
    network, lines = KoOCR(weights[0]), ["path\tlabel\tgroup\tset"]
    for i in range(24):
        image = draw(i) if i != 5 else np.full((40, 40), 255, np.uint8)
        Image.fromarray(image).save(folder / f"{i}.png")
        right = i % 3 == 0
        label = network.predict(image) if right else [LABELS[i % 4]]
        group = EVIL if i < 6 else f"writer {i % 2}"
        lines.append(f"{i}.png\t{label[0]}\t{group}\tset {i % 2}")
    (folder / "labels.tsv").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def report(data, weights, tmp_path_factory):
    logs = tmp_path_factory.mktemp("logs")
    argv = [f"--data_path={data}", f"--weights={weights[0]}", "--report=true"]
    argv += [f"--compare={weights[1]}", f"--log_path={logs}", "--top_n=3"]
    assert evaluate.main(argv) == 0
    return logs / "report"


def table(report, name):
    with open(report / f"{name}.csv", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class Collector(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.sources, self.text = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        attributes = dict(attributes)
        self.sources += [attributes[k] for k in ("src", "href") if k in attributes]

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture(scope="module")
def parsed(report):
    collector = Collector()
    collector.feed((report / "report.html").read_text(encoding="utf-8"))
    return collector


def test_the_page_needs_nothing_else(report, parsed):
    text = (report / "report.html").read_text(encoding="utf-8")
    assert parsed.sources and all(s.startswith("data:image/") for s in parsed.sources)
    assert "http://" not in text and "https://" not in text
    assert not {"script", "link", "iframe", "object"} & set(parsed.tags)
    assert "default-src 'none'" in text
    urls = re.findall(r"url\(\"?([^)\"]{0,20})", text)
    assert urls and all(url.startswith("data:font/woff2") for url in urls)
    assert len(text) < 4e6


def test_columns_have_names(report):
    text = (report / "report.html").read_text(encoding="utf-8")
    tables = re.findall(r"<table.*?</table>", text, re.DOTALL)
    assert len(tables) >= 3 + 2 * 3  # of each jamo two: accuracies, and confusions
    for each in tables:
        rows = [re.findall("<t[hd][ >]", row) for row in each.split("<tr")[1:]]
        assert "<thead>" in each and len({len(row) for row in rows}) == 1, each[:500]


def test_paper_is_white_where_the_screen_is_dark():
    page = Path("utils/reporting/templates/report.html")
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    assert re.findall(r"@media ([^{]*prefers-color-scheme: dark[^{]*) {", text) == [
        "screen and (prefers-color-scheme: dark)"
    ]


def test_names_from_outside_are_escaped(report, parsed):
    text = (report / "report.html").read_text(encoding="utf-8")
    assert EVIL not in text and "&lt;script&gt;alert(1)" in text
    assert any(EVIL in part for part in parsed.text)


def test_names_from_outside_are_no_formulas_in_a_legend():
    shares = {"n": 1, "accuracy": 0.5, "low": 0.4, "high": 0.6}
    uri = pictures.top_n_curve([{"source": "$5 a_b_c$"} | shares])
    assert uri.startswith("data:image/svg+xml;base64,")


def test_tables_say_what_a_count_says(report, data, weights):
    network = KoOCR(weights[0])
    rows = list(csv.DictReader(open(data / "labels.tsv"), delimiter="\t"))
    right = []
    for i, row in enumerate(rows):
        read = i != 5 and network.predict(data / row["path"])
        right.append(bool(read) and read[0] == row["label"])
    summary = {row["source"]: row for row in table(report, "summary")}
    assert set(summary) == {"*", "set 0", "set 1"}
    for source, row in summary.items():
        part = [
            r
            for r, each in zip(right, rows, strict=True)
            if source in ("*", each["set"])
        ]
        assert int(row["count"]) == len(part)
        assert float(row["syllable"]) == pytest.approx(np.mean(part))
        low, high = wilson_interval(sum(part), len(part))
        assert (float(row["low"]), float(row["high"])) == pytest.approx((low, high))
    assert len(table(report, "errors")) == right.count(False)
    groups = {
        (r["source"], r["group"]): int(r["count"]) for r in table(report, "groups")
    }
    assert groups[("set 0", EVIL)] == 3 and sum(groups.values()) == 24
    syllables = {row["syllable"]: row for row in table(report, "syllables")}
    assert sum(int(row["count"]) for row in syllables.values()) == 24
    tops = [float(r["accuracy"]) for r in table(report, "top_n") if r["source"] == "*"]
    assert tops[0] == pytest.approx(np.mean(right)) and tops == sorted(tops)


def test_jamo_and_matrices_add_up(report):
    jamo = table(report, "jamo")
    for component, classes in COMPONENTS.items():
        part = [row for row in jamo if row["component"] == component]
        assert sum(int(row["count"]) for row in part) == 24
        path = report / f"confusion_{component}.csv"
        cells = list(csv.reader(path.read_text("utf-8-sig").splitlines()))
        matrix = np.array([row[1:] for row in cells[1:]], int)
        assert matrix.sum() == 23  # the blank one was not read
        off = matrix.sum() - np.trace(matrix)
        pairs = [r for r in table(report, "pairs") if r["component"] == component]
        assert sum(int(row["count"]) for row in pairs) == off
        assert {row["true"] for row in pairs} <= set(classes)


def test_two_models_are_compared_on_the_same_pictures(report, data, weights):
    right = []
    for path in weights:
        rows = csv.DictReader(open(data / "labels.tsv"), delimiter="\t")
        network = KoOCR(path)
        right.append(
            [
                i != 5 and network.predict(data / row["path"])[0] == row["label"]
                for i, row in enumerate(rows)
            ]
        )
    whole = table(report, "comparison")[0]
    alone = sum(a and not b for a, b in zip(*right, strict=True))
    assert int(whole["first_alone"]) == alone
    other = sum(b and not a for a, b in zip(*right, strict=True))
    assert int(whole["second_alone"]) == other
    assert float(whole["first"]) == pytest.approx(np.mean(right[0]))


def test_every_table_is_json_too(report):
    for path in report.glob("*.csv"):
        if path.stem.startswith("confusion"):
            continue
        rows = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert len(rows) == len(table(report, path.stem))


def test_errors_come_with_pictures_guesses_and_maps(report, parsed):
    text = (report / "report.html").read_text(encoding="utf-8")
    cards = re.findall(r"<article.*?</article>", text, re.S)
    errors = [row for row in table(report, "errors") if row["readable"] == "True"]
    assert len(cards) == len(errors)
    for card in cards:
        assert card.count("<img") >= 5  # picture, view, three maps
        assert card.count("<li>") == 3  # --top_n
    assert "5.png: The picture holds no ink" in "".join(parsed.text)


def test_compare_needs_the_report():
    with pytest.raises(ValueError, match="set report=true"):
        evaluate.EvaluateOptions(compare="x")


def test_both_languages_have_every_label():
    for english, korean in labels.LABELS.values():
        assert english and korean
        assert not re.search("[가-힣]", english)


def make_chunk(count):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 255, (count, 32, 32), np.uint8)
    names = np.array(list(ALL_SYLLABLES[:count]))
    groups = np.array([f"g{i}" for i in range(count)])
    loaders = [(f"{i}.png", lambda i=i: images[i]) for i in range(count)]
    return Chunk("big", images, names, groups, {}, loaders)


def sure_heads(count, confidence):
    """Heads that all read 힣, each picture with its own confidence."""
    heads = {}
    for name, classes in COMPONENTS.items():
        rest = 1 - confidence if name == "initial" else np.zeros(count)
        array = np.tile(rest[:, None] / (len(classes) - 1), (1, len(classes)))
        array[:, -1] = confidence if name == "initial" else 1
        heads[name] = array
    return heads


def test_what_is_kept_is_bounded_and_the_worst():
    found, count = records.Records(2, ALL_SYLLABLES), 500
    confidence = np.random.default_rng(1).permutation(count) / count * 0.9 + 0.09
    found.add(make_chunk(count), sure_heads(count, confidence))
    found.finish()
    worst = [error.guesses[0][1] for error in found.worst]
    expected = np.sort(confidence)[::-1][: records.NUM_WORST]
    np.testing.assert_allclose(worst, expected)
    assert max(map(len, found.pairs.values())) == records.PAIR_EXAMPLES
    assert [e.name for e in found.worst[:1]] == [f"{confidence.argmax()}.png"]


def test_other_pictures_cannot_be_compared():
    both = []
    for count in (3, 4):
        found = records.Records(1, ALL_SYLLABLES)
        found.add(make_chunk(count), sure_heads(count, np.full(count, 0.9)))
        both.append(found.finish())
    with pytest.raises(ValueError, match="did not read the same pictures"):
        breakdown.comparison_rows(*both)


def test_no_pictures_are_no_report():
    with pytest.raises(ValueError, match="no pictures"):
        records.Records(5, ALL_SYLLABLES).finish()


def test_figures_without_a_value_are_null(tmp_path):
    page.save_table(tmp_path / "t", [{"a": float("nan"), "b": 1}])
    assert json.loads((tmp_path / "t.json").read_text()) == [{"a": None, "b": 1}]


def test_chunks_name_their_pictures(data):
    (chunk, _) = read_chunks(data, 32)
    name, load = chunk.loaders[1]
    assert name == "2.png" and np.asarray(load()).shape == (60, 80)
