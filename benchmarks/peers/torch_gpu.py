"""Times training steps of R of the report's Transformers at once in PyTorch, on a GPU.

    python benchmarks/peers/torch_gpu.py [--replicas 1,16,64,256] [--device cuda] [--p 97]

The setting is the report's: K = 2, α = 0.5, batch 256, fp32 without TF32, AdamW; each model has
weights and batches of its own. PyTorch has no replicas, so a careful user has two arrangements:
the models one after the other, or their weights stacked and one call under `torch.vmap`. Each is
timed eager, with `torch.compile` and as a recorded CUDA graph, in which the whole step of all
models is one launch. Prints for each a line

    torch REPLICAS ARRANGEMENT MODE ms_per_step X

X being milliseconds for one step of all models, the median over blocks, or `failed: WHY`.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn import functional

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "native" / "tests" / "goldens"))

from model import (  # noqa: E402
    Shape,
    Training,
    Transformer,
    addition_table,
    explicit_attention,
    fused_attention,
    train_count,
)

MODES = ("eager", "compiled", "graph")
BATCHES = 20  # for each model, in turn
Parameters = dict[str, Tensor]
Loss = Callable[[Parameters, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Setting:
    shape: Shape
    batch: int
    device: torch.device


class Data:
    """The table, and places in which the steps' batches are: a graph reads them at each replay."""

    def __init__(self, setting: Setting, replicas: int) -> None:
        self.tokens, self.targets = addition_table(setting.shape.p, setting.shape.summands)
        self.tokens = self.tokens.to(setting.device)
        self.targets = self.targets.to(setting.device)
        count = train_count(len(self.targets), "0.5")
        train_rows = torch.randperm(len(self.targets))[:count]
        orders = [torch.randperm(count)[: setting.batch] for _ in range(BATCHES * replicas)]
        self.drawn = train_rows[torch.stack(orders)].view(BATCHES, replicas, -1).to(setting.device)
        self.rows = self.drawn[0].clone()
        self.turn = 0

    def next(self) -> None:
        """New batches for all models, drawn before: what a step costs is not its data."""
        self.turn = (self.turn + 1) % BATCHES
        self.rows.copy_(self.drawn[self.turn])


def loss_function(setting: Setting, attend: Callable) -> Loss:
    """The mean cross-entropy of a batch, as a function of one model's parameters."""
    with torch.device(setting.device):
        skeleton = Transformer(setting.shape, attend)

    def loss(parameters: Parameters, tokens: Tensor, targets: Tensor) -> Tensor:
        return functional.cross_entropy(functional_call(skeleton, parameters, (tokens,)), targets)

    return loss


def initial(setting: Setting, attend: Callable) -> Parameters:
    with torch.device(setting.device):
        model = Transformer(setting.shape, attend)
    return {name: value.detach() for name, value in model.named_parameters()}


def leaves(parameters: Parameters) -> Parameters:
    return {name: value.clone().requires_grad_() for name, value in parameters.items()}


def optimizer_of(parameters: Parameters, device: torch.device) -> torch.optim.AdamW:
    training = Training()
    gpu = device.type == "cuda"
    return torch.optim.AdamW(
        parameters.values(),
        lr=training.lr,
        betas=(training.beta1, training.beta2),
        eps=training.eps,
        weight_decay=training.weight_decay,
        fused=True,
        **({"capturable": True} if gpu else {}),
    )


def one_after_the_other(
    setting: Setting, replicas: int, data: Data, compiled: bool
) -> Callable[[], None]:
    loss_of = loss_function(setting, fused_attention)
    if compiled:
        loss_of = torch.compile(loss_of)
    models = [leaves(initial(setting, fused_attention)) for _ in range(replicas)]
    optimizers = [optimizer_of(parameters, setting.device) for parameters in models]

    def step() -> None:
        for r, (parameters, optimizer) in enumerate(zip(models, optimizers, strict=True)):
            rows = data.rows[r]
            optimizer.zero_grad()
            loss_of(parameters, data.tokens[rows], data.targets[rows]).backward()
            optimizer.step()

    return step


def stacked(setting: Setting, replicas: int, data: Data, compiled: bool) -> Callable[[], None]:
    # Written-out attention: the fused kernels know one batch axis only.
    all_losses = torch.vmap(loss_function(setting, explicit_attention))
    models = [initial(setting, explicit_attention) for _ in range(replicas)]
    parameters = leaves({name: torch.stack([m[name] for m in models]) for name in models[0]})
    optimizer = optimizer_of(parameters, setting.device)

    def total(parameters: Parameters, tokens: Tensor, targets: Tensor) -> Tensor:
        return all_losses(parameters, tokens, targets).sum()

    loss_of = torch.compile(total) if compiled else total

    def step() -> None:
        optimizer.zero_grad()
        loss_of(parameters, data.tokens[data.rows], data.targets[data.rows]).backward()
        optimizer.step()

    return step


ARRANGEMENTS = {"sequential": one_after_the_other, "stacked": stacked}


def as_graph(step: Callable[[], None]) -> Callable[[], None]:
    """The step recorded; PyTorch wants a few on a side stream before that."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            step()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()


def milliseconds(step: Callable[[], None], data: Data, device: torch.device, blocks: int) -> float:
    """Median over blocks; as many steps in a block as take some 50 ms, at least two."""
    step()
    synchronize(device)
    begin = time.perf_counter()
    step()
    synchronize(device)
    steps = min(200, max(2, round(0.05 / (time.perf_counter() - begin))))
    times = []
    for _ in range(blocks):
        synchronize(device)
        begin = time.perf_counter()
        for _ in range(steps):
            data.next()
            step()
        synchronize(device)
        times.append((time.perf_counter() - begin) * 1e3 / steps)
    return statistics.median(times)


def measure(setting: Setting, replicas: int, arrangement: str, mode: str, blocks: int) -> float:
    torch.manual_seed(0)
    data = Data(setting, replicas)
    step = ARRANGEMENTS[arrangement](setting, replicas, data, mode == "compiled")
    if mode == "graph":
        step = as_graph(step)
    return milliseconds(step, data, setting.device, blocks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replicas", default="1,16,64,256")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--p", type=int, default=97)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--blocks", type=int, default=7)
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        sys.exit("torch_gpu.py: this PyTorch finds no GPU")
    torch.set_float32_matmul_precision("highest")
    setting = Setting(Shape(p=arguments.p), arguments.batch, device)
    name = torch.cuda.get_device_name() if device.type == "cuda" else "the CPU"
    print(f"torch {torch.__version__} on {name}", flush=True)

    counts = [int(text) for text in arguments.replicas.split(",")]
    modes = arguments.modes.split(",")
    if device.type != "cuda" and "graph" in modes:
        modes.remove("graph")
    for replicas, arrangement, mode in itertools.product(counts, ARRANGEMENTS, modes):
        what = f"torch {replicas} {arrangement} {mode}"
        try:
            took = measure(setting, replicas, arrangement, mode, arguments.blocks)
            print(f"{what} ms_per_step {took:.4f}", flush=True)
        except Exception as error:  # whatever PyTorch cannot do is a result too
            lines = str(error).strip().splitlines() or [type(error).__name__]
            print(f"{what} failed: {lines[0]}", flush=True)


if __name__ == "__main__":
    main()
