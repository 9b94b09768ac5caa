"""Trains the reader against the clock.

    python training/train.py --run main --until 2026-11-22T19:00      # or --minutes 110
    python training/train.py --run main --resume --until ...          # goes on from the last checkpoint
    python training/train.py --run branch --from training/runs/main/last.pt --minutes 10 --decay 1

The rate warms up, stays, and falls to zero over the last part of the time (`--decay`, a share of it), so
that a finished model can be branched off any checkpoint.  The loss of a passage is SQuAD 2.0's: cross entropy
of start and end over the body's tokens and position 0 (Rajpurkar et al. 2018).  Where a question comes with
its own passage and a wrong one, both passages' tokens are normalised together as well, so that spans of
different passages compare (Clark & Gardner 2018, "shared normalisation").
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import pickle
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from dev import dev_examples, dev_figures, pad
from model import MASKED, Reader, new_reader
from render import Encoded, Renderer, SentenceRenderer, encode
from torch import Tensor

WINDOW = 1500  # groups that are rendered and sorted into batches together
LAYER_DECAY = 0.93
STAT = Path("/proc/stat")


class Batches:
    """The batches of a run, in an order that follows from the seed and the position alone."""

    def __init__(self, renderer: Renderer, size: int, without: frozenset[str]) -> None:
        self.renderer, self.size, self.without = renderer, size, without
        self.window, self.index = 0, 0
        self.ready: list[list[list[Encoded]]] = []

    def _fill(self) -> None:
        first = self.window * WINDOW
        numbers = range(first, first + WINDOW)
        groups = [g for n in numbers if self.renderer.source(n) not in self.without and (g := self.renderer.group(n))]
        rows = encode([example for group in groups for example in group])
        encoded, at = [], 0
        for group in groups:
            encoded.append(rows[at : at + len(group)])
            at += len(group)
        rng = random.Random(f"{self.renderer.seed} window {self.window}")
        encoded.sort(key=lambda g: max(len(r.ids) for r in g) + rng.uniform(0, 16))
        self.ready, batch, count = [], [], 0
        for group in encoded:
            batch.append(group)
            count += len(group)
            if count >= self.size:
                self.ready.append(batch)
                batch, count = [], 0
        rng.shuffle(self.ready)

    def __next__(self) -> list[list[Encoded]]:
        if not self.ready:
            self._fill()
        if self.index >= len(self.ready):
            self.window, self.index = self.window + 1, 0
            self._fill()
        self.index += 1
        return self.ready[self.index - 1]


def loss_of(
    reader: Reader, embeds: Tensor, mask: Tensor, types: Tensor, groups: list[list[Encoded]]
) -> tuple[Tensor, dict[str, float]]:
    """The weighted loss of a batch and its parts; `embeds` are the rows of the word table for its padded tokens."""
    rows = [row for group in groups for row in group]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        start, end, answerable = reader(embeds, mask, types)
    body = torch.zeros_like(mask, dtype=torch.bool)
    for i, row in enumerate(rows):
        body[i, row.low : row.high] = True
    allowed = body.clone()
    allowed[:, 0] = True
    goals = torch.tensor([[row.start, row.end] for row in rows])
    pairs, at = [], 0
    for group in groups:
        if len(group) == 2 and group[0].start:
            pairs.append((at, at + 1))
        at += len(group)
    span = shared = torch.zeros(())
    for logits, goal in ((start.float(), goals[:, 0]), (end.float(), goals[:, 1])):
        span = span + F.cross_entropy(logits.masked_fill(~allowed, MASKED), goal) / 2
        if pairs:
            own, other = torch.tensor(pairs).T
            mass = logits.masked_fill(~body, MASKED).logsumexp(dim=1)
            joint = torch.logaddexp(mass[own], mass[other]) - logits[own, goal[own]]
            shared = shared + joint.mean() * (2 * len(pairs) / len(rows)) / 2
    head = F.binary_cross_entropy_with_logits(answerable.float(), (goals[:, 0] > 0).float())
    parts = {"span": float(span.detach()), "shared": float(shared.detach()), "head": float(head.detach())}
    return span + 0.5 * shared + 0.3 * head, parts


def shifted(embeds: Tensor, size: float) -> Tensor:
    """Embeddings moved along their gradient by `size` an example, where the loss grows (Miyato et al. 2017)."""
    assert embeds.grad is not None
    length = embeds.grad.flatten(1).norm(dim=1).clamp_min(1e-12)
    return embeds.detach() + size * embeds.grad / length[:, None, None]


def make_optimizer(reader: Reader, rate: float) -> torch.optim.AdamW:
    """AdamW; deeper layers learn slower, norms and biases do not decay."""
    groups: dict[tuple[float, float], list[Tensor]] = {}
    depth = len(reader.encoder.layers)
    for name, parameter in reader.named_parameters():
        parts = name.split(".")
        if parts[0] == "encoder":
            level = int(parts[2]) + 1 if parts[1] == "layers" else 0
            scale = LAYER_DECAY ** (depth - level)
        else:
            scale = 1.0
        decay = 0.01 if parameter.ndim > 1 else 0.0
        groups.setdefault((scale, decay), []).append(parameter)
    options = [{"params": p, "weight_decay": d, "scale": s} for (s, d), p in groups.items()]
    return torch.optim.AdamW(options, lr=rate, betas=(0.9, 0.98), fused=True)


def save(path: Path, state: dict) -> None:
    """Writes beside the file and renames, so that a reader never sees half a checkpoint."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    torch.save(state, beside)
    beside.replace(path)


