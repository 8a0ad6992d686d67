"""Optimizers, the learning rate and the training loop; the updates are `torch.optim`'s own."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from seq2seq import Seq2Seq
from task import Shape, addition_table


@dataclass(frozen=True)
class Training:
    """An optimizer, and the rate lr · factor^⌊step/every⌋ with steps counted from 0.

    Each optimizer reads the settings that `settings` names; the others' do not matter.
    """

    lr: float = 5e-4
    beta1: float = 0.9
    beta2: float = 0.98
    eps: float = 1e-8
    weight_decay: float = 1.0
    lr_decay_factor: float = 0.8
    lr_decay_every: int = 5000
    algorithm: str = "adamw"  # or adam, sgd, rmsprop
    momentum: float = 0.0
    nesterov: bool = False
    alpha: float = 0.99
    centered: bool = False
    clip_norm: float = 0.0  # 0: gradients are not clipped

    def rate(self, step: int) -> float:
        return self.lr * self.lr_decay_factor ** (step // self.lr_decay_every)

    def settings(self) -> dict[str, float]:
        """What the optimizer reads beside the rate, by the command line's option names."""
        own = {
            "adamw": {"beta1": self.beta1, "beta2": self.beta2, "eps": self.eps},
            "adam": {"beta1": self.beta1, "beta2": self.beta2, "eps": self.eps},
            "sgd": {"momentum": self.momentum, "nesterov": self.nesterov},
            "rmsprop": {
                "alpha": self.alpha,
                "eps": self.eps,
                "momentum": self.momentum,
                "centered": self.centered,
            },
        }[self.algorithm]
        clipping = {"clip-norm": self.clip_norm} if self.clip_norm else {}
        return {**own, "weight-decay": self.weight_decay, **clipping}

    def optimizer(self, model: nn.Module, **implementation: bool) -> torch.optim.Optimizer:
        common = {"lr": self.lr, "weight_decay": self.weight_decay, **implementation}
        parameters = model.parameters()
        if self.algorithm == "sgd":
            return torch.optim.SGD(
                parameters, momentum=self.momentum, nesterov=self.nesterov, **common
            )
        if self.algorithm == "rmsprop":
            return torch.optim.RMSprop(
                parameters,
                alpha=self.alpha,
                eps=self.eps,
                momentum=self.momentum,
                centered=self.centered,
                **common,
            )
        adam = {"adamw": torch.optim.AdamW, "adam": torch.optim.Adam}[self.algorithm]
        return adam(parameters, betas=(self.beta1, self.beta2), eps=self.eps, **common)


@dataclass
class Record:
    """What a training showed."""

    losses: list[float] = field(default_factory=list)  # of each batch before its update
    norms: list[float] = field(default_factory=list)  # of all gradients, where they are clipped
    least_variance: float = math.inf  # that centred RMSprop takes the root of


def batch_loss(
    model: nn.Module, tokens: Tensor, targets: Tensor, rows: Tensor, step: int = 0
) -> Tensor:
    """Mean cross-entropy of the table rows `rows`, or of all their answers; a row that repeats counts each time, and has
    masks for itself each time if the model drops: those of the step, counted from 0."""
    logits = model(tokens[rows], step)
    if isinstance(model, Seq2Seq):
        return functional.cross_entropy(logits.flatten(0, 1), model.answers(tokens[rows]).flatten())
    return functional.cross_entropy(logits, targets[rows])


def train(model: nn.Module, shape: Shape, training: Training, batches: Tensor) -> Record:
    """Trains on `batches` int [steps, batch]."""
    tokens, targets = addition_table(shape.p, shape.summands)
    optimizer = training.optimizer(model)
    record = Record()
    for step, rows in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = training.rate(step)
        optimizer.zero_grad()
        loss = batch_loss(model, tokens, targets, rows, step)
        loss.backward()
        if training.clip_norm:
            norm = nn.utils.clip_grad_norm_(model.parameters(), training.clip_norm)
            record.norms.append(norm.item())
        optimizer.step()
        record.losses.append(loss.item())
        record.least_variance = min(record.least_variance, least_variance(optimizer))
    return record


def least_variance(optimizer: torch.optim.Optimizer) -> float:
    """Least E[g²] − E[g]² over all elements; infinite for all optimizers but centred RMSprop."""
    return min(
        (
            torch.addcmul(state["square_avg"], state["grad_avg"], state["grad_avg"], value=-1)
            .min()
            .item()
            for state in optimizer.state.values()
            if "grad_avg" in state
        ),
        default=math.inf,
    )
