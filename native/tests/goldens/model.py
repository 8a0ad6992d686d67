"""The Transformer, its task and its optimizer in PyTorch: the reference that the engine is held to.

Written from the definitions alone (the replication report, appendix A) and kept plain on purpose:
a dense batch, explicit attention, autograd. Every parameter's name is the engine's.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor, nn
from torch.nn import functional

Attend = Callable[[Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Shape:
    """Sizes of a Transformer over K-ary modular addition."""

    p: int
    summands: int = 2
    layers: int = 2
    dim: int = 128
    heads: int = 4
    hidden: int = 512

    @property
    def vocabulary(self) -> int:
        """The numbers 0 … p−1, the operator p and the equals sign p+1."""
        return self.p + 2

    @property
    def positions(self) -> int:
        """Rows of the position table: the 2K tokens read, and the answer's, which none reads."""
        return 2 * self.summands + 1


def addition_table(p: int, summands: int) -> tuple[Tensor, Tensor]:
    """All rows `x₁ + x₂ + … x_K =` in canonical order, the last summand fastest.

    Returns tokens int64 [p^K, 2K] and targets int64 [p^K].
    """
    numbers = torch.tensor(list(itertools.product(range(p), repeat=summands)))
    tokens = torch.full((len(numbers), 2 * summands), p)
    tokens[:, 0::2] = numbers
    tokens[:, -1] = p + 1
    return tokens, numbers.sum(dim=1) % p


def train_count(rows: int, fraction: str) -> int:
    """⌊α·rows⌋ with α read as the decimal number that it is written as: 0.29 · 100 is 29."""
    return math.floor(Fraction(fraction) * rows)


def explicit_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Causal softmax(QKᵀ/√(d/heads))V, written out; all [batch, heads, T, d/heads]."""
    length = query.shape[-2]
    future = torch.ones(length, length, dtype=torch.bool).triu(diagonal=1)
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])
    return scores.masked_fill(future, -math.inf).softmax(dim=-1) @ value


def fused_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """The same by PyTorch's fused kernel, for the timings."""
    return functional.scaled_dot_product_attention(query, key, value, is_causal=True)


class Attention(nn.Module):
    """Multi-head causal self-attention; `in_proj` stacks the query, key and value rows."""

    def __init__(self, dim: int, heads: int, attend: Attend) -> None:
        super().__init__()
        self.heads = heads
        self.attend = attend
        self.in_proj = nn.Linear(dim, 3 * dim)
        self.out_proj = nn.Linear(dim, dim)
        nn.init.xavier_uniform_(self.in_proj.weight)
        nn.init.zeros_(self.in_proj.bias)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, h: Tensor) -> Tensor:
        batch, length, dim = h.shape
        split = self.in_proj(h).view(batch, length, 3, self.heads, dim // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        mixed = self.attend(query, key, value)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, length, dim))


class FeedForward(nn.Module):
    """W₂ gelu(W₁ h + b₁) + b₂ with the exact GELU."""

    def __init__(self, dim: int, hidden: int) -> None:
        super().__init__()
        self.up = nn.Linear(dim, hidden)
        self.down = nn.Linear(hidden, dim)

    def forward(self, h: Tensor) -> Tensor:
        return self.down(functional.gelu(self.up(h)))


class Block(nn.Module):
    """Post-norm block: h = LN₁(h + attention(h)), then h = LN₂(h + feed_forward(h))."""

    def __init__(self, shape: Shape, attend: Attend) -> None:
        super().__init__()
        self.attention = Attention(shape.dim, shape.heads, attend)
        self.attention_norm = nn.LayerNorm(shape.dim, eps=1e-5)
        self.feed_forward = FeedForward(shape.dim, shape.hidden)
        self.feed_forward_norm = nn.LayerNorm(shape.dim, eps=1e-5)

    def forward(self, h: Tensor) -> Tensor:
        h = self.attention_norm(h + self.attention(h))
        return self.feed_forward_norm(h + self.feed_forward(h))


class Transformer(nn.Module):
    """Tokens int64 [batch, T] to logits [batch, V], read at the last token."""

    def __init__(self, shape: Shape, attend: Attend = explicit_attention) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(shape.vocabulary, shape.dim)
        self.position_embedding = nn.Embedding(shape.positions, shape.dim)
        self.blocks = nn.ModuleList(Block(shape, attend) for _ in range(shape.layers))
        self.final_norm = nn.LayerNorm(shape.dim, eps=1e-5)
        self.readout = nn.Linear(shape.dim, shape.vocabulary)

    def forward(self, tokens: Tensor) -> Tensor:
        h = self.token_embedding(tokens) + self.position_embedding.weight[: tokens.shape[1]]
        for block in self.blocks:
            h = block(h)
        return self.readout(self.final_norm(h[:, -1]))


@dataclass(frozen=True)
class Training:
    """AdamW, and the rate lr · factor^⌊step/every⌋ with steps counted from 0."""

    lr: float = 5e-4
    beta1: float = 0.9
    beta2: float = 0.98
    eps: float = 1e-8
    weight_decay: float = 1.0
    lr_decay_factor: float = 0.8
    lr_decay_every: int = 5000

    def rate(self, step: int) -> float:
        return self.lr * self.lr_decay_factor ** (step // self.lr_decay_every)

    def optimizer(self, model: nn.Module, **implementation: bool) -> torch.optim.AdamW:
        return torch.optim.AdamW(
            model.parameters(),
            lr=self.lr,
            betas=(self.beta1, self.beta2),
            eps=self.eps,
            weight_decay=self.weight_decay,
            **implementation,
        )


def batch_loss(model: nn.Module, tokens: Tensor, targets: Tensor, rows: Tensor) -> Tensor:
    """Mean cross-entropy of the table rows `rows`; a row that repeats counts each time."""
    return functional.cross_entropy(model(tokens[rows]), targets[rows])


def train(model: nn.Module, shape: Shape, training: Training, batches: Tensor) -> list[float]:
    """Trains on `batches` int [steps, batch]; returns each batch's loss before its update."""
    tokens, targets = addition_table(shape.p, shape.summands)
    optimizer = training.optimizer(model)
    losses = []
    for step, rows in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = training.rate(step)
        optimizer.zero_grad()
        loss = batch_loss(model, tokens, targets, rows)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
