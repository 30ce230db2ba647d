"""Opens a page to draw on: syllables are read as they are written.

    python demo.py
    python demo.py --weights=./logs/weights --port=8000

Draw with mouse, finger or pen, or drop a picture: five guesses, jamo by jamo with the
doubtful one marked, and where the network looked. A second tab shows a syllable to
write and says which jamo is off. The page is served on this computer alone unless
--host says otherwise; nothing is sent anywhere, and no picture is kept.
"""

import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from functools import cache, partial

from model import KoOCR
from utils.cli import check_options, option, parse_options
from utils.output import run_script
from utils.pictures.heif import learn_heif
from utils.presets import weights_option
from utils.weights.files import presets

# Read by Gradio when it is imported.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


@dataclass(frozen=True)
class DemoOptions:
    """How to serve the page."""

    weights: str = weights_option(
        help="more weights to choose from: a file, or a folder ('': pretrained alone)"
    )
    host: str = option("127.0.0.1", "address to serve at (0.0.0.0: to the network)")
    port: int = option(7860, "port to serve at", low=1, high=65535)

    def __post_init__(self):
        check_options(self)


def main(argv=None):
    """Runs the script; returns its exit status."""
    options = parse_options(__doc__, DemoOptions, argv=argv)
    # So that the temporary folder goes as well when the process is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        networks = find_networks(options.weights)
        next(iter(networks.values()))()  # an error now rather than at the first stroke
        with tempfile.TemporaryDirectory(prefix="koocr-demo-") as folder:
            os.environ["GRADIO_TEMP_DIR"] = folder
            serve(networks, options)
    except (ValueError, OSError, ImportError) as error:
        print(f"demo.py: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


def find_networks(weights):
    """Returns dict, name -> function () -> `KoOCR`: the weights given, and pretrained.

    Each is loaded when it is first asked for.
    """
    names = dict.fromkeys([weights, *presets()] if weights else presets())
    return {str(name): cache(partial(KoOCR, name)) for name in names}


def serve(networks, options):
    """Serves the page until it is interrupted.

    Args:
        networks: as `find_networks` gives them; the first is chosen.
        options: `DemoOptions`.

    Raises:
        ImportError: Gradio is not installed.
    """
    try:
        import uvicorn

        from utils.demo.page import build_page
        from utils.demo.serving import make_app
    except ImportError as error:
        raise ImportError(
            f'The page needs Gradio ({error}); run pip install -e ".[demo]" in '
            "KoOCR's folder."
        ) from None
    learn_heif()  # Gradio decodes what is dropped, by Pillow
    app = make_app(build_page(networks), options.host)
    print(f"http://{options.host}:{options.port} (stop with Ctrl-C)", flush=True)
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning")


if __name__ == "__main__":
    run_script(main)
