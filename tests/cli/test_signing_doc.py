"""`docs/signing.md` run as it stands, and what `--allowed-signers` refuses on the command line."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fakes import CORPUS

from partnership_qa import home
from partnership_qa.cli import app as cli
from partnership_qa.cli.mcp import _opened as served
from partnership_qa.errors import IndexSignatureError

if TYPE_CHECKING:
    pass

pytestmark = [
    pytest.mark.usefixtures("fakes_at_home"),
    pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is missing: install OpenSSH"),
]
PAGE = (Path(__file__).parents[2] / "docs" / "signing.md").read_text("utf-8")
LINES = [line for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.splitlines()]
BUILD = "partnership-qa build my_texts/ --index my_index/"
ASK = 'partnership-qa ask "When was the harbour dug?" --allowed-signers signers.txt --index my_index/'
Run = "Callable[[str], tuple[int, str]]"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a line of the page, in a folder with its texts: the exit code and all that it prints."""
    monkeypatch.chdir(tmp_path)
    for name, text in CORPUS.items():
        (tmp_path / "my_texts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "my_texts" / name).write_text(text, "utf-8")

    def run(line: str) -> tuple[int, str]:
        if line.startswith("partnership-qa "):
            words = shlex.split(line)[1:]
            code = cli.run(lambda standalone_mode: cli.app(words, standalone_mode=standalone_mode))
        else:
            code = subprocess.run(line, shell=True, check=False).returncode
        shown = capfd.readouterr()
        return code, shown.out + shown.err

    return run


@pytest.fixture
def signed(run: Run) -> Run:
    """The same, once every line of the page has run."""
    for line in LINES:
        assert run(line)[0] == 0, line
    return run


def test_every_line_of_the_page_runs_and_the_last_answers(run: Run) -> None:
    said = {line: run(line) for line in LINES}
    assert [line for line, (code, _) in said.items() if code != 0] == []
    (checked,) = (out for line, (_, out) in said.items() if "check-signature" in line)
    assert checked.strip() in PAGE
    assert "1874" in said[ASK][1]


def test_the_example_in_python_answers(signed: Run) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    *before, last = example.strip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(before), names)
    assert "1874" in eval(last, names).text


@pytest.mark.parametrize("command", ['ask "When?"', 'search "harbour"', "chat --keep-nothing", "mcp"])
def test_a_generation_that_is_not_signed_is_refused(signed: Run, command: str) -> None:
    if command == "mcp":
        pytest.importorskip("mcp.server.mcpserver", reason="the extra mcp is not installed")
    Path("my_texts/more.txt").write_text("The pier was mended in 1950.", "utf-8")
    assert signed(BUILD)[0] == 0
    code, said = signed(f"partnership-qa {command} --allowed-signers signers.txt --index my_index/")
    assert code == 2
    assert "error: The index at my_index is not signed: " in said
    with pytest.raises(IndexSignatureError) as refused:
        home.load("my_index", allowed_signers="signers.txt")
    assert refused.value.reason == "missing"


def test_signatures_that_are_wrong_or_by_strangers_are_refused(signed: Run) -> None:
    (file,) = Path("my_index/signatures").iterdir()
    file.write_bytes(file.read_bytes()[:-80])
    assert "error: The index at my_index is not what was signed: " in signed(ASK)[1]
    assert signed('ssh-keygen -q -t ed25519 -N "" -f olof_key')[0] == 0
    assert signed("partnership-qa index sign --key olof_key --index my_index/")[0] == 0
    code, said = signed(ASK)
    assert (code, said[:47]) == (2, "error: The index at my_index is signed by anoth")
    assert "there is no file of allowed signers at none.txt" in signed(ASK.replace("signers.txt", "none.txt"))[1]


def test_an_index_in_milvus_is_refused_where_signatures_are_asked_for() -> None:
    with pytest.raises(IndexSignatureError, match="in Milvus has no signatures") as refused:
        home.load("milvus:texts.db", allowed_signers="signers.txt")
    assert refused.value.reason == "unusable"


def test_every_reason_of_the_page_is_one_of_the_error_and_the_other_way_round() -> None:
    reasons = re.findall(r"^\| `([a-z ]+)` \| (?!When)", PAGE, re.MULTILINE)
    assert set(reasons) - {"reason"} == set(re.findall(r"`([a-z ]+)`", IndexSignatureError.__doc__ or "")) - {"reason"}


def test_what_mcp_serves_is_checked_again_when_a_generation_takes_its_place(signed: Run) -> None:
    current, _ = served(Path("my_index"), None, None, Path("signers.txt"))
    assert current().index.generation.name
    Path("my_texts/more.txt").write_text("The pier was mended in 1950.", "utf-8")
    assert signed(BUILD)[0] == 0
    with pytest.raises(IndexSignatureError):
        current()
    assert signed("partnership-qa index sign --key anna_key --index my_index/")[0] == 0
    assert "more.txt" in current().index.sources


def test_mcp_writes_nothing_that_it_could_not_sign(signed: Run) -> None:
    pytest.importorskip("mcp.server.mcpserver", reason="the extra mcp is not installed")
    code, said = signed("partnership-qa mcp --allow-writes --allowed-signers signers.txt --index my_index/")
    assert (code, "leave out --allow-writes" in said) == (2, True)
