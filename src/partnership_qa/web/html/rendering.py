"""Templates filled so that whatever a text holds is shown and does nothing else.

Tags stand in the templates, and every value passes through `inert` on its way into them. No `Markup` is handed to a
caller: HTML that is put into a template a second time would show as the text it is.
"""

from __future__ import annotations

import html
import re

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup

from ...sources.markdown_inline import unsigned

# What a template engine or a Markdown renderer downstream could take for its own, were one ever put there.
_TEMPLATE = str.maketrans({char: f"&#{ord(char)};" for char in "${}`"})
# Controls have no glyph; the ones that turn the direction of writing could make a quote read as what it is not.
_CONTROLS: dict[int, str | None] = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), "\ufffd")
_CONTROLS |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C))
_BESIDE_A_TAG = re.compile(r"(?<=[>}])\s*\n\s*|\s*\n\s*(?=[<{])")
_IN_PROSE = re.compile(r"\s*\n\s*")


def inert(value: object) -> Markup:
    """A value as HTML, fit for an element's content and for a quoted attribute; what a template made, as it is."""
    if isinstance(value, Markup):
        return value
    return Markup(html.escape(str(value).translate(_CONTROLS), quote=True).translate(_TEMPLATE))  # noqa: S704 - escaped here


def number(value: int) -> str:
    """A count with its thousands apart."""
    return f"{value:,}"


def plural(count: int, one: str) -> str:
    """A count and what is counted."""
    return f"{count:,} {one if count == 1 else one + 's'}"


def fixed(value: float, digits: int, *, signed: bool = False) -> str:
    """A number with so many digits after its point."""
    return f"{value:{'+' if signed else ''}.{digits}f}"


def short(text: str, limit: int) -> str:
    """The text in one line, cut at a word where it is longer than `limit` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else flat[:limit].rsplit(" ", 1)[0] + " …"


class _Layout(Extension):
    """A line break of a template is layout: beside a tag it vanishes, in prose it is a space."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """The template in one line."""
        return _IN_PROSE.sub(" ", _BESIDE_A_TAG.sub("", source.strip()))


def environment() -> Environment:
    """The templates' environment; of filters it has only ours, as `safe` or `join` would get round `inert`."""
    templates = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=inert,
        extensions=[_Layout],
    )
    templates.filters = {
        "number": number, "plural": plural, "fixed": fixed, "short": short, "unsigned": unsigned, "length": len,
    }  # fmt: skip
    return templates


_ENVIRONMENT = environment()


def render(template: str, /, **values: object) -> str:
    """A template filled with values, as HTML for the page."""
    return str(_ENVIRONMENT.get_template(template).render(values))
