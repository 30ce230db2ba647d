"""The project's table of fonts -> font files, through npm and apt-get.

A row of `files/fonts.tsv` is a face. Its `client` fetches its `package` by name; `file`
is the end of the path of the face inside the package. With client `-` the face comes
from its maker's own site and `file` is a pattern: the row's facts hold for a file of
that name which somebody put below the font folder.
"""

import csv
import io
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from utils.bars import progress_bar
from utils.data.atomic import write_atomically
from utils.data.families import DOMAINS, MANIFEST, SPLITS
from utils.data.fetching.checksums import ChecksumError, check_recorded, record
from utils.data.fetching.clients import CLIENTS, fetch_package, read_fonts
from utils.data.fetching.download_checks import DownloadError
from utils.data.fonts import SUFFIXES

FONTS_TABLE = Path(__file__).parents[3] / "files" / "fonts.tsv"
TABLE_COLUMNS = ("family", "package", "client", "file", "domain", "split")

_FACTS = ("family", "domain", "split", "wrong_glyphs")  # what the manifest takes over


class Obtained(NamedTuple):
    """What came of it.

    faces: faces of the packages that lie in the font folder now.
    fetched: those of them that this call placed there.
    failures: list of (package, reason) of the packages that could not be had whole.
    """

    faces: int
    fetched: int
    failures: list


def obtain_fonts(font_path, table=FONTS_TABLE, quiet=False):
    """Fetches the table's faces to `font_path`/<domain>/<package>/.

    Faces that are there are skipped, and packages of which nothing lacks; a package
    that cannot be had does not stop the others. The facts of every face go to
    `font_path`/manifest.tsv, whose rows of other files stay.

    Args:
        font_path: folder of fonts.
        table: path of a table like `files/fonts.tsv`.
        quiet: show no progress bar.

    Returns:
        An `Obtained`.

    Raises:
        DownloadError: the table is missing or not in order.
    """
    rows, folder = read_table(table), Path(font_path)
    packages = {}
    for row in rows:
        if row["client"] != "-":
            packages.setdefault((row["client"], row["package"]), []).append(row)
    fetched, failures = 0, []
    for (client, package), faces in progress_bar(
        packages.items(), "packages", quiet=quiet
    ):
        lacking = {row["file"]: folder / _place(row) for row in faces}
        lacking = {file: path for file, path in lacking.items() if not path.exists()}
        try:
            fetched += _obtain(client, package, lacking)
        except (DownloadError, OSError) as error:
            failures.append((package, str(error)))
    placed = {_place(row): row for row in rows if row["client"] != "-"}
    placed = {place: row for place, row in placed.items() if (folder / place).exists()}
    _write_manifest(folder, placed, [row for row in rows if row["client"] == "-"])
    return Obtained(len(placed), fetched, failures)


def read_table(path):
    """Reads a table of fonts.

    Returns:
        List of dicts, one a face, with at least the columns of `TABLE_COLUMNS`.

    Raises:
        DownloadError: the table is missing, lacks a column or holds an illegal value.
    """
    path = Path(path)
    if not path.is_file():
        raise DownloadError(f"{path} is missing; restore it from the project.")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DownloadError(f"{path} is no UTF-8 table: {error}") from None
    legal = {"client": ("-", *CLIENTS), "domain": DOMAINS, "split": SPLITS}
    for line, row in enumerate(rows, 2):
        for name in TABLE_COLUMNS:
            value = row.get(name)
            if not value or value not in legal.get(name, (value,)):
                expected = f"; expected one of {', '.join(legal.get(name, ()))}"
                raise DownloadError(
                    f"{path}, line {line}: {name} is {value!r}"
                    + (expected if name in legal else ".")
                )
    return rows


def _place(row):
    """Returns where a face goes below the font folder, with forward slashes."""
    package = row["package"].lstrip("@").replace("/", "-")
    return f"{row['domain']}/{package}/{PurePosixPath(row['file']).name}"


def _obtain(client, package, lacking):
    """Places the faces that lack, file in the package -> path; returns how many."""
    if not lacking:
        return 0
    with fetch_package(client, package) as archive:
        fonts = read_fonts(archive, lacking)
    for file, data in fonts.items():
        _place_face(lacking[file], data)
    missing = sorted(set(lacking) - set(fonts))
    if missing:
        raise DownloadError(
            f"{package} does not hold {', '.join(missing)} (any more); look into the "
            "package and correct files/fonts.tsv."
        )
    return len(fonts)


def _place_face(path, data):
    """Writes a font, unless another one came under its name the first time."""
    write_atomically(path, data)
    try:
        check_recorded(path)
    except ChecksumError as error:
        path.unlink()
        raise DownloadError(str(error)) from None
    record(path)


def _write_manifest(folder, placed, others):
    """Joins the facts of faces to the folder's manifest.

    Args:
        folder: of fonts.
        placed: file, as the manifest names it -> row of the table.
        others: rows whose `file` is a pattern, for files that are there.
    """
    path, columns, rows = folder / MANIFEST, ["file", *_FACTS], {}
    if path.is_file():
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t")
            rows = {row["file"]: row for row in reader}
            columns += [c for c in reader.fieldnames or () if c not in columns]
    for font in sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES):
        for row in others:
            if PurePosixPath(font.name).match(row["file"]):
                # What the user wrote about their own files wins.
                rows.setdefault(font.relative_to(folder).as_posix(), _facts(row))
    rows |= {file: _facts(row) for file, row in placed.items()}
    rows = [row | {"file": file} for file, row in sorted(rows.items())]
    if not rows:
        return
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(path, text.getvalue().encode())


def _facts(row):
    return {name: row.get(name) or "" for name in _FACTS}
