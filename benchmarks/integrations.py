"""Do the examples of docs/integrations.md run in a fresh environment as they are written, and what does each add?

    python benchmarks/integrations.py [--folder FOLDER] [--only haystack mcp] [--before SRC]

The project's own dependencies are installed once, into one virtual environment. Each row of the page's table then has a
fresh one that sees these packages through a `.pth` file (torch is so fetched once), into which its install command is
run, with this checkout's wheel in the place of the published package. The examples of its section are run one after the
other, in a folder of their own; each must print what its comments say. Line by line are printed: works or what went
wrong; packages and MB (with compiled files) that came beside this package; seconds of processor of importing it beside
`partnership_qa`, the median of processes in turn. Extras that the page has no example of are installed and imported.
With `--before`, the folder of another version: how importing `partnership_qa` compares, thirty processes each in turn.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PAGE = PROJECT / "docs" / "integrations.md"
FIRST = ""  # the section of the block that every example builds upon
# What is imported where something is first used, by the name of the extra or the package.
IMPORTS = {
    "haystack": "partnership_qa.integrations.haystack", "langchain": "partnership_qa.integrations.langchain",
    "llama-index": "partnership_qa.integrations.llama_index", "llm": "partnership_qa.integrations.llm",
    "mcp": "partnership_qa.integrations.mcp", "openai": "openai", "jupyter": "partnership_qa.notebook",
    "milvus": "pymilvus", "html": "selectolax.lexbor", "pdf": "pypdfium2", "ocr": "rapidocr", "docx": "docx",
    "xlsx": "openpyxl", "pptx": "pptx", "watch": "watchfiles", "ray": "ray.data",
}  # fmt: skip
GROUPS = ("all", "test")  # extras that are made of others
# Runs a block of Python from standard input; what it ends in must show itself, as a notebook would show it.
RUN = """
import ast, sys
tree, names = ast.parse(sys.stdin.read()), {}
last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) and isinstance(tree.body[-1].value, ast.Name) else None
exec(compile(tree, "example", "exec"), names)
if last is not None:
    assert "<" in eval(compile(ast.Expression(last.value), "example", "eval"), names)._repr_html_()
"""
# A model for `llm` that needs no network: it calls a tool that it is given once, and else says its prompt.
MODEL = """
import llm

class Caller(llm.Model):
    model_id = "caller"
    supports_tools = True
    def execute(self, prompt, stream, response, conversation):
        if prompt.tools and not prompt.tool_results:
            response.add_tool_call(llm.ToolCall("PartnershipQA_ask", {"question": "Who signed the lease?"}))
        yield from [one.output for one in prompt.tool_results] or [prompt.prompt]

@llm.hookimpl
def register_models(register):
    register(Caller())
"""


@dataclass
class Row:
    """A line of the page's table, or an extra without one: how it is installed, and its examples."""

    name: str
    key: str
    command: list[str]
    blocks: list[tuple[str, str]] = field(default_factory=list)


