"""Averages the weights of checkpoints of the constant-rate phase: a finished model for no training time.

    python training/average.py --out training/runs/average.pt training/runs/main/keep-*.pt

Averaging late checkpoints stands in for the fall of the rate (stochastic weight averaging, Izmailov et al.
2018).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    """Writes the mean of the checkpoints' readers, with the count of examples of the last."""
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=formatter)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    states = [torch.load(path, weights_only=False, mmap=True) for path in args.checkpoints]
    names = states[0]["reader"]
    mean = {k: torch.stack([s["reader"][k].float() for s in states]).mean(dim=0) for k in names}
    torch.save({"reader": mean, "examples": max(s["examples"] for s in states)}, args.out)


if __name__ == "__main__":
    main()
