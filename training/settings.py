"""The recipe as values: `recipe.toml`, read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomllib

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Source:
    """One question set and how it is used; the fields are those of a `[[sources]]` table."""

    file: str
    views: float
    wrong: float = 0.0
    format: str = ".txt"
    labels: str = "spans"
    listed: float = 0.0
    multi: bool = False
    made: int = 0
    folders: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Stage:
    """A run by steps; the rate falls to zero over its last `falling` ones. `begin` names the stage it goes on from.

    `written` and `others` multiply the views of the questions written for training and of all others; `frozen` layers
    keep their weights, as many as the recipe's model says where it is not given.
    """

    name: str
    steps: int
    falling: int
    rate: float
    begin: str = ""
    written: float = 0.0
    others: float = 1.0
    frozen: int | None = None


@dataclass(frozen=True)
class Settings:
    """Everything that decides a run."""

    seed: int
    data: Path
    eval: Path
    runs: Path
    weights_sha256: str
    model: dict[str, Any]
    view: dict[str, int]
    loss: dict[str, float]
    train: dict[str, Any]
    stages: tuple[Stage, ...]
    sources: tuple[Source, ...] = field(repr=False)

    def source(self, name: str) -> Source:
        return next(source for source in self.sources if source.file == name)

    @property
    def reader_stages(self) -> tuple[Stage, ...]:
        """The stages of the large reader; the quick look's is `proposer.py`'s."""
        return tuple(stage for stage in self.stages if stage.name != "quick")

    def stage(self, name: str) -> Stage:
        return next(stage for stage in self.stages if stage.name == name)


def read_settings(path: Path = ROOT / "training/recipe.toml") -> Settings:
    """The recipe of a file; its paths are relative to the project's root."""
    values = tomllib.loads(path.read_text("utf-8"))
    return Settings(
        seed=values["seed"],
        data=ROOT / values["data"],
        eval=ROOT / values["eval"],
        runs=ROOT / values["runs"],
        weights_sha256=values["weights"]["sha256"],
        model=values["model"],
        view=values["view"],
        loss=values["loss"],
        train=values["train"],
        stages=tuple(Stage(**stage) for stage in values["stages"]),
        sources=tuple(Source(**source) for source in values["sources"]),
    )


SETTINGS = read_settings()
