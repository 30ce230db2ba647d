"""Packages by name -> their files, through the clients that a system has."""

import lzma
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from utils.data.fetching.download_checks import FONT_MAGIC, DownloadError, one_line

# Client -> (command that puts a package into the working folder, how to get it).
CLIENTS = {
    "npm": (
        ("npm", "pack", "--ignore-scripts", "--loglevel=error"),
        "install Node.js, which brings npm",
    ),
    "apt": (
        ("apt-get", "-qq", "download"),
        "apt-get belongs to Debian and Ubuntu; elsewhere leave these fonts out",
    ),
}

# What the readers of tar, gzip and xz raise on bytes that are none of theirs.
_DAMAGE = (tarfile.TarError, EOFError, OSError, ValueError, zlib.error, lzma.LZMAError)

_MAX_FONT = 1 << 27  # bytes: collections of all of CJK take a fifth of it
_TIMEOUT = 900  # seconds for one package
_BLOCK = 60  # bytes of a member's header in an ar archive


@contextmanager
def fetch_package(client, package):
    """Fetches a package into a temporary folder, for the time of a `with` block.

    Args:
        client: `npm` or `apt`.
        package: its name.

    Yields:
        Path of the package: .tgz or .deb.

    Raises:
        DownloadError: the client is missing or cannot fetch the package.
    """
    command, hint = CLIENTS[client]
    program = shutil.which(command[0])
    if program is None:
        raise DownloadError(f"{package} needs {command[0]}, which is missing: {hint}.")
    with tempfile.TemporaryDirectory() as folder:
        _run([program, *command[1:], package], folder, package)
        files = [p for p in Path(folder).iterdir() if p.suffix in (".tgz", ".deb")]
        if len(files) != 1:
            raise DownloadError(f"{command[0]} fetched no file of {package}.")
        yield files[0]


def read_fonts(package, files):
    """Reads font files of a package.

    Args:
        package: path of a .tgz or .deb.
        files: ends of paths inside the package.

    Returns:
        Dict of bytes by entry of `files`; without those that the package lacks.

    Raises:
        DownloadError: the package is damaged or packed in an unknown way, or one of the
            files is no font.
    """
    package, found = Path(package), {}
    try:
        tar = _unwrap_deb(package) if package.suffix == ".deb" else package
        with tarfile.open(tar) as archive:
            for member in archive:
                ends = [f for f in files if PurePosixPath(member.name).match(f)]
                if member.isfile() and ends and member.size <= _MAX_FONT:
                    found[ends[0]] = archive.extractfile(member).read()
    except _DAMAGE as error:
        raise DownloadError(
            f"{package.name} cannot be read ({one_line(error)}); try again, and for a "
            ".deb install dpkg-deb."
        ) from None
    for file, data in found.items():
        if not data.startswith(FONT_MAGIC):
            raise DownloadError(f"{file} in {package.name} is no font.")
    return found


def _run(command, folder, package, output=None):
    """Runs a client in a folder; what it says on failure goes into the error."""
    streams = {"stdout": output or subprocess.PIPE, "stderr": subprocess.PIPE}
    try:
        done = subprocess.run(command, cwd=folder, timeout=_TIMEOUT, **streams)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DownloadError(f"{package}: {one_line(error)}") from None
    if done.returncode:
        said = [
            line for line in done.stderr.decode(errors="replace").splitlines() if line
        ]
        raise DownloadError(
            f"{package}: {Path(command[0]).name} ended with status {done.returncode}"
            f" ({' '.join(said)[:300]}); see that the network is there and, for "
            "apt-get, that apt-get update has been run."
        )


def _unwrap_deb(package):
    """Returns the path of the .tar of files in a .deb, written beside it."""
    dpkg = shutil.which("dpkg-deb")
    if dpkg:
        tar = package.with_suffix(".tar")
        with open(tar, "wb") as file:
            _run([dpkg, "--fsys-tarfile", str(package)], package.parent, package, file)
        return tar
    return _unwrap_ar(package)


def _unwrap_ar(package):
    """Does the same without dpkg-deb: a .deb is an ar archive (see ar(5))."""
    with open(package, "rb") as file:
        if file.read(8) != b"!<arch>\n":
            raise DownloadError(f"{package.name} is no .deb; try again.")
        while len(header := file.read(_BLOCK)) == _BLOCK:
            name, size = header[:16].decode("latin1").strip(" /"), int(header[48:58])
            if name.startswith("data.tar"):
                tar = package.with_name(name)
                tar.write_bytes(file.read(size))
                return tar
            file.seek(size + size % 2, 1)
    raise DownloadError(f"{package.name} holds no data.tar; try again.")
