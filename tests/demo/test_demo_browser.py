"""The demo page in a real browser; skipped where Gradio or a browser is missing."""

import shutil
import threading
import time

import numpy as np
import pytest

from tests.helpers import serving
from tests.helpers.drawn_weights import draw_weights
from utils.hangul import ALL_SYLLABLES

pytest.importorskip("gradio", reason="the page needs Gradio")
sync_api = pytest.importorskip("playwright.sync_api", reason="needs Playwright")

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def network(tiny_network):
    from model import KoOCR

    made = KoOCR(weights=None, network=tiny_network, fc_link="GWAP", image_size=32)
    return draw_weights(made, seed=0, spread=0.3)


@pytest.fixture(scope="module")
def address(network, tmp_path_factory):
    """Serves the page on a free port, pictures going to a folder of the test."""
    import uvicorn

    from utils.demo.page import build_page
    from utils.demo.serving import make_app

    port = serving.free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        app = make_app(build_page({"tiny": lambda: network}), "127.0.0.1")
        config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        for _ in range(600):
            if server.started:
                break
            time.sleep(0.1)
        assert server.started
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def browser():
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    found = found or shutil.which("google-chrome")
    with sync_api.sync_playwright() as playwright:
        try:
            made = playwright.chromium.launch(
                executable_path=found, args=["--no-sandbox"]
            )
        except sync_api.Error as error:
            pytest.skip(f"no Chromium: {str(error).splitlines()[0]}")
        yield made
        made.close()


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def opened(request, browser, address):
    """A page of one size, and the addresses that it asked for."""
    context = browser.new_context(viewport=request.param)
    page, asked = context.new_page(), []
    page.on("request", lambda r: asked.append(r.url))
    page.set_default_timeout(60000)
    page.goto(address)
    page.wait_for_selector("#sketch canvas")
    yield page, asked
    context.close()


def draw(page, name, strokes):
    """Draws strokes, fractions of the canvas, with the mouse."""
    canvas = page.locator(f"{name} canvas").first
    canvas.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    box = canvas.bounding_box()
    for stroke in strokes:
        points = [
            (box["x"] + x * box["width"], box["y"] + y * box["height"])
            for x, y in stroke
        ]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=6)
        page.mouse.up()


GA = [[(0.2, 0.25), (0.5, 0.25), (0.35, 0.7)], [(0.7, 0.15), (0.7, 0.85)]]
GA += [[(0.7, 0.45), (0.85, 0.45)]]


def test_strokes_are_read_as_they_are_drawn(opened, address):
    page, asked = opened
    draw(page, "#sketch", GA[:2])
    page.wait_for_selector("#answer .answers li")
    guesses = page.locator("#answer .answers b").all_inner_texts()
    assert len(guesses) == 5 and set(guesses) <= set(ALL_SYLLABLES)
    assert page.locator("#answer .maps img").count() == 3
    assert page.locator("#answer .parts > div").count() == 3
    # Nothing wider than the window, and nothing asked of anybody else.
    assert page.evaluate("document.documentElement.scrollWidth") <= (
        page.viewport_size["width"] + 1
    )
    strangers = [u for u in asked if not u.startswith((address, "data:", "blob:"))]
    assert not strangers


def test_the_page_speaks_korean(opened):
    page, _ = opened
    page.get_by_label("한국어").check()
    page.get_by_role("tab", name="쓰기 연습").wait_for()
    draw(page, "#sketch", GA)
    page.get_by_text("인식 결과").wait_for()


def canvas_place(page):
    """Returns where the canvas begins below the syllable that is wanted, and its size.

    On the page, not on the screen: a phone's screen may scroll.
    """
    canvas = page.locator("#practice-sketch canvas").bounding_box()
    wanted = page.locator("#wanted .wanted").bounding_box()
    return canvas["y"] - wanted["y"], canvas["width"], canvas["height"]


def test_practice_tells_which_jamo_is_off(opened):
    page, _ = opened
    page.get_by_role("tab", name="Practice").click()
    page.wait_for_selector("#wanted .wanted")
    first = page.locator("#wanted .wanted").inner_text()
    assert first in ALL_SYLLABLES
    page.wait_for_selector("#practice-sketch canvas")
    draw(page, "#practice-sketch", GA[:1])
    before = canvas_place(page)
    page.wait_for_selector("#verdict .jamo li, #verdict p.good")
    # The answer does not move the canvas away under the pen.
    assert canvas_place(page) == before
    text = page.locator("#verdict").inner_text()
    assert "initial" in text or "Well written" in text
    page.locator("#next").click()
    page.wait_for_function("document.querySelector('#verdict').innerText.trim() === ''")


def test_a_picture_can_be_dropped(opened, tmp_path):
    from PIL import Image

    image = np.full((120, 120), 255, np.uint8)
    image[20:100, 30:40] = image[60:70, 30:100] = 0
    path = tmp_path / "picture.png"
    Image.fromarray(image).save(path)
    page, _ = opened
    page.set_input_files("#upload input[type=file]", path)
    page.wait_for_selector("#answer .answers li")


def test_other_hosts_and_large_files_are_refused(address):
    import httpx

    found = httpx.get(address, headers={"Host": "evil.example"})
    assert found.status_code == 400
    policy = httpx.get(address).headers["Content-Security-Policy"]
    assert "connect-src 'self'" in policy
    large = {"files": ("a.png", b"0" * (9 * 2**20))}
    answer = httpx.post(f"{address}/gradio_api/upload", files=large, timeout=60)
    assert answer.status_code == 413
