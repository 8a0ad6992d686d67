"""Dropout whose masks are the engine's own: Philox 4x32-10 of what is dropped, where and when.

Philox is written from its paper (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
as 1, 2, 3", SC 2011); a mask depends on nothing but the seed, the step, the site and the element.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

WORD = 0xFFFFFFFF
"""The largest 32-bit number."""
DROPOUT = 0xD201
"""Mixed into the key's high word; other streams of the same seed have other numbers."""

KNOWN_ANSWERS = {
    (0, 0, 0, 0, 0, 0): (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8),
    (WORD, WORD, WORD, WORD, WORD, WORD): (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344, 0xA4093822, 0x299F31D0): (
        0xD16CFE09,
        0x94FDCCEB,
        0x5001E420,
        0x24126EA1,
    ),
}
"""Four words of counter and two of key to the block's four, from Random123's file kat_vectors."""


def philox(counter: list[np.ndarray], key: tuple[int, int]) -> list[np.ndarray]:
    """Ten rounds: four words, each uint64 below 2^32 so that a product has room; so are the four
    of the answer."""
    a, b, c, d = counter
    low, high = key
    for _ in range(10):
        left, right = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (right >> 32) ^ b ^ low, right & WORD, (left >> 32) ^ d ^ high, left & WORD
        low, high = (low + 0x9E3779B9) & WORD, (high + 0xBB67AE85) & WORD
    return [a, b, c, d]


def wrong_answers() -> int:
    """How many of the published answers `philox` gets wrong."""
    wrong = 0
    for (*counter, low, high), expected in KNOWN_ANSWERS.items():
        answer = philox([np.array([word], dtype=np.uint64) for word in counter], (low, high))
        wrong += tuple(int(word[0]) for word in answer) != expected
    return wrong


@dataclass(frozen=True)
class Masks:
    """The masks of one run, at all its steps and sites."""

    rate: float = 0.0
    seed: int = 0  # below 2^63

    def kept(self, step: int, site: int, elements: np.ndarray) -> np.ndarray:
        """Which elements stay, by their numbers, int64; `step` counts the steps made before.

        Element e has word e mod 4 of block ⌊e/4⌋ and stays where that is at least ⌊rate · 2^32⌋.
        """
        block = (elements // 4).astype(np.uint64)
        place = [np.full_like(block, word) for word in (site, step & WORD, step >> 32)]
        words = philox([block, *place], (self.seed & WORD, (self.seed >> 32) ^ DROPOUT))
        return np.choose(elements % 4, words) >= int(self.rate * 2**32)


NO_DROPOUT = Masks()


class Dropout(nn.Module):
    """One site: y = x ⊙ mask / (1 − rate) in training, else y = x.

    Batch row i of B has at position t the node number t·B + i, and column j of `cols` there the
    element number (t·B + i)·cols + j.
    """

    def __init__(self, masks: Masks, site: int) -> None:
        super().__init__()
        self.masks = masks
        self.site = site

    def forward(self, x: Tensor, step: int, position: int | None = None) -> Tensor:
        """`x` is [B, T, cols], or [B, cols] of the nodes at `position` alone."""
        batch = len(x)
        nodes = np.arange(batch)
        if position is None:
            nodes = np.arange(x.shape[1]) * batch + nodes[:, None]
        else:
            nodes = position * batch + nodes
        return self.drop(x, step, nodes)

    def drop(self, x: Tensor, step: int, nodes: np.ndarray) -> Tensor:
        """`nodes` are the numbers of the rows of `x`."""
        if self.masks.rate == 0 or not self.training:
            return x
        cols = x.shape[-1]
        elements = nodes[..., None] * cols + np.arange(cols)
        kept = torch.from_numpy(self.masks.kept(step, self.site, elements))
        return torch.where(kept, x / (1 - self.masks.rate), 0)


class PlaceDropout(Dropout):
    """The same where batch row i has at position t of T the place number i·T + t."""

    def forward(self, x: Tensor, step: int) -> Tensor:
        """`x` is [B, T, cols]."""
        return self.drop(x, step, np.arange(x.shape[0] * x.shape[1]).reshape(x.shape[:2]))
