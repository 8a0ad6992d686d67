"""Writes the golden losses of REINFORCE on CartPole, by PyTorch in float64.

    python experiments/src/test/goldens/reinforce.py

Needs torch; the build and the tests need only the file it writes,
src/test/resources/dev/groklab/experiments/article/reinforce.json: initial weights, episodes, and
the loss of each before its update, with the article's policy (narrower), optimizer and γ. What is
played does not matter to the losses, so states and actions are drawn.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torch import Tensor, nn

OUT = (
    Path(__file__).resolve().parents[1]
    / "resources/dev/groklab/experiments/article/reinforce.json"
)
EPISODES = 50
HIDDEN = 12
GAMMA = 0.99


def discounted(steps: int) -> Tensor:
    """Returns of an episode whose every reward is 1."""
    returns = torch.zeros(steps, dtype=torch.float64)
    following = 0.0
    for t in reversed(range(steps)):
        following = 1 + GAMMA * following
        returns[t] = following
    return returns


def main() -> None:
    torch.manual_seed(0)
    policy = nn.Sequential(
        nn.Linear(4, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 2)
    ).double()
    names = ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias"]
    names += ["readout.weight", "readout.bias"]
    weights = {
        name: parameter.flatten().tolist()
        for name, parameter in zip(names, policy.parameters(), strict=True)
    }
    optimizer = torch.optim.AdamW(policy.parameters(), lr=1e-3, weight_decay=1e-4)
    episodes = []
    for _ in range(EPISODES):
        steps = int(torch.randint(5, 40, ()))
        states = torch.randn(steps, 4)  # float32, as an environment gives them
        actions = torch.randint(2, (steps,))
        log_probabilities = policy(states.double()).log_softmax(-1)
        taken = log_probabilities[torch.arange(steps), actions]
        loss = -(taken * discounted(steps)).sum()
        episodes.append(
            {
                "states": states.flatten().tolist(),
                "actions": "".join(str(action) for action in actions.tolist()),
                "loss": loss.item(),
            }
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    content = {"hidden": HIDDEN, "gamma": GAMMA, "weights": weights, "episodes": episodes}
    OUT.write_text(json.dumps(content) + "\n")


if __name__ == "__main__":
    main()
