"""Trains the stages of the recipe, by steps, from the last checkpoint where there is one.

    python training/train.py                  # all stages; goes on where it was interrupted
    python training/train.py --from-shipped   # the last stage alone, from the graph that ships

The loss of a row is SQuAD 2.0's: cross entropy of start and end over the tokens that may answer and position 0
(Rajpurkar et al. 2018), where several places answer the likelihood of any of them; beside it binary cross entropies of
`answerable` and of the support of every unit. A checkpoint is written beside the last one and renamed, so that an
interruption leaves one or the other.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from data import pools_in
from development import figures
from model import MASKED, PAD, Reader, pretrained
from render import Renderer
from settings import ROOT, SETTINGS, Stage
from shipped import shipped
from torch import Tensor
from weights import weights_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from layout import Row

SORTED_TOGETHER = 60  # batches whose rows are sorted by length, so that little is padded
Position = tuple[int, int]


def device() -> torch.device:
    """A GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half_precision() -> bool:
    """Whether this machine multiplies bfloat16 faster than float32."""
    if torch.cuda.is_available():
        return True
    try:
        flags = Path("/proc/cpuinfo").read_text("ascii", "ignore")
    except OSError:
        return False
    return "amx_bf16" in flags or "avx512_bf16" in flags


def pad(rows: list[Row]) -> tuple[Tensor, Tensor]:
    """Token numbers and attention mask of a batch."""
    width = -(-max(len(row.ids) for row in rows) // 8) * 8
    ids = torch.full((len(rows), width), PAD)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        mask[i, : len(row.ids)] = 1
    return ids, mask


def batches(renderer: Renderer, position: Position) -> Iterator[tuple[list[Row], Position]]:
    """Batches from a position on, each with the position behind it: (round, batches of it that are done)."""
    size, (round_, done) = SETTINGS.train["batch"], position
    while True:
        plan = renderer.plan(round_)
        block = size * SORTED_TOGETHER
        for first in range(0, len(plan), block):
            number = first // size
            count = len(plan[first : first + block]) // size
            if number + count <= done:
                continue
            rows = [renderer.row(how, which, round_) for how, which in plan[first : first + block]]
            rng = random.Random(f"{renderer.seed} {round_} {first}")
            rows.sort(key=lambda row: len(row.ids) + rng.uniform(0, 12))
            order = list(range(count))
            rng.shuffle(order)
            for at, i in enumerate(order):
                if number + at >= done:
                    yield rows[i * size : (i + 1) * size], (round_, number + at + 1)
        round_, done = round_ + 1, 0


def span_loss(start: Tensor, end: Tensor, rows: list[Row]) -> Tensor:
    """Cross entropy of start and end, of shape (rows, tokens) each, over the tokens that may answer and position 0."""
    where = start.device
    allowed, *golds = torch.zeros(3, *start.shape, dtype=torch.bool, device=where)
    for i, row in enumerate(rows):
        allowed[i, [0, *row.answering]] = True
        for gold, places in zip(golds, (row.starts, row.ends), strict=True):
            gold[i, places or [0]] = True
    learned = torch.tensor([row.spans or not any(row.support) for row in rows], device=where)
    loss = torch.zeros((), device=where)
    for logits, gold in zip((start, end), golds, strict=True):
        likely = logits.masked_fill(~allowed, MASKED).log_softmax(dim=1)
        loss = loss - likely.masked_fill(~gold, MASKED).logsumexp(dim=1)[learned].sum() / (2 * len(rows))
    return loss


def loss_of(reader: Reader, rows: list[Row]) -> tuple[Tensor, dict[str, float]]:
    """The weighted loss of a batch, and its parts."""
    where = next(reader.parameters()).device
    ids, mask = (tensor.to(where) for tensor in pad(rows))
    with torch.autocast(where.type, dtype=torch.bfloat16, enabled=half_precision()):
        start, end, support, answerable = reader(ids, mask)
    span = span_loss(start.float(), end.float(), rows)
    truth = torch.tensor([float(any(row.support)) for row in rows], device=where)
    head = F.binary_cross_entropy_with_logits(answerable.float(), truth)
    units = torch.zeros((), device=where)
    for i, row in enumerate(rows):
        if row.units:
            means = torch.stack([support[i, tokens].float().mean() for tokens in row.units])
            goal = torch.tensor(row.support, dtype=torch.float, device=where)
            units = units + F.binary_cross_entropy_with_logits(means, goal) / len(rows)
    parts = {"span": float(span.detach()), "head": float(head.detach()), "support": float(units.detach())}
    return span + SETTINGS.loss["answerable"] * head + SETTINGS.loss["support"] * units, parts


def make_optimizer(reader: Reader) -> torch.optim.AdamW:
    """AdamW; deeper layers learn slower, norms and biases do not decay."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    depth = len(reader.encoder.layers)
    for name, parameter in reader.named_parameters():
        if not parameter.requires_grad:
            continue
        parts = name.split(".")
        below = depth - int(parts[2]) if parts[:2] == ["encoder", "layers"] else 0
        scale = SETTINGS.train["layer_decay"] ** below
        decay = SETTINGS.train["weight_decay"] if parameter.ndim > 1 else 0.0
        groups.setdefault((scale, decay), []).append(parameter)
    options = [{"params": p, "weight_decay": d, "scale": s} for (s, d), p in groups.items()]
    return torch.optim.AdamW(options, betas=(0.9, 0.98))


class Trainer:
    """One stage: its model, its place in the plan and its files."""

    def __init__(self, stage: Stage, *, from_shipped: bool = False) -> None:
        torch.manual_seed(SETTINGS.seed)
        self.stage, self.folder = stage, SETTINGS.runs / stage.name
        pool, self.development = pools_in("pool.pkl")
        self.apart = None
        if stage.written:
            written, self.apart = pools_in("written.pkl")
            pool += written
        going_on = (self.folder / "last.pt").exists()
        if from_shipped and not going_on:
            self.reader = shipped(ROOT / "src/partnership_qa/model/reader.onnx")
        else:
            self.reader = pretrained(weights_folder(), SETTINGS.model["layers"])
        self.reader.encoder.dropout = SETTINGS.model["dropout"]
        self.reader.encoder.freeze(SETTINGS.model["frozen"] if stage.frozen is None else stage.frozen)
        self.reader.to(device())
        self.optimizer = make_optimizer(self.reader)
        self.step, self.rows, self.position = 0, 0, (0, 0)
        if going_on:
            self._load(self.folder / "last.pt")
        elif from_shipped:
            facts = json.loads((ROOT / "src/partnership_qa/model/reader.json").read_text("utf-8"))
            self.rows = facts["trained"]["rows"]
        elif stage.begin:
            state = torch.load(SETTINGS.runs / stage.begin / "last.pt", weights_only=True, map_location=device())
            self.reader.load_state_dict(state["reader"])
            self.rows = state["rows"]
        self.batches = batches(Renderer(pool, stage), self.position)

    def _load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True, map_location=device())
        self.reader.load_state_dict(state["reader"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.rows, self.position = state["step"], state["rows"], tuple(state["position"])
        torch.set_rng_state(state["random"].cpu())
        print(f"going on from step {self.step}", flush=True)

    def checkpoint(self, name: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        state: dict[str, Any] = {
            "reader": self.reader.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "rows": self.rows,
            "position": self.position,
            "random": torch.get_rng_state(),
        }
        beside = self.folder / f"{name}.beside"
        torch.save(state, beside)
        beside.replace(self.folder / name)

    def rate(self) -> float:
        """Share of the recipe's rate: a warm-up, then 1, then falling to zero by the stage's last step."""
        warm = (self.step + 1) / SETTINGS.train["warmup"]
        left = (self.stage.steps - self.step) / max(1, self.stage.falling)
        return max(0.0, min(1.0, warm, left))

    def one_step(self) -> dict[str, float]:
        rows, self.position = next(self.batches)
        share = self.rate()
        for group in self.optimizer.param_groups:
            group["lr"] = self.stage.rate * share * group["scale"]
        loss, parts = loss_of(self.reader, rows)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.rows += len(rows)
        return parts | {"loss": float(loss.detach())}

    def develop(self, questions: int) -> None:
        self.reader.eval()
        for name, pool in (("development", self.development), ("written", self.apart)):
            if pool:
                found = figures(self.reader, pool, questions, device())
                shown = " ".join(f"{name} {value:.3f}" for name, value in found.items())
                print(f"{name} at step {self.step}, {self.rows} rows: {shown}", flush=True)
        self.reader.train()

    def train(self) -> None:
        """Go through the stage's steps."""
        self.reader.train()
        sums: dict[str, float] = {}
        began, every = time.time(), SETTINGS.train
        while self.step < self.stage.steps:
            if self.step == self.stage.steps - self.stage.falling:
                self.checkpoint("steady.pt")
            for name, value in self.one_step().items():
                sums[name] = sums.get(name, 0.0) + value
            if self.step % every["log_every"] == 0:
                shown = " ".join(f"{name} {value / every['log_every']:.3f}" for name, value in sums.items())
                seconds, began, sums = (time.time() - began) / every["log_every"], time.time(), {}
                print(
                    f"{time.strftime('%H:%M:%S')} step {self.step} rows {self.rows} {shown} {seconds:.1f} s a step",
                    flush=True,
                )
            if self.step % every["save_every"] == 0:
                self.checkpoint("last.pt")
            if self.step % every["dev_every"] == 0:
                self.develop(120)
        self.checkpoint("last.pt")
        self.develop(400)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads(), help="of the processor")
    parser.add_argument("--from-shipped", action="store_true", help="the last stage alone, from the graph that ships")
    a = parser.parse_args()
    torch.set_num_threads(a.threads)
    stages = SETTINGS.reader_stages
    for stage in stages[-1:] if a.from_shipped else stages:
        Trainer(stage, from_shipped=a.from_shipped).train()


if __name__ == "__main__":
    main()
