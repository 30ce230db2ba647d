"""Google Drive ids -> files, through gdown."""

from pathlib import Path

from utils.bars import progress_bar
from utils.data.download import TIMEOUT
from utils.data.fetching.checksums import record
from utils.data.fetching.download_checks import DownloadError, check_whole, one_line


def fetch_drive(id, path, magic=(), timeout=TIMEOUT):
    """Downloads a public file of Google Drive, or leaves it as it is if it is there.

    A download that broke goes on where it was. Needs the package gdown.

    Args:
        id: what Drive calls the file.
        path: where to put it; its folders are made.
        magic: tuple of first bytes, one of which the file must have; () admits all.
        timeout: seconds without a byte after which to give up.

    Returns:
        `path` as a `Path`.

    Raises:
        DownloadError: gdown is missing, Drive cannot be reached or refuses (it limits
            downloads a day), or the file does not begin as it should or is
            not the one that came the first time (see `checksums`).
    """
    path = Path(path)
    if path.exists():
        check_whole(path, magic)
        return path
    gdown = _import_gdown()
    path.parent.mkdir(parents=True, exist_ok=True)
    # The delay keeps the bar away until bytes come: a failure is then one line.
    with progress_bar(desc=path.name, unit="B", unit_scale=True, delay=0.01) as bar:

        def show(received, total):
            bar.total = total
            bar.update(received - bar.n)

        options = {"quiet": True, "resume": True, "timeout": timeout, "progress": show}
        try:
            gdown.download(id=id, output=str(path), **options)
        except (OSError, gdown.exceptions.DownloadError) as error:
            raise DownloadError(
                f"{path.name} (Google Drive id {id}): {_reason(error)} Try again "
                f"later, or put a copy from elsewhere at {path}."
            ) from None
    try:
        check_whole(path, magic)
    except DownloadError:
        path.unlink()
        raise
    record(path)
    return path


def _reason(error):
    """Says whether Drive was not reached, or what it (or the disk) answered."""
    if isinstance(error, OSError) and error.errno is None:
        return f"Google Drive cannot be reached ({type(error).__name__})."
    return one_line(error).rstrip(".") + "."


def _import_gdown():
    try:
        import gdown
    except ImportError:
        raise DownloadError(
            "Downloading from Google Drive needs gdown; run: pip install gdown"
        ) from None
    return gdown
