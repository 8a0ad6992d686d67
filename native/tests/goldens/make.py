"""Writes the golden cases: what PyTorch does in float64, for the engine to repeat.

    python native/tests/goldens/make.py [--check] [CASE ...]

Each case becomes a folder beside this script that `./groklab train --replay` reads; README.md
lists its files. `--check` writes nothing: it says whether the committed files are what this
script makes here, and how far the losses move under rounding.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from model import Shape, Training, Transformer, addition_table, batch_loss, train, train_count

HERE = Path(__file__).resolve().parent
STEPS = 150


@dataclass(frozen=True)
class Case:
    """One training run and how its inputs are drawn."""

    shape: Shape
    training: Training
    batch_size: int | str  # a number, or "full": all training rows at every step
    train_fraction: str = "0.5"  # decimal text, see train_count
    repeat_rows: bool = False  # draw batches with replacement
    jitter: float = 0.0  # added noise, so that biases and norms do not start at 0 and 1
    gradients: bool = False  # write the first batch's gradients too
    steps: int = STEPS


CASES = {
    "report_setting": Case(Shape(p=13, dim=24, hidden=96), Training(), batch_size=32),
    "three_summands": Case(
        Shape(p=5, summands=3, dim=16, heads=2, hidden=64),
        Training(lr=1e-3),
        batch_size=25,
        train_fraction="0.6",
        gradients=True,
    ),
    "four_summands": Case(
        Shape(p=3, summands=4, dim=12, heads=2, hidden=20),
        Training(lr=2e-3),
        batch_size=20,
        gradients=True,
    ),
    "one_layer_one_head": Case(
        Shape(p=11, layers=1, dim=16, heads=1, hidden=64),
        Training(lr=1e-3),
        batch_size=24,
        gradients=True,
    ),
    "three_layers_eight_heads": Case(
        Shape(p=11, layers=3, dim=24, heads=8, hidden=40),
        Training(lr=1e-3),
        batch_size=24,
    ),
    "odd_widths": Case(
        Shape(p=7, dim=15, heads=3, hidden=22),
        Training(lr=1e-3),
        batch_size=13,
        train_fraction="0.7",
        gradients=True,
    ),
    "composite_modulus": Case(
        Shape(p=10, dim=20, heads=5, hidden=33),
        Training(lr=1e-3, weight_decay=0.1),
        batch_size=7,
        train_fraction="0.29",
    ),
    "other_betas_no_decay": Case(
        Shape(p=11, dim=16, heads=4, hidden=32),
        Training(lr=2e-3, beta1=0.8, beta2=0.95, eps=1e-4, weight_decay=0.0),
        batch_size=24,
    ),
    "rate_halved": Case(
        Shape(p=11, dim=16, heads=4, hidden=32),
        Training(lr=4e-3, lr_decay_factor=0.5, lr_decay_every=20),
        batch_size=24,
    ),
    "full_batch": Case(
        Shape(p=7, dim=16, heads=2, hidden=32),
        Training(lr=1e-3),
        batch_size="full",
        gradients=True,
    ),
    "modulus_two": Case(
        Shape(p=2, dim=4, heads=4, hidden=5),
        Training(lr=1e-3),
        batch_size=2,
        gradients=True,
    ),
    "repeated_rows": Case(
        Shape(p=5, dim=16, heads=4, hidden=32),
        Training(lr=1e-3),
        batch_size=12,
        repeat_rows=True,
        gradients=True,
    ),
    "jittered_start": Case(
        Shape(p=7, summands=3, dim=12, heads=3, hidden=28),
        Training(lr=1e-3),
        batch_size=48,
        train_fraction="0.3",
        jitter=0.3,
        gradients=True,
    ),
}


@dataclass(frozen=True)
class Inputs:
    """All that determines a run, as a case's files hold it."""

    state: dict[str, Tensor]  # float32
    train_rows: Tensor  # int32 [n]
    batches: Tensor  # int32 [steps, batch]


def draw(case: Case, seed: int) -> Inputs:
    """Draws initial weights, training rows and batches from `seed`."""
    torch.manual_seed(seed)
    model = Transformer(case.shape).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += case.jitter * torch.randn_like(parameter)
    state = {name: value.float() for name, value in model.state_dict().items()}

    rows = case.shape.p**case.shape.summands
    train_rows = torch.randperm(rows)[: train_count(rows, case.train_fraction)]
    if case.batch_size == "full":
        batches = train_rows.repeat(case.steps, 1)
    elif case.repeat_rows:
        batches = train_rows[torch.randint(len(train_rows), (case.steps, case.batch_size))]
    else:
        batches = epochs(train_rows, case.steps, int(case.batch_size))
    return Inputs(state, train_rows.int(), batches.int())


def epochs(train_rows: Tensor, steps: int, batch_size: int) -> Tensor:
    """Fresh permutations cut into batches; the file is rectangular, so short ones are left out."""
    whole = len(train_rows) // batch_size
    batches: list[Tensor] = []
    while len(batches) < steps:
        order = train_rows[torch.randperm(len(train_rows))]
        batches.extend(order[: whole * batch_size].view(whole, batch_size))
    return torch.stack(batches[:steps])


