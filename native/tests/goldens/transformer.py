"""The Transformer, with attention written out."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from dropout import NO_DROPOUT, Dropout, Masks
from task import Shape

Attend = Callable[[Tensor, Tensor, Tensor], Tensor]


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
    """Post-norm block l: h = LN₁(h + drop(attention(h))), then h = LN₂(h + drop(feed_forward(h)));
    the sites are 2l and 2l + 1."""

    def __init__(self, shape: Shape, attend: Attend, masks: Masks, place: int) -> None:
        super().__init__()
        self.attention = Attention(shape.dim, shape.heads, attend)
        self.attention_dropout = Dropout(masks, 2 * place)
        self.attention_norm = nn.LayerNorm(shape.dim, eps=1e-5)
        self.feed_forward = FeedForward(shape.dim, shape.hidden)
        self.feed_forward_dropout = Dropout(masks, 2 * place + 1)
        self.feed_forward_norm = nn.LayerNorm(shape.dim, eps=1e-5)

    def forward(self, h: Tensor, step: int) -> Tensor:
        h = self.attention_norm(h + self.attention_dropout(self.attention(h), step))
        return self.feed_forward_norm(h + self.feed_forward_dropout(self.feed_forward(h), step))


class Transformer(nn.Module):
    """Tokens int64 [batch, T] to logits [batch, V], read at the last token."""

    def __init__(
        self, shape: Shape, attend: Attend = explicit_attention, masks: Masks = NO_DROPOUT
    ) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(shape.vocabulary, shape.dim)
        self.position_embedding = nn.Embedding(shape.positions, shape.dim)
        self.blocks = nn.ModuleList(Block(shape, attend, masks, i) for i in range(shape.layers))
        self.final_norm = nn.LayerNorm(shape.dim, eps=1e-5)
        self.readout = nn.Linear(shape.dim, shape.vocabulary)

    def forward(self, tokens: Tensor, step: int = 0) -> Tensor:
        h = self.token_embedding(tokens) + self.position_embedding.weight[: tokens.shape[1]]
        for block in self.blocks:
            h = block(h, step)
        return self.readout(self.final_norm(h[:, -1]))
