"""Imports run one way, heavy libraries are imported in one room each, and importing the package does no work."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "partnership_qa"
# A module imports only from those before it.
STAIRS = [
    "errors", "pace", "text", "notebook", "document", "sources", "proof", "chunking", "embedding", "bulk", "index",
    "selection", "retrieval", "reading", "ahead", "question", "answering", "exports", "trace", "qa", "milvus",
    "library", "keys", "home", "watch", "evaluation", "integrations", "web", "airgap", "doctor", "cli", "__main__",
    "__init__",
]  # fmt: skip
ROOMS = {
    "faiss": {"index/cells.py", "index/dense.py"},
    "bm25s": {"index/lexical.py"},
    "sentence_transformers": {"embedding/sentence.py"},
    "onnxruntime": {"embedding/onnx.py", "reading/onnx.py"},
    "gradio": {"web"},
    "jinja2": {"web/html"},
    "typer": {"cli"},
    "sentencex": {"text.py"},
    "tiktoken": {"text.py"},
    "markdown_it": {"sources/markdown.py", "sources/markdown_inline.py"},
    "selectolax": {"sources/html.py", "sources/html_nodes.py"},
    "pypdfium2": {"sources/pdf_page.py", "sources/pages.py"},
    "rapidocr": {"sources/ocr.py"},
    "docx": {"sources/docx.py"},
    "openpyxl": {"sources/xlsx.py"},
    "pptx": {"sources/slides.py"},
    "watchfiles": {"watch.py"},
    "ray": {"bulk.py"},
    "pymilvus": {"milvus/rows.py"},
    "haystack": {"integrations/haystack.py"},
    "langchain_core": {"integrations/langchain.py"},
    "llama_index": {"integrations/llama_index.py"},
    "llm": {"integrations/llm.py"},
    "mcp": {"integrations/mcp.py"},
}


def imports(tree: ast.AST, module: tuple[str, ...]) -> list[str]:
    """Top-level rooms of this package that a module imports, relative or absolute, at its head or in a function."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = (node.module or "").split(".") if node.module else []
            if node.level:
                base = list(module[: len(module) - node.level])
                path = base + names
                found += [path[0]] if path else [alias.name for alias in node.names]
            elif names[:1] == ["partnership_qa"]:
                found += names[1:2] or [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            found += [a.name.split(".")[1] for a in node.names if a.name.startswith("partnership_qa.")]
    return found


def upward(source: str, path: str) -> list[str]:
    """Imports of a module that go up the stairs."""
    parts = tuple(path.removesuffix(".py").split("/"))
    room = parts[0]
    inside = (*parts[:-1], "__init__") if parts[-1] == "__init__" else parts
    seen = imports(ast.parse(source), inside)
    return [other for other in seen if other != room and other in STAIRS and STAIRS.index(other) >= STAIRS.index(room)]


def modules() -> list[str]:
    return sorted(file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", [m for m in modules() if m != "__init__.py"])
def test_imports_run_one_way(path: str) -> None:
    assert path.split("/", maxsplit=1)[0].removesuffix(".py") in STAIRS
    assert upward((PACKAGE / path).read_text("utf-8"), path) == []


@pytest.mark.parametrize(
    "source",
    ["from .qa import QA", "import partnership_qa.qa", "from partnership_qa import qa", "from . import qa",
     "def f():\n    from .qa import QA"],
)  # fmt: skip
def test_an_import_up_the_stairs_is_seen(source: str) -> None:
    assert upward(source, "text.py") == ["qa"]


def test_an_import_up_the_stairs_is_seen_in_a_room_of_several_modules() -> None:
    assert upward("from ..qa import QA", "index/build.py") == ["qa"]
    assert upward("from ..qa import QA", "index/__init__.py") == ["qa"]
    assert upward("from .store import Index", "index/build.py") == []


@pytest.mark.parametrize("path", modules())
def test_heavy_libraries_stay_in_their_rooms(path: str) -> None:
    tree = ast.parse((PACKAGE / path).read_text("utf-8"))
    names = {a.name.split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {(n.module or "").split(".")[0] for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and not n.level}
    for library in names & ROOMS.keys():
        inside = any(path == room or path.startswith(f"{room}/") for room in ROOMS[library])
        assert inside, f"{library} in {path}"


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = ("torch", "faiss", "gradio", "numpy", "partnership_qa.integrations")
    code = f"import partnership_qa, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_eleven_names_are_public_and_each_is_there() -> None:
    import partnership_qa

    assert len(partnership_qa.__all__) == 12
    assert all(getattr(partnership_qa, name) is not None for name in partnership_qa.__all__)
    with pytest.raises(AttributeError, match="no attribute 'ask'"):
        partnership_qa.ask  # noqa: B018


def test_asking_and_the_command_line_load_no_integration() -> None:
    code = "import partnership_qa.home, partnership_qa.cli, sys; print([m for m in sys.modules if 'integrations' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
