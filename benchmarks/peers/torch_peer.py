"""The report's training step in PyTorch on the CPU: a peer of `groklab bench --peers`.

    python benchmarks/peers/torch_peer.py --inputs DIR --model NAME --p N --layers N --dim N --heads N
                                          --hidden N --threads N [--variant script|best|compiled]

Trains in float32 on the inputs' weights and batches and answers requests, see README.md. A step
looks up the batch's rows, goes forward and backward and updates. The variants:

script    eager, as a script writes it: `nn.MultiheadAttention` with a causal mask, `nn.LSTM`,
          `torch.optim.AdamW`, all with their defaults
best      eager, the fastest here of attention or LSTM fused or written out, and of AdamW fused,
          foreach or loop
compiled  `torch.compile` of forward pass and loss, the faster of the layers, with the best AdamW
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

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
)

State = dict[str, Tensor]
Step = Callable[[], Tensor]


class ScriptBlock(nn.Module):
    """A post-norm block of PyTorch's own layers."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(shape.dim, shape.heads, batch_first=True)
        self.attention_norm = nn.LayerNorm(shape.dim)
        self.up = nn.Linear(shape.dim, shape.hidden)
        self.down = nn.Linear(shape.hidden, shape.dim)
        self.feed_forward_norm = nn.LayerNorm(shape.dim)

    def forward(self, h: Tensor, mask: Tensor) -> Tensor:
        attended, _ = self.attention(h, h, h, attn_mask=mask)
        h = self.attention_norm(h + attended)
        return self.feed_forward_norm(h + self.down(functional.gelu(self.up(h))))


class ScriptTransformer(nn.Module):
    """The reference's Transformer with `nn.MultiheadAttention`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(shape.vocabulary, shape.dim)
        self.position_embedding = nn.Embedding(shape.positions, shape.dim)
        self.blocks = nn.ModuleList(ScriptBlock(shape) for _ in range(shape.layers))
        self.final_norm = nn.LayerNorm(shape.dim)
        self.readout = nn.Linear(shape.dim, shape.vocabulary)

    def forward(self, tokens: Tensor, step: int = 0) -> Tensor:  # noqa: ARG002
        length = tokens.shape[1]
        h = self.token_embedding(tokens) + self.position_embedding(torch.arange(length))
        mask = torch.full((length, length), -math.inf).triu(diagonal=1)
        for block in self.blocks:
            h = block(h, mask)
        return self.readout(self.final_norm(h[:, -1]))

    @staticmethod
    def names(name: str) -> str:
        name = name.replace("attention.in_proj.", "attention.in_proj_")
        return name.replace("feed_forward.", "")


class LayerLstm(nn.Module):
    """The reference's LSTM with `nn.LSTM` in the place of cells written out."""

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

    @staticmethod
    def names(name: str) -> str:
        if not name.startswith("lstm."):
            return name
        _, layer, side, kind = name.split(".")
        return f"lstm.{kind}_{'ih' if side == 'input' else 'hh'}_l{layer}"


SCRIPT: dict[str, Callable[[Shape], nn.Module]] = {
    "transformer": ScriptTransformer,
    "mlp": Mlp,
    "lstm": LayerLstm,
}
"""Each model as a script writes it."""

LAYERS: dict[str, dict[str, Callable[[Shape], nn.Module]]] = {
    "transformer": {
        "fused": lambda shape: Transformer(shape, fused_attention),
        "explicit": lambda shape: Transformer(shape, explicit_attention),
    },
    "mlp": {"explicit": Mlp},
    "lstm": {"fused": LayerLstm, "explicit": Lstm},
}
"""Each model, by the variants of its layers."""

OPTIMIZERS = {
    "fused": {"fused": True},
    "foreach": {"foreach": True},
    "loop": {"foreach": False, "fused": False},
}


class Inputs:
    """The recorded weights and batches, in the files that `groklab train --replay` reads."""

    def __init__(self, folder: Path, shape: Shape) -> None:
        self.shape = shape
        self.state: State = load_file(folder / "init.safetensors")
        self.batches = torch.from_numpy(np.load(folder / "batches.npy")).long()
        self.tokens, self.targets = addition_table(shape.p, shape.summands)

    def stepper(
        self, make: Callable[[Shape], nn.Module], implementation: dict[str, bool], compiled: bool
    ) -> Step:
        """A function that trains on the next batch, from the recorded weights on; its loss."""
        model = make(self.shape)
        rename = getattr(model, "names", lambda name: name)
        model.load_state_dict({rename(name): value for name, value in self.state.items()})
        optimizer = Training().optimizer(model, **implementation)
        loss_of = torch.compile(batch_loss) if compiled else batch_loss
        rows = itertools.cycle(self.batches)

        def step() -> Tensor:
            optimizer.zero_grad()
            loss = loss_of(model, self.tokens, self.targets, next(rows))
            loss.backward()
            optimizer.step()
            return loss.detach()

        return step


def block(step: Step, steps: int) -> float:
    """Milliseconds that the steps take."""
    begin = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - begin) * 1e3


def fastest(
    inputs: Inputs, model: str, choices: list[tuple[str, str]], compiled: bool
) -> tuple[str, str]:
    """The quickest of the variants, in alternating short blocks, each by its best block."""
    if len(choices) == 1:
        return choices[0]
    steps = {
        (layers, adamw): inputs.stepper(LAYERS[model][layers], OPTIMIZERS[adamw], compiled)
        for layers, adamw in choices
    }
    slowest = max([(block(step, 1), block(step, 1))[1] for step in steps.values()])
    count = max(1, min(10, round(100 / slowest)))
    best = dict.fromkeys(choices, math.inf)
    for _ in range(3):
        for choice, step in steps.items():
            best[choice] = min(best[choice], block(step, count))
    return min(best, key=best.__getitem__)


def chosen(inputs: Inputs, model: str, variant: str) -> tuple[Step, str]:
    """The variant's step, and what was found to be the fastest."""
    if variant == "script":
        return inputs.stepper(SCRIPT[model], {}, compiled=False), ""
    every = list(itertools.product(LAYERS[model], OPTIMIZERS))
    layers, adamw = fastest(inputs, model, every, compiled=False)
    compiled = variant == "compiled"
    if compiled:
        layers, _ = fastest(inputs, model, [(name, adamw) for name in LAYERS[model]], compiled)
    words = f": {layers} layers, {adamw} AdamW"
    return inputs.stepper(LAYERS[model][layers], OPTIMIZERS[adamw], compiled), words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=Path, required=True)
    parser.add_argument("--model", choices=LAYERS, required=True)
    for size in ("p", "layers", "dim", "heads", "hidden"):
        parser.add_argument(f"--{size}", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--variant", choices=("script", "best", "compiled"), default="best")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    shape = Shape(
        p=arguments.p,
        layers=arguments.layers,
        dim=arguments.dim,
        heads=arguments.heads,
        hidden=arguments.hidden,
    )
    inputs = Inputs(arguments.inputs, shape)
    step, words = chosen(inputs, arguments.model, arguments.variant)
    print(f"ready PyTorch {torch.__version__}{words}", flush=True)
    for line in sys.stdin:
        request, count = line.split()
        if request == "losses":
            print("losses", *(step().item() for _ in range(int(count))), flush=True)
        elif request == "block":
            print("block", block(step, int(count)), flush=True)
        else:
            sys.exit(f"'{line.strip()}' is no request")


if __name__ == "__main__":
    main()
