"""Elements of an HTML tree: which are seen, their text in one line, and tables as rows of cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from selectolax.lexbor import LexborHTMLParser, LexborNode

_UNSEEN = frozenset((
    "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "audio", "video", "nav",
    "select", "button", "textarea", "datalist", "dialog", "map",
))  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_APART = ("navigation", "doc-toc")
_MARKED = frozenset(("div", "section", "aside", "ul", "ol", "dl", "table"))  # where `toc` marks a table of contents
BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dt", "fieldset",
    "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "legend", "li", "main", "p", "search",
    "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "h1", "h2", "h3", "h4", "h5", "h6",
    "ul", "ol", "menu", "dl",
))  # fmt: skip
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
MAX_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, and whether it names the columns."""

    cells: list[str]
    is_header: bool


def table_rows(table: LexborNode) -> list[Row]:
    """Rows of a table, all of one length; none where it only places things on the page."""
    if table.attributes.get("role") in ("presentation", "none") or _holds_structure(table):
        return []
    rows: list[Row] = []
    spanning: dict[int, tuple[str, int]] = {}  # by column: a cell that reaches down, and how many rows further
    for row in (row for row in table.css("tr") if not is_unseen(row)):
        cells: list[str] = []
        kinds: set[str] = set()
        for cell in _children(row, ("td", "th")):
            _reach_down(cells, spanning)
            text = inline_text(cell)
            kinds |= {cell.tag or ""} if text else set()
            down, right = _count(cell, "rowspan"), _count(cell, "colspan")
            if down > 1:
                spanning[len(cells)] = (text, down - 1)
            cells += [text, *[""] * (right - 1)]
        _reach_down(cells, spanning)
        in_head = row.parent is not None and row.parent.tag == "thead"
        named = kinds == {"th"} and sum(map(bool, cells)) > 1
        if cells:
            rows.append(Row(cells[:MAX_COLUMNS], in_head or named))
    width = max((len(row.cells) for row in rows), default=0)
    if len(rows) < 2 or width < 2:
        return []
    return [Row(row.cells + [""] * (width - len(row.cells)), row.is_header) for row in rows]


def _holds_structure(table: LexborNode) -> bool:
    """Whether a table or a heading is in it; nothing behind the first is looked at, so that a nest is seen once."""
    within = table.traverse()
    next(within)
    return any(node.tag == "table" or node.tag in _HEADINGS for node in within)


def _reach_down(cells: list[str], spanning: dict[int, tuple[str, int]]) -> None:
    """Say a cell that spans rows again in each of them, so that a row is whole when it is quoted alone."""
    while (found := spanning.pop(len(cells), None)) is not None:
        text, left = found
        if left > 1:
            spanning[len(cells)] = (text, left - 1)
        cells.append(text)


def _count(cell: LexborNode, name: str) -> int:
    value = cell.attributes.get(name) or ""
    return min(MAX_COLUMNS, max(1, int(value))) if value.isascii() and value.isdigit() else 1


def _children(node: LexborNode, tags: tuple[str, ...]) -> Iterator[LexborNode]:
    child = node.first_child
    while child is not None:
        if child.tag in tags and not is_unseen(child):
            yield child
        child = child.next


def is_unseen(node: LexborNode) -> bool:
    """Whether a browser would not show an element, or it is no part of the text, as what says that it is navigation."""
    if not node.is_element_node:
        return False
    if node.tag in _UNSEEN:
        return True
    attributes = node.attributes
    if "hidden" in attributes or attributes.get("role") in _APART:
        return True
    if node.tag in _MARKED and "toc" in (*(attributes.get("class") or "").split(), attributes.get("id")):
        return True
    return _HIDDEN.search(attributes.get("style") or "") is not None


def is_contents(node: LexborNode, anchors: frozenset[str]) -> bool:
    """Whether a list is the page's table of contents: nothing but links, each to one of the `anchors` in the page.

    What it says stands there again as a heading, with what it is the heading of.
    """
    links = node.css("a[href]")
    places = [(link.attributes.get("href") or "").partition("#")[2] for link in links]
    return len(links) > 1 and anchors.issuperset(places) and _letters(node) == sum(map(_letters, links))


def anchors_of(tree: LexborHTMLParser) -> frozenset[str]:
    """Names of the places in a page that links may lead to."""
    named = (node.attributes for node in tree.css("[id], a[name]"))
    return frozenset(name for one in named for name in (one.get("id"), one.get("name")) if name)


def _letters(node: LexborNode) -> int:
    return sum(char.isalpha() for text in texts(node) for char in text)


def texts(root: LexborNode) -> Iterator[str]:
    """Pieces of text below an element in order; a space where a block begins, a line break for `br`."""
    node = root
    while True:
        if node.is_text_node:
            yield node.text_content or ""
        elif node.tag == "br":
            yield "\n"
        elif node.tag in BLOCKS:
            yield " "
        if node.first_child is not None and not is_unseen(node):
            node = node.first_child
            continue
        while node.next is None or node.mem_id == root.mem_id:
            if node.mem_id == root.mem_id or node.parent is None or node.parent.mem_id == root.mem_id:
                return
            node = node.parent
        node = node.next


def inline_text(node: LexborNode) -> str:
    """Text below an element in one line."""
    return " ".join("".join(texts(node)).split())
