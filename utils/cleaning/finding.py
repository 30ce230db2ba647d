"""Where the ink of a picture is: at a size to look at, closer, out of its frame."""

import cv2
import numpy as np

from utils.cleaning.brackets import without_brackets
from utils.cleaning.clutter import sheet_among_others
from utils.cleaning.companions import without_companions
from utils.cleaning.crosses import without_cross
from utils.cleaning.cuts import Part, all_of, cut, extent, within
from utils.cleaning.dots import join_dots
from utils.cleaning.dust import without_dust
from utils.cleaning.fading import without_fading
from utils.cleaning.frames import cover_outside, inside_frame
from utils.cleaning.ground import remove_ground
from utils.cleaning.ink import Ink, ink_of
from utils.cleaning.paper import NoInkError, has_shadow_edges, remove_paper
from utils.cleaning.plates import on_solid
from utils.cleaning.rulings import without_rulings
from utils.cleaning.shades import without_shades
from utils.cleaning.sheet import find_sheet
from utils.cleaning.small import small_ink
from utils.cleaning.strokes import find_strokes
from utils.cleaning.work_size import at_work_size, is_lost, part_around

_MIN_ROOM_SIDE = 6  # pixels: in less nothing can be read


def find_ink_at_work_size(gray: np.ndarray) -> Ink:
    """Removes the paper and finds the ink of a picture, at work size.

    Args:
        gray: `uint8` (height, width).

    Raises:
        NoInkError: the picture holds no ink.
    """
    small = at_work_size(gray)
    ink = _ink(remove_paper(small))
    return small_ink(gray, small, ink) or ink


def _ink(clean):
    """Returns the `Ink` of a clean picture, dots joined, and nothing of it faded."""
    ink = ink_of(clean)
    better = join_dots(clean, ink.parts[1:])
    better = without_fading(clean) if better is None else better
    return ink if better is None else ink_of(better)


def find_ink(gray: np.ndarray, found: Ink | None = None) -> tuple[Part, Ink]:
    """Removes the paper and finds the ink, if need be in a part of the picture.

    Args:
        gray: `uint8` (height, width).
        found: what `find_ink_at_work_size` gave for it, if that is known.

    Returns:
        (part, ink): a `cuts.Part` of `gray`; and what is in it, at work size, without
            dust.

    Raises:
        NoInkError: the picture holds no ink.
    """
    seen = _on_sheet(gray, sheet_among_others)
    if seen is None:
        bare = without_shades(gray, at_work_size(gray))
        gray, found = (gray, found) if bare is None else (bare, None)
        seen = _on_sheet(gray, find_sheet)
    gray, part, ink = seen or (
        gray,
        all_of(gray),
        found or find_ink_at_work_size(gray),
    )
    is_framed = False
    while (closer := _closer(gray, part, ink)) is not None:
        seen, inner, in_cell = closer
        try:
            ink = find_ink_at_work_size(cut(seen, inner))
        except NoInkError:  # the frame, or the plate, is all there is
            break
        is_framed |= in_cell
        ink = without_cross(ink) if is_framed else ink
        gray, part = seen, inner
    ink = _beside_shadows(at_work_size(cut(gray, part)), ink)
    ink = without_cross(ink) if is_framed else ink
    ink = without_dust(without_rulings(ink))
    return part, without_companions(without_brackets(ink))


def _on_sheet(gray, find):
    """Looks at the sheet in a picture of more, at nothing else.

    Args:
        gray: `uint8` (height, width).
        find: gives the sheet's mask as `find_sheet` does.

    Returns:
        (picture, part, ink): the picture, the sheet's paper going on around it; the
        sheet's part of it; and what `find_ink_at_work_size` gives for that. None
        without a sheet.
    """
    sheet = find(gray)
    if sheet is None:
        return None
    left, top, width, height = cv2.boundingRect(sheet)
    part = within(all_of(gray), (top, top + height, left, left + width), sheet.shape)
    seen = cover_outside(gray, sheet)
    try:
        return seen, part, find_ink_at_work_size(cut(seen, part))
    except NoInkError:
        return None


def _beside_shadows(gray, ink):
    """Removes the paper anew, up to the edges of shadows, where there are such.

    Not before: so closely followed, a sheet's edge and a frame's would go as well.

    Args:
        gray: `uint8` (height, width), at work size.
        ink: what `find_ink_at_work_size` made of it.

    Returns:
        The `Ink` as before, or anew.
    """
    if not has_shadow_edges(gray):
        return ink
    try:
        return _ink(remove_ground(gray, find_strokes(gray)))
    except NoInkError:
        return ink


def _closer(gray, part, ink):
    """Finds the part of a part of the picture that should be looked at instead.

    Args:
        gray: `uint8` (height, width).
        part: (top, bottom, left, right) in pixels of `gray`.
        ink: of that part, as `find_ink_at_work_size` gives it.

    Returns:
        (picture, part, in_cell): the picture with all but that part's room covered,
        and whether that is paper in a frame, no plate; None where nothing is gained.
    """
    shape = ink.clean.shape
    is_reduced = extent(part) > max(shape)
    if is_reduced and is_lost(ink):
        return gray, part_around(ink, part), False
    room = inside_frame(ink.clean)
    room = on_solid(ink, cut(gray, part)) if room is None else room
    if room is None:
        if not is_reduced:
            return None
        bare = without_rulings(ink)
        return (gray, part_around(bare, part), False) if is_lost(bare) else None
    left, top, width, height = cv2.boundingRect(room)
    inner = within(part, (top, top + height, left, left + width), shape)
    if min(inner[1] - inner[0], inner[3] - inner[2]) < _MIN_ROOM_SIDE:
        return None
    seen = gray.copy()
    cut(seen, part)[:] = cover_outside(cut(gray, part), room)
    return seen, inner, bool(np.median(ink.clean[room > 0]) > 127)
