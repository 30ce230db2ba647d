"""Where pretrained networks lie: a folder for each name."""

from pathlib import Path

PRETRAINED = Path(__file__).parents[1] / "pretrained"


def preset_path(path):
    """Returns the folder that a name means; any other path as it is.

    Args:
        path: name of a pretrained network, or a path.
    """
    folder = PRETRAINED / path
    # A name alone: a path that leads below the folder stays a path.
    is_name = folder.parent == PRETRAINED and folder.is_dir()
    return folder if is_name else Path(path)
