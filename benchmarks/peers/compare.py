"""Compares the engine's training step with PyTorch's, in one run on one machine.

    python benchmarks/peers/compare.py [--model NAME] [--threads N] [--rounds N] [--compile]

Both sides train one of the report's models (p = 97, batch 256, fp32), in blocks that alternate,
each in a process of its own, so that a busy machine disturbs both alike. Prints every round's
times and their ratio (PyTorch's over ours: above 1 we are faster), then the median ratio with its
spread. First it shows that the two compute the same thing: `groklab train --replay` must follow
50 of PyTorch's losses to 1e-3.
"""

from __future__ import annotations

import argparse
import csv
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "native" / "tests" / "goldens"))

from make import Case, draw, largest_error, write  # noqa: E402
from model import MODELS, Shape, Training  # noqa: E402

TORCH_STEP = [sys.executable, str(Path(__file__).with_name("torch_step.py"))]
LOSSES = 50
TOLERANCE = 1e-3


def output(command: list[str]) -> str:
    """What a command prints; its own words and an end of this script where it fails."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{shlex.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def milliseconds(command: list[str]) -> float:
    """The `ms_per_step X` that a command prints."""
    text = output(command)
    found = re.search(r"^ms_per_step\s+(\S+)$", text, re.MULTILINE)
    if not found:
        sys.exit(f"{shlex.join(command)} printed no ms_per_step:\n{text}")
    return float(found[1])


def same_losses(groklab: str, model: str, threads: int) -> str:
    """Replays PyTorch's first steps in the engine; the verdict in words."""
    case = Case(Shape(p=97), Training(), batch_size=256, steps=LOSSES, model=model)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        reference = write(case, draw(case, seed=0), folder / "case")
        trace = folder / "trace.csv"
        options = [
            *("--config", folder / "case" / "config.yaml", "--replay", folder / "case"),
            *("--precision", "fp32", "--threads", threads, "--backend", "cpu", "--quiet"),
            *("--trace-steps", trace, "--out", folder / "run"),
        ]
        output([*shlex.split(groklab), "train", *map(str, options)])
        with trace.open(newline="") as lines:
            ours = [float(row["batch_loss"]) for row in csv.DictReader(lines)]
    error = largest_error(ours, reference)
    if not error < TOLERANCE:
        sys.exit(f"the losses differ by {error:.1e}: the comparison would mean nothing")
    return f"{LOSSES} losses agree with float64 PyTorch to {error:.1e}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", choices=MODELS, default="transformer")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=40, help="steps a block")
    parser.add_argument("--compile", action="store_true", help="PyTorch compiled, not eager")
    parser.add_argument(
        "--ours",
        default="build/native/benchmarks/native/step_bench",
        help="command that takes --model NAME --threads N --steps S and prints `ms_per_step X`",
    )
    parser.add_argument("--groklab", default="./groklab", help="command for the replay")
    parser.add_argument("--skip-losses", action="store_true", help="do not compare the losses")
    arguments = parser.parse_args()
    if not arguments.skip_losses:
        print(same_losses(arguments.groklab, arguments.model, arguments.threads), flush=True)

    sizes = ["--model", arguments.model, "--threads", str(arguments.threads)]
    sizes += ["--steps", str(arguments.steps)]
    ours = [*shlex.split(arguments.ours), *sizes]
    torch_step = [*TORCH_STEP, *sizes, "--blocks", "1"]
    if arguments.compile:
        torch_step.append("--compile")
    chosen = re.search(r"^chosen layers=(\w+) adamw=(\w+)$", output(torch_step), re.MULTILINE)
    torch_step += ["--layers", chosen[1], "--adamw", chosen[2]]
    print(f"PyTorch's fastest here: layers {chosen[1]}, AdamW {chosen[2]}", flush=True)

    ratios = []
    for number in range(1, arguments.rounds + 1):
        # The order alternates as well: neither side always runs on the cooler processor.
        first, second = (ours, torch_step) if number % 2 else (torch_step, ours)
        times = {tuple(side): milliseconds(side) for side in (first, second)}
        our_time, torch_time = times[tuple(ours)], times[tuple(torch_step)]
        ratios.append(torch_time / our_time)
        print(
            f"round {number}: ours {our_time:.2f} ms, PyTorch {torch_time:.2f} ms,"
            f" ratio {ratios[-1]:.2f}",
            flush=True,
        )
    print(
        f"{arguments.model}, threads {arguments.threads}, PyTorch {'compiled' if arguments.compile else 'eager'}:"
        f" ratio {statistics.median(ratios):.2f} (rounds {min(ratios):.2f} to {max(ratios):.2f})"
    )


if __name__ == "__main__":
    main()
