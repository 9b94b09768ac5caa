"""Which programs take the text out of the bytes of a file, with their versions."""

from __future__ import annotations

from functools import cache
from importlib import metadata

from .. import __version__
from .encoding import encoding_of

OURS = "partnership_qa"
# The library that reads each format; what is not here is read by this package and Python's own library.
_LIBRARIES = {
    ".html": "selectolax", ".htm": "selectolax", ".xhtml": "selectolax", ".epub": "selectolax", ".pdf": "pypdfium2",
    ".docx": "python-docx", ".xlsx": "openpyxl", ".xlsm": "openpyxl", ".pptx": "python-pptx",
}  # fmt: skip
_RECOGNISED = "recognised in a picture"  # of the note of a scan, see `ocr`


def program_names(suffix: str, note: str) -> tuple[str, ...]:
    """Names of the programs that read a file.

    Args:
        suffix: of its name, in lower case with its point.
        note: what was said of how it was read.

    """
    names = [OURS, *([_LIBRARIES[suffix]] if suffix in _LIBRARIES else [])]
    if suffix == ".pdf" and _RECOGNISED in note:
        names.append("rapidocr")
    if suffix not in _LIBRARIES and encoding_of(note) not in ("utf-8", "utf-16", "utf-32"):
        names.append("charset-normalizer")
    return tuple(names)


@cache
def with_version(name: str) -> str:
    """A program's name with the version that is installed; the name alone where it is not."""
    if name == OURS:
        return f"{name} {__version__}"
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return name
