"""Presentations (PPTX) into text, opened by python-pptx: each slide a page with its title as heading.

Bullets are list items with their depth, tables and charts are tables, the speaker's notes follow under the heading
`Notes`. A slide without a title has its number as heading, so that it does not read as a part of the one before.
Hidden slides are left out and said to be; feet, dates, pictures and diagrams (SmartArt) are not read.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from ..errors import OptionalDependencyError
from .archives import DAMAGED, check_archive, no_file, transitional
from .encoding import NotTextError
from .figures import shown
from .layout import Extracted, Layout
from .numbering import number_in

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_GROUPS = 20  # shapes in shapes
MAX_SLIDES = 5_000
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_TITLES = {"TITLE": 2, "VERTICAL_TITLE": 2, "CENTER_TITLE": 1}  # levels of their headings; a cover may have any
_BODIES = frozenset(("BODY", "OBJECT", "VERTICAL_BODY", "VERTICAL_OBJECT"))
_FEET = frozenset(("DATE", "FOOTER", "HEADER", "SLIDE_NUMBER"))
_NUMBERS = {"arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
            "romanUc": "upperRoman"}  # fmt: skip
_SIGNS = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})"}


def read_pptx(data: bytes) -> Extracted:
    """Text and blocks of a PPTX file; its pages are the slides.

    Raises:
        NotTextError: it is no PPTX file, is protected, or holds or unpacks to more than it should.
        OptionalDependencyError: python-pptx is not installed.

    """
    try:
        from pptx import Presentation
    except ImportError as error:
        raise OptionalDependencyError("python-pptx", "pptx", "Reading PPTX") from error
    check_archive(data, "PPTX")
    try:
        slides = list(Presentation(io.BytesIO(transitional(data))).slides)
    except DAMAGED as error:
        raise no_file("PPTX", error) from None
    if len(slides) > MAX_SLIDES:
        raise NotTextError(f"it holds {len(slides):,} slides, which is more than are read")
    layout, hidden, broken = Layout(), [], []
    for number, slide in enumerate(slides, 1):
        layout.page()
        if slide.element.get("show") in ("0", "false"):
            hidden.append(str(number))
            continue
        try:
            _slide(layout, slide, number)
        except DAMAGED as error:  # the others are read
            broken.append(f"{number} ({type(error).__name__})")
    notes = [f"hidden slides left out: {', '.join(hidden[:20])}"] if hidden else []
    notes += [f"slides that cannot be read whole: {', '.join(broken[:20])}"] if broken else []
    return layout.extracted._replace(note="; ".join(notes))


def _slide(layout: Layout, slide: Any, number: int) -> None:
    shapes = [(shape, _kind(shape)) for shape in _shapes(slide.shapes)]
    titles = [(shape, _TITLES[kind]) for shape, kind in shapes if kind in _TITLES and shape.text_frame.text.strip()]
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    said = [text for text in (notes.text if notes is not None else "").split("\n") if text.strip()]
    layout.place(f"slide {number}")
    is_cover = any(kind == "SUBTITLE" and _says(shape) for shape, kind in shapes)
    level = (1 if is_cover else titles[0][1]) if titles else 2
    if titles:
        layout.heading(_text(titles[0][0].text_frame.text), level)
    elif said or any(kind not in _FEET and _says(shape) for shape, kind in shapes):
        layout.heading(f"Slide {number}", level)
    for shape, kind in shapes:
        if kind in _FEET or (titles and shape is titles[0][0]):
            continue
        if getattr(shape, "has_table", False):
            _table(layout, shape.table)
        elif getattr(shape, "has_chart", False):
            _chart(layout, shape.chart)
        elif shape.has_text_frame:
            _frame(layout, shape, kind)
    if said:
        layout.place(f"slide {number}, notes")
        layout.heading("Notes", level + 1)
        for text in said:
            layout.paragraph(_text(text))


def _says(shape: Any) -> bool:
    framed = shape.has_text_frame and shape.text_frame.text.strip()
    return bool(framed) or getattr(shape, "has_table", False) or getattr(shape, "has_chart", False)


def _shapes(shapes: Any) -> Iterator[Any]:
    """Shapes in order, those in groups among them."""
    waiting = [iter(shapes)]
    while waiting:
        shape = next(waiting[-1], None)
        if shape is None:
            waiting.pop()
        elif hasattr(shape, "shapes"):
            if len(waiting) > MAX_GROUPS:
                raise NotTextError(f"its shapes are nested more than {MAX_GROUPS} deep")
            waiting.append(iter(shape.shapes))
        else:
            yield shape


def _kind(shape: Any) -> str:
    """What a placeholder is for; empty for other shapes."""
    kind = shape.placeholder_format.type if shape.is_placeholder else None
    return kind.name if kind is not None else ""


def _text(text: str) -> str:
    return text.replace("\v", "\n")  # python-pptx's sign of a line break


def _frame(layout: Layout, shape: Any, kind: str) -> None:
    """The paragraphs of a shape; those with bullets or numbers are one list."""
    group, counts = -1, dict[int, int]()
    styles = _list_styles(shape)
    for paragraph in shape.text_frame.paragraphs:
        text, depth = _text(paragraph.text), paragraph.level
        if not text.strip():
            continue
        sign = _bullet(paragraph, [style.find(f"{_A}lvl{depth + 1}pPr") for style in styles], counts, kind)
        for deeper in [one for one in counts if one > depth]:
            del counts[deeper]
        if sign:
            group = group if group >= 0 else layout.new_group()
            layout.item(text, group, depth, sign)
        else:
            group = -1
            counts.clear()
            layout.paragraph(text)


def _list_styles(shape: Any) -> list[Any]:
    """What a shape, and a placeholder that it takes the place of, say of their paragraphs."""
    found = []
    for _ in range(3):  # slide, layout, master
        style = shape.element.find(f".//{_A}lstStyle") if shape is not None else None
        if style is not None:
            found.append(style)
        shape = getattr(shape, "_base_placeholder", None)
    return found


def _bullet(paragraph: Any, styles: list[Any], counts: dict[int, int], kind: str) -> str:
    """The bullet or number of a paragraph; empty where it has none."""
    own = paragraph._p.find(f"{_A}pPr")
    for properties in (own, *styles):
        if properties is None:
            continue
        numbered = properties.find(f"{_A}buAutoNum")
        if properties.find(f"{_A}buNone") is not None:
            return ""
        if numbered is not None:
            scheme, start = numbered.get("type", ""), numbered.get("startAt", "1")
            first = int(start) if start.isascii() and start.isdigit() else 1
            counts[paragraph.level] = counts.get(paragraph.level, min(first, 100_000) - 1) + 1
            name = next((one for one in _NUMBERS if scheme.startswith(one)), "arabic")
            number = number_in(_NUMBERS[name], counts[paragraph.level])
            return _SIGNS.get(scheme.removeprefix(name), "{}").format(number)
        if any(properties.find(f"{_A}{sign}") is not None for sign in ("buChar", "buBlip")):
            return "-"
    return "-" if kind in _BODIES else ""  # a master gives bullets to these


def _table(layout: Layout, table: Any) -> None:
    rows: list[list[str]] = []
    for row in table.rows:
        cells = [_text(cell.text) for cell in row.cells]
        for at, cell in enumerate(row.cells):
            if cell._tc.vMerge and rows:
                cells[at] = rows[-1][at]
        rows.append(cells)
    layout.table(rows, int(table.first_row and len(rows) > 1))


def _chart(layout: Layout, chart: Any) -> None:
    """A chart as the table of its values."""
    try:
        if chart.has_title and chart.chart_title.has_text_frame:
            layout.paragraph(_text(chart.chart_title.text_frame.text))
        for plot in chart.plots:
            names = [str(category) for category in plot.categories]
            series = [(one.name, list(one.values)) for one in plot.series]
            rows = [["", *(name for name, _ in series)]]
            rows += [[name, *(shown(values[at]) if at < len(values) else "" for _, values in series)]
                     for at, name in enumerate(names)]  # fmt: skip
            layout.table(rows, 1)
    except (AttributeError, KeyError, ValueError, TypeError, NotImplementedError):
        return  # a kind of chart that python-pptx does not know
