"""A page is read alone, whatever desk it lies on."""

import cv2
import numpy as np
import pytest

from utils.lines.sheet import cover_surroundings

HEIGHT, WIDTH = 500, 900
ROWS, COLUMNS = np.indices((HEIGHT, WIDTH))
CORNERS = cv2.boxPoints(((450, 250), (640, 330), 4)).astype(int)
DESKS = {
    "even": np.full((HEIGHT, WIDTH), 90),
    "checked cloth": np.where((ROWS // 30 + COLUMNS // 30) % 2, 90, 200),
    "striped cloth": np.where((ROWS + COLUMNS) % 60 < 30, 90, 200),
    "keys": np.where((ROWS % 60 < 8) | (COLUMNS % 62 < 8), 190, 45),
}


def page():
    """Letters of many strokes in three lines on a sheet: 1 on ink."""
    ink = np.zeros((HEIGHT, WIDTH), np.float32)
    for top in (150, 230, 310):
        for left in range(200, 660, 60):
            cv2.rectangle(ink, (left, top), (left + 22, top + 22), 1, 5)
            cv2.line(ink, (left + 36, top - 8), (left + 36, top + 40), 1, 5)
    return ink


@pytest.mark.parametrize("desk", DESKS)
def test_the_desk_is_covered_and_the_page_stays(desk):
    sheet = cv2.fillConvexPoly(np.zeros((HEIGHT, WIDTH), np.uint8), CORNERS, 1)
    picture = np.where(sheet, 230 - 185 * page(), DESKS[desk]).astype(np.uint8)
    seen = cover_surroundings(picture)
    around = cv2.dilate(sheet, np.ones((5, 5))) == 0
    inside = cv2.erode(sheet, np.ones((41, 41))) > 0
    assert np.abs(seen[around].astype(int) - 230).max() < 12
    assert (seen[inside] == picture[inside]).all() and seen[inside].min() == 45
