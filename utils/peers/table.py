"""The figures of a comparison -> the tables that people read."""

from utils.analysis.report import Percent, format_table


def accuracy_table(figures):
    """Returns top-1 and top-5 of every contestant on every source, as text.

    Args:
        figures: list of dicts as `comparison.summarise` gives them; the bare network
            gives no answers, and has no row.
    """
    judged = [row for row in figures if row["top_1"]]
    sources = list(judged[0]["top_1"]) if judged else []
    header = ["contestant"]
    for source in sources:
        header += [f"{source} top-1 %", "top-5 %"]
    rows = []
    for row in judged:
        cells = [row["name"]]
        for source in sources:
            cells += [Percent(row["top_1"][source]), _top_5(row, source)]
        rows.append(cells)
    return format_table(header, rows)


def _top_5(row, source):
    return Percent(row["top_5"][source]) if row["top_5"] else "-"


def speed_table(figures):
    """Returns time, throughput, size, memory and start of every contestant, as text.

    Ratios are to the first row, by the medians; what was not counted is a dash.
    """
    header = ["contestant", "1 a call: ms", "processor ms", "ratio"]
    header += ["256 a call: /s", "ratio", "MB", "peak MB", "start s"]
    header += ["GEMM Gmac/s", "share %", "256: share %"]
    first = figures[0]
    rows = []
    for row in figures:
        many = row["many_per_second"][0] / first["many_per_second"][0]
        cells = [row["name"], _spread(row["one_ms"]), _spread(row["one_cpu_ms"])]
        cells += [_ratio(row, first), _spread(row["many_per_second"]), f"{many:.2f}"]
        cells += [f"{row['megabytes']:.1f}", _known(row["memory"], ".0f")]
        cells += [f"{row['cold_start']:.2f}", _known(row["gemm"], ".1f")]
        for key in ("share", "share_all"):
            cells.append("-" if row[key] is None else str(Percent(row[key])))
        rows.append(cells)
    return format_table(header, rows)


def _ratio(row, first):
    """Shows the processor's time of a picture beside that of the first row."""
    if not row["one_cpu_ms"]:
        return "-"
    return f"{row['one_cpu_ms'][0] / first['one_cpu_ms'][0]:.2f}"


def _known(value, form):
    return "-" if value is None else format(value, form)


def _spread(values):
    """Shows a median with the smallest and the largest, or a dash for None."""
    if values is None:
        return "-"
    median, low, high = values
    return f"{median:.1f} ({low:.1f}-{high:.1f})"
