"""Naver's Clova handwriting fonts -> files below the font folder."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

from utils.bars import progress_bar
from utils.data.download import TIMEOUT, fetch
from utils.data.fetching.download_checks import FONT_MAGIC, DownloadError

URLS_FILE = Path(__file__).parents[3] / "files" / "clova_font_urls.txt"
FOLDER = Path("handwriting", "clova")  # below the font folder; names the domain

_CONNECTIONS = 4  # at once: most of the time goes into waiting


def download_clova_fonts(font_path, urls_file=URLS_FILE, timeout=TIMEOUT, quiet=False):
    """Downloads the fonts to `font_path`/handwriting/clova; what is there is skipped.

    A font that cannot be had does not stop the others; a download that broke goes on
    at the next call. The list has 139 addresses of 109 fonts: some stand in it twice.

    Args:
        font_path: folder of fonts.
        urls_file: UTF-8 text, an address a line.
        timeout: seconds without a byte after which to give a font up.
        quiet: show no progress bar.

    Returns:
        List of (file name, reason) of the fonts that could not be had.

    Raises:
        DownloadError: the list of addresses is missing or empty.
    """
    folder = Path(font_path) / FOLDER
    urls = read_urls(urls_file)

    def obtain(url):
        name = _file_name(url)
        try:
            if not name:
                raise DownloadError(f"{url!r} names no file.")
            fetch(url, folder / name, FONT_MAGIC, timeout, quiet=True)
        except (DownloadError, OSError) as error:
            return name or url, str(error)
        return None

    with ThreadPoolExecutor(_CONNECTIONS) as pool:
        results = pool.map(obtain, urls)
        bar = progress_bar(results, "Clova fonts", len(urls), unit="font", quiet=quiet)
        return [failure for failure in bar if failure]


def read_urls(path):
    """Returns the addresses of a list in its order, each once.

    Raises:
        DownloadError: the list is missing or empty.
    """
    path = Path(path)
    lines = path.read_text("utf-8-sig").splitlines() if path.is_file() else []
    urls = tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not urls:
        raise DownloadError(
            f"{path} is missing or lists no address; restore it from the project."
        )
    return urls


def _file_name(url):
    """Returns the last part of an address, decoded, if it can name a file."""
    name = unquote(urlsplit(url).path).rsplit("/", 1)[-1]
    # A line break would part the file's line in the record of checksums.
    return "" if name in (".", "..") or not name.isprintable() or "\\" in name else name