def start(case: Case, inputs: Inputs, dtype: torch.dtype = torch.float64) -> Transformer:
    """The model at the float32 initial weights, computing in `dtype`."""
    model = Transformer(case.shape).to(dtype)
    model.load_state_dict({name: value.to(dtype) for name, value in inputs.state.items()})
    return model


def first_gradients(case: Case, inputs: Inputs) -> dict[str, Tensor]:
    """Gradients float64 of the first batch's loss at the initial weights."""
    model = start(case, inputs)
    tokens, targets = addition_table(case.shape.p, case.shape.summands)
    batch_loss(model, tokens, targets, inputs.batches[0]).backward()
    return {name: parameter.grad for name, parameter in model.named_parameters()}


def config(case: Case) -> str:
    """The run as `--config` reads it: the command line's option names, one a line."""
    shape, training = case.shape, case.training
    values = {
        "task": "add",
        "p": shape.p,
        "summands": shape.summands,
        "train-fraction": case.train_fraction,
        "model": "transformer",
        "layers": shape.layers,
        "dim": shape.dim,
        "heads": shape.heads,
        "hidden": shape.hidden,
        "optimizer": "adamw",
        "lr": training.lr,
        "beta1": training.beta1,
        "beta2": training.beta2,
        "eps": training.eps,
        "weight-decay": training.weight_decay,
        "lr-decay-factor": training.lr_decay_factor,
        "lr-decay-every": training.lr_decay_every,
        "batch-size": case.batch_size,
        "steps": case.steps,
    }
    return "".join(f"{key}: {yaml_scalar(value)}\n" for key, value in values.items())


def yaml_scalar(value: float | str) -> str:
    """YAML 1.1 takes 1e-08 for a string: an exponent needs a decimal point before it."""
    text = str(value)
    if isinstance(value, float) and "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return text


def write(case: Case, inputs: Inputs, folder: Path) -> list[float]:
    """Writes all files of a case and returns its losses."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(inputs.state, folder / "init.safetensors")
    np.save(folder / "train_rows.npy", inputs.train_rows.numpy())
    np.save(folder / "batches.npy", inputs.batches.numpy())
    (folder / "config.yaml").write_text(config(case))
    losses = train(start(case, inputs), case.shape, case.training, inputs.batches)
    lines = [f"{step},{loss:.17g}\n" for step, loss in enumerate(losses, start=1)]
    (folder / "losses.csv").write_text("step,batch_loss\n" + "".join(lines))
    if case.gradients:
        save_file(first_gradients(case, inputs), folder / "gradients.safetensors")
    return losses


def largest_error(losses: list[float], reference: list[float]) -> float:
    """Largest relative difference."""
    return max(abs(a - b) / b for a, b in zip(losses, reference, strict=True))


def rounding(case: Case, inputs: Inputs, reference: list[float]) -> tuple[float, float]:
    """How far rounding alone moves the losses: in float64 from weights nudged by 1e-15, and in
    float32 over the first 50 steps."""
    nudged = start(case, inputs)
    with torch.no_grad():
        for parameter in nudged.parameters():
            parameter *= 1 + 1e-15 * torch.randn_like(parameter)
    fp64 = train(nudged, case.shape, case.training, inputs.batches)
    single = start(case, inputs, torch.float32)
    fp32 = train(single, case.shape, case.training, inputs.batches[:50])
    return largest_error(fp64, reference), largest_error(fp32, reference[:50])


def check(name: str, case: Case, inputs: Inputs) -> bool:
    """Makes a case anew, elsewhere, and compares it with the committed one."""
    committed = HERE / name
    with tempfile.TemporaryDirectory() as elsewhere:
        losses = write(case, inputs, Path(elsewhere))
        names = sorted(path.name for path in Path(elsewhere).iterdir())
        here = sorted(path.name for path in committed.iterdir()) if committed.is_dir() else []
        same = names == here and all(
            (committed / file).read_bytes() == (Path(elsewhere) / file).read_bytes()
            for file in names
        )
    fp64, fp32 = rounding(case, inputs, losses)
    # A golden that amplifies rounding up to what is allowed would prove nothing.
    steady = fp64 < 1e-10 and fp32 < 2e-4
    print(
        f"{name}: {'same bytes' if same else 'DIFFERS'};"
        f" rounding moves it by {fp64:.1e} in fp64, {fp32:.1e} in fp32"
        f"{'' if steady else ': TOO MUCH'}",
        flush=True,
    )
    return same and steady


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="all of them by default")
    arguments = parser.parse_args()
    unknown = set(arguments.cases) - CASES.keys()
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    good = True
    for seed, (name, case) in enumerate(CASES.items()):
        if arguments.cases and name not in arguments.cases:
            continue
        inputs = draw(case, seed)
        if arguments.check:
            good = check(name, case, inputs) and good
            continue
        losses = write(case, inputs, HERE / name)
        if not all(map(math.isfinite, losses)):
            raise ArithmeticError(f"{name}: a loss is not finite")
        print(f"{name}: loss {losses[0]:.4f} to {losses[-1]:.4f}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
