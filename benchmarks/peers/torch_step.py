"""Times one training step of the report's models in PyTorch on the CPU.

    python benchmarks/peers/torch_step.py [--model NAME] [--threads N] [--compile] [--blocks N]
                                          [--steps N]

The setting: p = 97, K = 2, α = 0.5, batch 256, fp32, AdamW. A step looks up the batch's rows, goes
forward and backward and updates, as a careful user would write it. Unless told, the fastest of
PyTorch's own variants is found first and named: attention and the LSTM fused or written out, AdamW
fused, foreach or loop. Prints the median over blocks as `ms_per_step X`.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "native" / "tests" / "goldens"))

from model import (  # noqa: E402
    Lstm,
    Mlp,
    Shape,
    Training,
    Transformer,
    addition_table,
    batch_loss,
    explicit_attention,
    fused_attention,
    train_count,
)

SHAPE = Shape(p=97)
BATCH = 256


class FusedLstm(nn.Module):
    """The reference's LSTM with PyTorch's own layer in the place of cells written out."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(shape.vocabulary, shape.dim)
        self.position_embedding = nn.Embedding(shape.positions, shape.dim)
        self.lstm = nn.LSTM(shape.dim, shape.hidden, shape.layers, batch_first=True)
        self.readout = nn.Linear(shape.hidden, shape.vocabulary)

    def forward(self, tokens: Tensor, step: int = 0) -> Tensor:  # noqa: ARG002
        positions = self.position_embedding.weight[: tokens.shape[1]]
        states, _ = self.lstm(self.token_embedding(tokens) + positions)
        return self.readout(states[:, -1])


MODELS: dict[str, dict[str, Callable[[], nn.Module]]] = {
    "transformer": {
        "fused": lambda: Transformer(SHAPE, fused_attention),
        "explicit": lambda: Transformer(SHAPE, explicit_attention),
    },
    "mlp": {"explicit": lambda: Mlp(SHAPE)},
    "lstm": {"fused": lambda: FusedLstm(SHAPE), "explicit": lambda: Lstm(SHAPE)},
}
"""Each model, by the variants of its layers."""

OPTIMIZERS = {
    "fused": {"fused": True},
    "foreach": {"foreach": True},
    "loop": {"foreach": False, "fused": False},
}


def batches() -> Iterator[torch.Tensor]:
    """Endless shuffled epochs; the short last batch is left out, so that every step is equal."""
    rows = SHAPE.p**SHAPE.summands
    train_rows = torch.randperm(rows)[: train_count(rows, "0.5")]
    while True:
        order = train_rows[torch.randperm(len(train_rows))]
        yield from (batch for batch in order.split(BATCH) if len(batch) == BATCH)


def stepper(
    make: Callable[[], nn.Module], optimizer: str, compiled: bool
) -> Callable[[], torch.Tensor]:
    """A function that makes one training step and returns its loss's tensor."""
    torch.manual_seed(0)
    model = make()
    update = Training().optimizer(model, **OPTIMIZERS[optimizer])
    tokens, targets = addition_table(SHAPE.p, SHAPE.summands)
    loss_of = torch.compile(batch_loss) if compiled else batch_loss
    rows = batches()

    def step() -> torch.Tensor:
        update.zero_grad()
        loss = loss_of(model, tokens, targets, next(rows))
        loss.backward()
        update.step()
        return loss.detach()

    return step


def block(step: Callable[[], object], steps: int) -> float:
    """Milliseconds a step, over `steps` steps."""
    begin = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - begin) * 1e3 / steps


def fastest(model: str, choices: list[tuple[str, str]], compiled: bool) -> tuple[str, str]:
    """The quickest of the variants, in alternating short blocks, each by its best block."""
    steps = {
        (layers, optimizer): stepper(MODELS[model][layers], optimizer, compiled)
        for layers, optimizer in choices
    }
    best = dict.fromkeys(choices, float("inf"))
    for step in steps.values():
        block(step, 5)
    for _ in range(4):
        for choice, step in steps.items():
            best[choice] = min(best[choice], block(step, 5))
    for (layers, optimizer), milliseconds in best.items():
        print(f"variant layers={layers} adamw={optimizer} {milliseconds:.2f} ms", flush=True)
    return min(best, key=best.__getitem__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, default="transformer")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--compile", action="store_true", help="torch.compile the loss")
    parser.add_argument("--layers", help="fused or explicit; default: the faster one")
    parser.add_argument("--adamw", choices=OPTIMIZERS, help="default: the fastest one")
    parser.add_argument("--blocks", type=int, default=10)
    parser.add_argument("--steps", type=int, default=20, help="steps a block")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    variants = MODELS[arguments.model]
    if arguments.layers not in (None, *variants):
        parser.error(f"--layers {arguments.layers}: {arguments.model} has {', '.join(variants)}")
    layers = [arguments.layers] if arguments.layers else list(variants)
    optimizers = [arguments.adamw] if arguments.adamw else list(OPTIMIZERS)
    choices = list(itertools.product(layers, optimizers))
    chosen = choices[0]
    if len(choices) > 1:
        chosen = fastest(arguments.model, choices, arguments.compile)
    print(f"chosen layers={chosen[0]} adamw={chosen[1]}", flush=True)

    step = stepper(variants[chosen[0]], chosen[1], arguments.compile)
    block(step, arguments.steps)  # warm-up
    times = [block(step, arguments.steps) for _ in range(arguments.blocks)]
    print(
        f"torch {torch.__version__} {'compiled' if arguments.compile else 'eager'},"
        f" threads {arguments.threads}, loss {step().item():.4f},"
        f" blocks {min(times):.2f} to {max(times):.2f} ms"
    )
    print(f"ms_per_step {statistics.median(times):.3f}")


if __name__ == "__main__":
    main()