def sections(page: str) -> list[tuple[str, str, str]]:
    """Every block of code: the heading above it (`FIRST` before any), its language, its text."""
    found, heading = [], FIRST
    for title, language, text in re.findall(r"^## ([^\n]*)$|^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL):
        if title:
            heading = title
        else:
            found.append((heading, language, text))
    return found


def rows(page: str) -> list[Row]:
    """The page's table, each row with the blocks of its section; a section's heading is how its row begins."""
    blocks, found = sections(page), []
    for name, install in re.findall(r"^\| ([^|`]+) \| ([^|]*?) \|.*\|$", page, re.MULTILINE):
        command = re.fullmatch(r"`((?:pip|llm) install .*)`|nothing to install", install)
        if command is None:
            continue
        words = shlex.split(command[1] or "")[2:]
        extra = re.fullmatch(r"(?:partnership_qa\[)?([\w-]+)\]?", words[-1]) if words else None
        own = [(language, text) for heading, language, text in blocks if heading and name.startswith(heading)]
        found.append(Row(name, extra[1] if extra else name.lower(), words, own))
    return found


def others(known: list[Row]) -> list[Row]:
    """The extras that the page has no row for; needs Python 3.11."""
    import tomllib

    extras = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    named = {row.key for row in known} | set(GROUPS)
    return [Row(name, name, [f"partnership_qa[{name}]"]) for name in extras if name not in named]


class Environments:
    """Virtual environments over one that holds what the project needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.base = self.folder / "base"
        folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.whl"):
            old.unlink()
        wheel = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", str(PROJECT), "-w", str(self.folder)]
        subprocess.run(wheel, check=True)
        (self.wheel,) = self.folder.glob("*.whl")
        if not self.base.exists():
            subprocess.run([sys.executable, "-m", "venv", self.base], check=True)
            self.pip(self.base, "install", str(self.wheel))
            self.pip(self.base, "uninstall", "-y", "partnership_qa")

    def pip(self, where: Path, *arguments: str) -> None:
        """Run pip for an environment."""
        program = [self.base / "bin" / "python", "-m", "pip", "--python", where / "bin" / "python"]
        done = subprocess.run([*program, *arguments, "-q"], check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"pip {shlex.join(arguments)}: {done.stderr.strip()[-600:]}")

    @contextmanager
    def fresh(self, row: Row) -> Iterator[Path]:
        """An environment with what the row installs, and this checkout's package; removed afterwards."""
        where = self.folder / row.key
        shutil.rmtree(where, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", where], check=True)
        try:
            packages_of(where).joinpath("base.pth").write_text(f"{packages_of(self.base)}\n", "utf-8")
            given = [re.sub(r"^partnership_qa", str(self.wheel), word) for word in row.command]
            # Together, as pip would find the package that is there already.
            self.pip(where, "install", *(given if str(self.wheel) in "".join(given) else [str(self.wheel), *given]))
            yield where
        finally:
            shutil.rmtree(where, ignore_errors=True)


def packages_of(where: Path) -> Path:
    """The folder of an environment's packages."""
    (found,) = where.glob("lib/python3*/site-packages")
    return found


def added(where: Path) -> tuple[list[str], float]:
    """Names of the packages beside this one, and MB of all that they put there."""
    folder = packages_of(where)
    names = [one.name.split("-")[0] for one in folder.glob("*.dist-info") if not one.name.startswith("partnership_qa-")]
    mine = ("partnership_qa", "base.pth", "partnership_qa-")
    files = [file for one in folder.iterdir() if not one.name.startswith(mine) for file in (one, *one.rglob("*"))]
    return sorted(names), sum(file.stat().st_size for file in files if file.is_file()) / 1e6


def environment(where: Path, folder: Path) -> dict[str, str]:
    """Of a user who has activated an environment, without settings of this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LLM_"))}
    return kept | {
        "PATH": f"{where / 'bin'}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(where), "HF_HUB_OFFLINE": "1",
        "HAYSTACK_TELEMETRY_ENABLED": "false", "LLM_USER_PATH": str(folder / "llm"), "LLM_MODEL": "caller",
        "XDG_DATA_HOME": str(folder / "data"),
    }  # fmt: skip


def examples(where: Path, first: str, blocks: list[tuple[str, str]]) -> str:
    """Run the examples as they are written; what went wrong first, or nothing."""
    with tempfile.TemporaryDirectory() as name, _model(where):
        folder, told = Path(name), environment(where, Path(name))
        servers: list[subprocess.Popen[bytes]] = []
        try:
            wrong = _python(first, folder, told)
            for language, text in blocks:
                if wrong:
                    break
                wrong = _python(text, folder, told) if language == "python" else _shell(text, folder, told, servers)
            return wrong
        finally:
            for server in servers:
                os.killpg(server.pid, signal.SIGTERM)
                server.wait()


def _python(text: str, folder: Path, told: dict[str, str]) -> str:
    command = ["python", "-W", "error::SyntaxWarning", "-c", RUN]
    done = subprocess.run(command, check=False, input=text, cwd=folder, env=told, capture_output=True, text=True)
    if done.returncode:
        return _last(done.stderr)
    expected = re.findall(r"^ *print\(.*\)\s+# (.*)$", text, re.MULTILINE)
    return "" if done.stdout.splitlines() == expected else f"printed {done.stdout.splitlines()}, not {expected}"


def _shell(text: str, folder: Path, told: dict[str, str], servers: list[subprocess.Popen[bytes]]) -> str:
    """Run lines of a shell; one that ends in `&` is left running, and waited for until it answers."""
    for line in text.splitlines():
        if line.endswith("&"):
            port = re.search(r"--port (\d+)", line)
            assert port is not None, f"at which port does it answer? {line}"
            address = f"http://127.0.0.1:{port[1]}/"
            if _told(address):
                return f"something else answers at {address}"
            command = ["bash", "-c", f"exec {line[:-1]}"]
            quiet = subprocess.DEVNULL
            server = subprocess.Popen(command, cwd=folder, env=told, stdout=quiet, stderr=quiet, start_new_session=True)
            servers.append(server)
            if not _answers(server, address):
                return f"no answer from: {line}"
            continue
        done = subprocess.run(["bash", "-c", line], check=False, cwd=folder, env=told, capture_output=True, text=True)
        if done.returncode or not done.stdout.strip():
            return f"{line}: {_last(done.stderr)}"
    return ""


def _answers(server: subprocess.Popen[bytes], address: str, seconds: float = 120) -> bool:
    until = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < until:
        if _told(address):
            return True
        time.sleep(0.3)
    return False


def _told(address: str) -> bool:
    """Whether something answers there, be it that there is nothing."""
    try:
        urllib.request.urlopen(address, timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def _model(where: Path) -> Iterator[None]:
    """The stand-in model, as a plugin of `llm`; a hundred bytes that count for nothing."""
    info = packages_of(where) / "stand_in_model-0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stand-in-model\nVersion: 0\n", "utf-8")
    (info / "entry_points.txt").write_text("[llm]\nstand_in_model = stand_in_model\n", "utf-8")
    (packages_of(where) / "stand_in_model.py").write_text(MODEL, "utf-8")
    yield


def _last(stderr: str) -> str:
    return (stderr.strip().splitlines() or ["nothing was printed"])[-1][:300]


def seconds(python: Path, modules: list[str], runs: int, paths: list[str] | None = None) -> list[float]:
    """Median seconds of processor of importing each, a process each in turn, after a turn that warms the disk."""
    spent: list[list[float]] = [[] for _ in modules]
    for turn in range(runs + 1):
        for number, module in enumerate(modules):
            code = f"import time; begun = time.process_time(); import {module}; print(time.process_time() - begun)"
            told = os.environ | {"PYTHONPATH": paths[number] if paths else "", "HAYSTACK_TELEMETRY_ENABLED": "false"}
            done = subprocess.run([python, "-c", code], env=told, capture_output=True, text=True, check=True)
            if turn:
                spent[number].append(float(done.stdout.split()[-1]))
    return [statistics.median(one) for one in spent]


def measured(environments: Environments, row: Row, first: str, runs: int) -> str:
    """A line of the printed table."""
    try:
        with environments.fresh(row) as where:
            names, size = added(where)
            modules = ["partnership_qa", f"partnership_qa, {IMPORTS[row.key]}"]
            alone, both = seconds(where / "bin" / "python", modules, runs)
            wrong = examples(where, first, row.blocks) if row.blocks else ""
            works = wrong or ("works" if row.blocks else "imported")
            return f"{row.name:28} {len(names):3} packages {size:6.1f} MB {both - alone:6.2f} s  {works}"
    except (RuntimeError, subprocess.CalledProcessError) as error:
        return f"{row.name:28} {_last(getattr(error, 'stderr', None) or str(error))}"


def main() -> None:
    """Install, run, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="keeps the environment of what the project needs, for another run")
    parser.add_argument("--only", nargs="*", default=[], help="rows by extra or package, such as mcp")
    parser.add_argument("--runs", type=int, default=5, help="processes of which an import's time is the median")
    parser.add_argument("--before", type=Path, help="folder that holds another version of partnership_qa")
    a = parser.parse_args()
    page = PAGE.read_text("utf-8")
    (first,) = (text for heading, _, text in sections(page) if heading == FIRST)
    known = rows(page)
    with tempfile.TemporaryDirectory() as passing:
        environments = Environments(a.folder or Path(passing))
        for row in (*known, *others(known)):
            if not a.only or row.key in a.only:
                print(measured(environments, row, first, a.runs), flush=True)
        if a.before is not None:
            paths = [str(a.before.resolve()), str(PROJECT / "src")]
            before, now = seconds(environments.base / "bin" / "python", ["partnership_qa"] * 2, 30, paths)
            print(f"import partnership_qa: {now * 1e3:.0f} ms, {now / before:.2f} times the version before")


if __name__ == "__main__":
    main()
