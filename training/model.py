"""The reader: the lower layers of MPNet with heads for spans, for "this answers" and for support.

MPNet (Song et al. 2020) is BERT with a bias in every attention that depends on how far two tokens stand apart (T5's
buckets, Raffel et al. 2020), without segment embeddings. The span head is the one of BERT on SQuAD 2.0 (Devlin et al.
2019; Rajpurkar et al. 2018): a start and an end logit per token, with position 0 standing for "no answer".
`answerable` reads the first token; `support` gives every token a logit whose mean over a sentence, an item or a row
says whether that unit is part of the answer.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

if TYPE_CHECKING:
    from pathlib import Path

MASKED = -1e4
WIDTH, HEADS, INNER, EPS = 768, 12, 3072, 1e-5
BUCKETS, FARTHEST = 32, 128
PAD = 1
# What the published weights call the parts of a layer.
NAMES = {
    "out": "attention.attn.o",
    "norm1": "attention.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}
FIRST_POSITION = 2  # rows of the position table before it stand for padding


def distance_buckets(tokens: int) -> Tensor:
    """Bucket of every pair of tokens, of shape (tokens, tokens): exact when near, logarithmic when far."""
    places = torch.arange(tokens)
    behind = places[:, None] - places[None, :]
    half, exact = BUCKETS // 2, BUCKETS // 4
    distance = behind.abs()
    far = torch.log(distance.clamp(min=1).float() / exact) / math.log(FARTHEST / exact) * (half - exact)
    bucket = torch.where(distance < exact, distance, (exact + far.long()).clamp(max=half - 1))
    return bucket + (behind < 0).long() * half


class Layer(nn.Module):
    """One post-norm transformer layer."""

    def __init__(self, width: int = WIDTH, inner: int = INNER, eps: float = EPS) -> None:
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=eps)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=eps)

    def attend(self, x: Tensor, bias: Tensor) -> Tensor:
        """Multi-head self-attention; `bias` is added to the scores."""
        b, t, d = x.shape
        q, k, v = (m.reshape(b, t, HEADS, d // HEADS).transpose(1, 2) for m in self.qkv(x).split(d, dim=-1))
        scores = q @ k.transpose(-1, -2) / math.sqrt(d // HEADS) + bias
        y = scores.softmax(dim=-1) @ v
        return self.out(y.transpose(1, 2).reshape(b, t, d))

    def forward(self, x: Tensor, bias: Tensor, dropout: float) -> Tensor:
        x = self.norm1(x + F.dropout(self.attend(x, bias), dropout, self.training))
        y = self.down(F.gelu(self.up(x)))
        return self.norm2(x + F.dropout(y, dropout, self.training))


class Encoder(nn.Module):
    """The lower `layers` layers of MPNet, from token numbers to vectors."""

    def __init__(self, vocabulary: int, layers: int) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, WIDTH)
        self.position = nn.Embedding(514, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=EPS)
        self.distance = nn.Embedding(BUCKETS, HEADS)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))
        self.dropout = 0.0
        self.frozen = 0  # layers, from below, that keep their pretrained weights
        self.buckets: Tensor
        self.register_buffer("buckets", distance_buckets(512), persistent=False)

    def bias(self, mask: Tensor) -> Tensor:
        """What is added to the scores of every attention, of shape (rows, heads, tokens, tokens)."""
        tokens = mask.shape[1]
        near = self.distance(self.buckets[:tokens, :tokens]).permute(2, 0, 1)[None]
        return near + (1.0 - mask[:, None, None, :].to(near.dtype)) * MASKED

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        places = torch.arange(ids.shape[1], device=ids.device) + FIRST_POSITION
        x = self.norm(self.words(ids) + self.position(places)[None])
        x = F.dropout(x, self.dropout, self.training)
        bias = self.bias(mask)
        for layer in self.layers:
            x = layer(x, bias, self.dropout)
        return x

    def freeze(self, layers: int) -> None:
        """Keep the embeddings and the lowest layers as they are: nothing is learned there, and no gradient computed."""
        self.frozen = layers
        fixed: list[nn.Module] = [self.words, self.position, self.norm, self.distance, *self.layers[:layers]]
        for module in fixed:
            module.requires_grad_(requires_grad=False)


class Reader(nn.Module):
    """The encoder with the heads that are trained."""

    def __init__(self, vocabulary: int, layers: int) -> None:
        super().__init__()
        self.encoder = Encoder(vocabulary, layers)
        self.span = nn.Linear(WIDTH, 2)
        self.answerable = nn.Linear(WIDTH, 1)
        self.support = nn.Linear(WIDTH, 1)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Start, end and support logits of every token, and the `answerable` logit of every row."""
        x = self.encoder(ids, mask)
        start, end = self.span(x).split(1, dim=-1)
        support = self.support(x).squeeze(-1)
        return start.squeeze(-1), end.squeeze(-1), support, self.answerable(x[:, 0]).squeeze(-1)


def _encoder_state(weights: dict[str, Tensor], layers: int) -> dict[str, Tensor]:
    """Rename the published tensors to those of `Encoder`."""
    state = {
        "words.weight": weights["embeddings.word_embeddings.weight"],
        "position.weight": weights["embeddings.position_embeddings.weight"],
        "distance.weight": weights["encoder.relative_attention_bias.weight"],
    }
    for kind in ("weight", "bias"):
        state[f"norm.{kind}"] = weights[f"embeddings.LayerNorm.{kind}"]
        for i in range(layers):
            old, new = f"encoder.layer.{i}.", f"layers.{i}."
            state[f"{new}qkv.{kind}"] = torch.cat([weights[f"{old}attention.attn.{part}.{kind}"] for part in "qkv"])
            for mine, theirs in NAMES.items():
                state[f"{new}{mine}.{kind}"] = weights[f"{old}{theirs}.{kind}"]
    return state


def pretrained(folder: Path, layers: int) -> Reader:
    """A reader with untrained heads on the lowest layers of the weights in `folder`."""
    weights = {
        name.removeprefix("mpnet."): tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()
    }
    reader = Reader(len(weights["embeddings.word_embeddings.weight"]), layers)
    reader.encoder.load_state_dict(_encoder_state(weights, layers))
    for head in (reader.span, reader.answerable, reader.support):
        nn.init.normal_(head.weight, std=0.02)
        nn.init.zeros_(head.bias)
    return reader