class Cores:
    """Gives a core up while other processes use one: two threads that wait for each other are slower then.

    Work of low priority (`nice`) does not count: it is what has to wait.
    """

    def __init__(self, threads: int) -> None:
        self.threads = self.now = threads
        self.last = self._read()

    def _read(self) -> tuple[float, float, float]:
        """Seconds so far: by the clock, of all processors busy at normal priority, and of this process."""
        own = sum(os.times()[:2])
        if not STAT.exists():
            return time.time(), own, own
        ticks = [int(n) for n in STAT.read_text(encoding="ascii").split("\n")[0].split()[1:9]]
        busy = sum(ticks) - ticks[1] - ticks[3] - ticks[4]  # less low-priority work, idling, waiting for a disk
        return time.time(), busy / os.sysconf("SC_CLK_TCK"), own

    def adapt(self) -> None:
        """Looks at the use of the processors since the last call and sets the number of threads."""
        found = self._read()
        clock, busy, own = (b - a for a, b in zip(self.last, found, strict=True))
        self.last = found
        others = max(0.0, busy - own) / max(clock, 1e-3)
        free = max(1, min(self.threads, round((os.cpu_count() or 1) - others + 0.1)))
        if free != self.now:
            self.now = free
            torch.set_num_threads(free)


class Trainer:
    """One run: its model, its clock and its files."""

    def __init__(self, args: argparse.Namespace) -> None:
        torch.manual_seed(args.seed)
        torch.set_num_threads(args.threads)
        self.args, self.folder = args, args.runs / args.run
        pool = pickle.loads(args.pool.read_bytes())
        self.reader, self.words = new_reader()
        self.reader.encoder.dropout = args.dropout
        self.optimizer = make_optimizer(self.reader, args.rate)
        render = SentenceRenderer if args.sentences else Renderer
        renderer = render(pool["passages"], pool["questions"], args.seed, args.alter)
        self.batches = Batches(renderer, args.batch, frozenset(args.without))
        self.step = self.examples = 0
        self.dev = dev_examples(pool["dev_passages"], pool["dev_questions"])
        self.dev_answers = [q.answers for q in pool["dev_questions"] if len(q.negatives) >= 4]
        source = args.source or (self.folder / "last.pt" if args.resume else None)
        if source:
            self._load(torch.load(source, weights_only=False))
        self.began = time.time()
        self.until = self.began + args.minutes * 60
        if args.until:
            until = dt.datetime.fromisoformat(args.until)
            self.until = (until if until.tzinfo else until.replace(tzinfo=dt.timezone.utc)).timestamp()
        self.falling = args.decay_minutes * 60 or args.decay * (self.until - self.began)

    def _load(self, state: dict) -> None:
        self.reader.load_state_dict(state["reader"])
        if "optimizer" not in state:  # of average.py or restore.py: another run begins
            return
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.examples = state["step"], state["examples"]
        self.batches.window, self.batches.index = state["position"]
        torch.set_rng_state(state["rng"])

    def checkpoint(self, name: str) -> None:
        state = {
            "reader": self.reader.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "examples": self.examples,
            "position": (self.batches.window, self.batches.index),
            "rng": torch.get_rng_state(),
            "seed": self.args.seed,
        }
        save(self.folder / name, state)

    def rate(self, now: float) -> float:
        """Warm-up by steps, then constant, then falling with the clock to zero."""
        warm = min(1.0, (self.step + 1) / self.args.warmup)
        left = max(0.0, self.until - now)
        return self.args.rate * min(warm, left / self.falling if self.falling else 1.0)

    def run_rows(self, rows: list[Encoded]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        ids, mask, types = pad(rows)
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
            start, end, answerable = self.reader(self.words[ids], mask, types)
        return start.float().numpy(), end.float().numpy(), answerable.float().numpy()

    def evaluate(self, every: int = 1) -> None:
        self.reader.eval()
        began = time.time()
        figures = dev_figures(self.dev[::every], self.dev_answers[::every], self.run_rows)
        self.reader.train()
        print(f"DEV step {self.step} examples {self.examples} {figures} {time.time() - began:.0f}s", flush=True)

    def one_step(self) -> dict[str, float]:
        groups = next(self.batches)
        rate = self.rate(time.time())
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["scale"]
        ids, mask, types = pad([row for group in groups for row in group])
        embeds = self.words[ids].requires_grad_(self.args.perturb > 0)
        loss, parts = loss_of(self.reader, embeds, mask, types, groups)
        loss.backward()
        if self.args.perturb:
            loss_of(self.reader, shifted(embeds, self.args.perturb), mask, types, groups)[0].backward()
        torch.nn.utils.clip_grad_norm_(self.reader.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        self.examples += sum(len(g) for g in groups)
        return parts | {"loss": float(loss.detach()), "rate": rate}

    def train(self) -> None:
        self.reader.train()
        saved = dev_at = logged = time.time()
        cores = Cores(self.args.threads)
        seen, sums, count = self.examples, dict.fromkeys(("loss", "span", "shared", "head"), 0.0), 0
        while (now := time.time()) < self.until:
            parts = self.one_step()
            sums, count = {k: sums[k] + parts[k] for k in sums}, count + 1
            if count == self.args.log:
                speed = (self.examples - seen) / (time.time() - logged)
                shown = " ".join(f"{k} {v / count:.3f}" for k, v in sums.items())
                stamp = time.strftime("%H:%M:%S", time.gmtime())
                place = f"{stamp} step {self.step} n {self.examples}"
                print(f"{place} {shown} lr {parts['rate']:.2e} {speed:.1f}/s t{cores.now}", flush=True)
                seen, sums, count, logged = self.examples, dict.fromkeys(sums, 0.0), 0, time.time()
            if count % 5 == 0:
                cores.adapt()
            if now - saved > self.args.save_minutes * 60:
                self.checkpoint("last.pt")
                saved = now
            if now - dev_at > self.args.dev_minutes * 60:
                self.evaluate(4)
                dev_at = time.time()
        self.checkpoint("last.pt")
        self.checkpoint("final.pt")
        self.evaluate()


def arguments() -> argparse.Namespace:
    """The command line."""
    root = Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=Path, default=root / "runs")
    parser.add_argument("--pool", type=Path, default=root / "runs/pool.pkl")
    parser.add_argument("--run", default="main")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--from", dest="source", type=Path)
    parser.add_argument("--until", help="UTC, YYYY-MM-DDTHH:MM")
    parser.add_argument("--minutes", type=float, default=110)
    parser.add_argument("--decay", type=float, default=0.2, help="share of the time over which the rate falls")
    parser.add_argument("--decay-minutes", type=float, default=0.0, help="the same in minutes")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--warmup", type=int, default=300)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--dropout", type=float, default=0.05)
    parser.add_argument("--sentences", action="store_true", help="train on sentences by themselves")
    parser.add_argument("--alter", type=float, default=0.0, help="share of the texts that are altered (alter.py)")
    parser.add_argument("--perturb", type=float, default=0.0, help="also train on embeddings moved by this much")
    parser.add_argument("--without", nargs="*", default=[], help="sources of the plan to leave out")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--log", type=int, default=50)
    parser.add_argument("--save-minutes", type=float, default=5)
    parser.add_argument("--dev-minutes", type=float, default=15)
    return parser.parse_args()


if __name__ == "__main__":
    Trainer(arguments()).train()
