"""ZIP archives that documents are made of: what unpacks to too much is refused before anything is unpacked."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from .encoding import NotTextError

MAX_UNPACKED_BYTES = 200 * 2**20
MAX_RATIO = 100
MAX_MEMBERS = 10_000
# What parsers of archives and of XML raise where a file is damaged; lxml's errors are syntax errors.
DAMAGED = (ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, SyntaxError, TypeError,
           ValueError, zipfile.BadZipFile, zlib.error)  # fmt: skip
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w{1,40})/")  # ISO/IEC 29500-1
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"  # ISO/IEC 29500-4
_ENCRYPTED = 1  # bit of a member's flags


def no_file(kind: str, error: BaseException) -> NotTextError:
    """The refusal of a file whose parser fails; it names no more of the error than is the same each time."""
    return NotTextError(f"it is no {kind} file that can be opened ({type(error).__name__})")


def check_archive(data: bytes, kind: str) -> None:
    """Refuse an archive that is none, is protected, or unpacks to too much.

    The sizes are those that the archive claims; `zipfile` gives no more than these of a member.

    Args:
        data: of the file.
        kind: name of the format, for the message.

    Raises:
        NotTextError: it is not to be unpacked, and why.

    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except DAMAGED:
        raise NotTextError(f"it is no {kind} file (or one that is protected by a password)") from None
    if len(members) > MAX_MEMBERS:
        raise NotTextError(f"it is made of {len(members):,} parts, which is more than are read")
    if any(entry.flag_bits & _ENCRYPTED for entry in members):
        raise NotTextError("it is protected by a password")
    unpacked = sum(entry.file_size for entry in members)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > max(2**20, MAX_RATIO * len(data)):
        raise NotTextError(f"it unpacks to {unpacked / 2**20:.0f} MiB, which is more than is read")


def transitional(data: bytes) -> bytes:
    """An office document with the names of elements that its parsers know, if it was saved as Strict Open XML.

    Both forms have the same elements under other namespaces, and the parsers find nothing in a strict one.

    Args:
        data: of an archive that `check_archive` lets pass.

    Raises:
        DAMAGED: a part cannot be unpacked.

    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        if "_rels/.rels" not in names or not _STRICT.search(archive.read("_rels/.rels")):
            return data
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as written:
            for name in dict.fromkeys(names):
                part = archive.read(name)
                is_xml = name.endswith((".xml", ".rels"))
                written.writestr(name, _STRICT.sub(_TRANSITIONAL, part) if is_xml else part)
    return out.getvalue()
