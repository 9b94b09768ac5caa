"""HTML into text with its structure, parsed by selectolax; nothing is fetched and no script runs.

What a browser would not show is left out (scripts, styles, templates, hidden elements), and so are forms' controls,
navigation and the page's own table of contents. A table that only places things on the page is read as running text.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import OptionalDependencyError
from .encoding import NotTextError, decode
from .html_nodes import BLOCKS, Row, anchors_of, inline_text, is_contents, is_unseen, table_rows, texts
from .layout import Extracted, Layout
from .lines import names_columns

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_LISTS = frozenset(("ul", "ol", "menu", "dl"))
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([a-zA-Z0-9_.:-]{1,40})", re.IGNORECASE)
# Elements that stay open until they are closed; each of them costs the parser a look at all that are open.
_NESTING = re.compile(
    r"<(/?)(?:address|article|aside|blockquote|center|details|dialog|dir|div|dl|fieldset|figcaption|figure|footer|header|"
    r"hgroup|main|menu|nav|ol|search|section|summary|table|ul)\b",
    re.IGNORECASE,
)
MAX_DEPTH = 10_000  # a browser shows 512
_SPACES = re.compile(r"[ \t\r\n\f]+")


def read_html(data: bytes) -> Extracted:
    """Text and blocks of an HTML file.

    Raises:
        NotTextError: no text is in it, or it is nested too deeply.
        OptionalDependencyError: selectolax is not installed.

    """
    try:
        from selectolax.lexbor import LexborHTMLParser
    except ImportError as error:
        raise OptionalDependencyError("selectolax", "html", "Reading HTML") from error
    text, note = _decoded(data)
    if _depth(text) > MAX_DEPTH:
        raise NotTextError(f"it is nested more than {MAX_DEPTH:,} elements deep")
    tree = LexborHTMLParser(text)
    layout = Layout()
    title = tree.css_first("title")
    if title is not None and tree.css_first("h1") is None:
        layout.heading(inline_text(title), 1)
    if tree.body is not None:
        _Walk(layout, anchors_of(tree)).read(tree.body)
    return layout.extracted._replace(note=note)


def _decoded(data: bytes) -> tuple[str, str]:
    """Text of the bytes: UTF-8 if they are, else as the page says, else as can be told."""
    declared = _CHARSET.search(data[:4096])
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        if declared is not None and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            try:
                encoding = codecs.lookup(declared.group(1).decode("ascii")).name
                return data.decode(encoding), f"read as {encoding}, which it says it is"
            except (LookupError, ValueError):
                pass
    return decode(data)


def _depth(text: str) -> int:
    """How many elements are open at most, as far as their tags tell."""
    deepest = depth = 0
    for tag in _NESTING.finditer(text):
        depth = depth - 1 if depth and tag.group(1) else depth + (not tag.group(1))
        deepest = max(deepest, depth)
    return deepest


@dataclass(slots=True)
class _List:
    """A list that is open: whether its items are numbered, and how many there were."""

    numbered: bool
    items: int = 0


class _Walk:
    """One pass over the elements, without recursion: a page may nest them as deeply as it likes."""

    def __init__(self, layout: Layout, anchors: frozenset[str]) -> None:
        self._layout = layout
        self._anchors = anchors
        self._words: list[str] = []
        self._lists: list[_List] = []
        self._group = -1
        self._sign = ""
        self._level = 0  # of the heading that is open
        self._joined = False  # a term that waits for its definition

    def read(self, root: LexborNode) -> None:
        node = root
        while True:
            inner = node.first_child if self._enter(node) else None
            if inner is not None:
                node = inner
                continue
            self._leave(node)
            while node.next is None:
                if node.parent is None or node.parent.mem_id == root.mem_id:
                    self._flush()
                    return
                node = node.parent
                self._leave(node)
            node = node.next

    def _enter(self, node: LexborNode) -> bool:
        """Take an element; whether its children are to be read too."""
        tag = node.tag or ""
        if is_unseen(node):
            return False
        if node.is_text_node:
            self._say(node.text_content or "")
        elif tag == "br":
            self._words.append("\n")
        elif tag in ("pre", "listing", "xmp"):
            self._flush()
            self._layout.code("".join(texts(node)))
            return False
        elif tag == "table" and (rows := table_rows(node)):
            self._flush()
            self._table(node, rows)
            return False
        elif tag in _LISTS and not self._lists and is_contents(node, self._anchors):
            self._flush()
            return False
        elif tag in BLOCKS:
            self._open(tag)
        return node.is_element_node

    def _open(self, tag: str) -> None:
        if tag == "dd" and (term := "".join(self._words).rstrip()):
            self._words = [term, " " if term.endswith((":", "?")) else ": "]
            self._joined = True
            return
        if self._joined and tag in ("p", "div"):  # the first paragraph of a definition follows its term
            return
        self._flush()
        if tag in _HEADINGS:
            self._level = _HEADINGS[tag]
        elif tag in _LISTS:
            if not self._lists:
                self._group = self._layout.new_group()
            self._lists.append(_List(tag == "ol"))
        elif tag in ("li", "dt") and self._lists:
            self._lists[-1].items += 1
            self._sign = f"{self._lists[-1].items}." if self._lists[-1].numbered else "-"

    def _leave(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag == "dt" or tag not in BLOCKS:  # a term goes on with its definition
            return
        self._joined = False
        self._flush()
        if tag in _HEADINGS:
            self._level = 0
        elif tag in _LISTS and self._lists:
            self._lists.pop()
            self._sign = ""

    def _say(self, text: str) -> None:
        if text.strip():
            self._joined = False
        self._words.append(_SPACES.sub(" ", text))

    def _flush(self) -> None:
        text = "".join(self._words)
        self._words.clear()
        if not text.strip():
            return
        if self._level:
            self._layout.heading(text, self._level)
        elif self._sign and self._lists:
            self._layout.item(text, self._group, len(self._lists) - 1, self._sign)
            self._sign = ""
        else:
            self._layout.paragraph(text)

    def _table(self, node: LexborNode, rows: list[Row]) -> None:
        caption = node.css_first("caption")
        if caption is not None:
            self._layout.paragraph(inline_text(caption))
        cells = [row.cells for row in rows]
        headers = next((number for number, row in enumerate(rows) if not row.is_header), 0)
        self._layout.table(cells, headers or int(names_columns(cells)))
