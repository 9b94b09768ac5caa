"""Rules that are drawn on a page, as a table has them: PDFium's paths, within forms too."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .pdf_page import Shown

MAX_OBJECTS = 50_000  # of a page that are looked at for rules; a map or a plot has more, and no table
MAX_DEPTH = 8  # of forms within forms
THIN = 3.0  # points; a drawn line that is thicker is an area
MIN_RULE = 8.0  # points; shorter strokes are parts of pictures or of letters


class Rule(NamedTuple):
    """A straight line along the page's edges, from its upper or left end."""

    x0: float
    y0: float
    x1: float
    y1: float


def rules_of(raw: Any, page: Any, shown: Shown) -> Iterator[Rule]:
    """Lines along the page's edges that are drawn as lines, thin areas or edges of areas."""
    left = [MAX_OBJECTS]
    for index in range(raw.FPDFPage_CountObjects(page)):
        yield from _rules_of(raw, raw.FPDFPage_GetObject(page, index), (1, 0, 0, 1, 0, 0), shown, left, 0)


_Matrix = tuple[float, float, float, float, float, float]


def _times(one: _Matrix, two: _Matrix) -> _Matrix:
    a, b, c, d, e, f = one
    g, h, i, j, k, m = two
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _rules_of(raw: Any, thing: Any, outer: _Matrix, shown: Shown, left: list[int], depth: int) -> Iterator[Rule]:
    left[0] -= 1
    if left[0] < 0 or depth > MAX_DEPTH or not thing:
        return
    kind = raw.FPDFPageObj_GetType(thing)
    if kind not in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM):
        return
    own = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(thing, own)
    matrix = _times((own.a, own.b, own.c, own.d, own.e, own.f), outer)
    if kind == raw.FPDF_PAGEOBJ_FORM:
        for index in range(raw.FPDFFormObj_CountObjects(thing)):
            yield from _rules_of(raw, raw.FPDFFormObj_GetObject(thing, index), matrix, shown, left, depth + 1)
        return
    x, y = ctypes.c_float(), ctypes.c_float()
    start = last = (0.0, 0.0)
    for index in range(raw.FPDFPath_CountSegments(thing)):
        left[0] -= 1
        if left[0] < 0:
            return
        segment = raw.FPDFPath_GetPathSegment(thing, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        a, b, c, d, e, f = matrix
        point = shown.point(x.value * a + y.value * c + e, x.value * b + y.value * d + f)
        what = raw.FPDFPathSegment_GetType(segment)
        if what == raw.FPDF_SEGMENT_MOVETO:
            start = point
        elif what == raw.FPDF_SEGMENT_LINETO:
            yield from _straight(last, point)
        if raw.FPDFPathSegment_GetClose(segment):
            yield from _straight(point, start)
        last = point


def _straight(one: tuple[float, float], two: tuple[float, float]) -> Iterator[Rule]:
    x0, x1 = sorted((one[0], two[0]))
    y0, y1 = sorted((one[1], two[1]))
    if (y1 - y0 <= 1 and x1 - x0 >= MIN_RULE) or (x1 - x0 <= 1 and y1 - y0 >= MIN_RULE):
        yield Rule(x0, y0, x1, y1)
