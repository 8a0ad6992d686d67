"""Modular addition: the sizes of a model over it, its table and its split."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor


@dataclass(frozen=True)
class Shape:
    """Sizes of a model over K-ary modular addition; the MLP and the LSTM have no heads."""

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
    def length(self) -> int:
        """The tokens T that are read: K numbers, each with the operator or equals sign after it."""
        return 2 * self.summands

    @property
    def positions(self) -> int:
        """Rows of the position table: the 2K tokens read, and the answer's, which none reads."""
        return 2 * self.summands + 1

    @property
    def pair_positions(self) -> int:
        """The same of pairs of sequences: of K + 2 tokens at most, or 4 answers, and one more."""
        return max(self.summands + 2, 4) + 1


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
