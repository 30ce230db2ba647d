"""The demo page -> a web application that speaks with nobody else."""

import gradio as gr
from fastapi import FastAPI
from fastapi.responses import Response
from PIL import Image
from starlette.middleware.trustedhost import TrustedHostMiddleware

from utils.analysis.typeface import web_font
from utils.demo.style import STYLE

MAX_UPLOAD = "8mb"  # of one picture
MAX_PIXELS = 20_000_000  # of one picture; twice as many are refused
LOOPBACK = ("127.0.0.1", "localhost", "::1")

# The browser itself refuses to load anything from elsewhere, or to send there.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' data: blob:; worker-src 'self' blob:; "
    "form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
)


def make_app(page, host):
    """Returns the `fastapi.FastAPI` application of a page.

    Args:
        page: `gradio.Blocks`.
        host: address it will be served at; on a loopback address no other name of the
            machine is answered, which keeps foreign pages from reaching it by DNS.
    """
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if host in LOOPBACK:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, "[::1]"])

    @app.middleware("http")
    async def forbid_others(request, call_next):
        response = await call_next(request)
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    @app.get("/hangul.ttf")
    def hangul():
        return Response(web_font(), media_type="font/ttf")

    # Gradio's own themes fetch their fonts from a server of Google.
    plain = gr.themes.Default(
        font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
    )
    return gr.mount_gradio_app(
        app,
        page,
        "/",
        theme=plain,
        css=STYLE,
        footer_links=[],
        max_file_size=MAX_UPLOAD,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
    )
