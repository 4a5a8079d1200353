"""Writes soft-labels.json: losses with soft targets and their gradients, as PyTorch computes them in float64."""

import json

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def bradley_terry():
    rewards = (2 * torch.randn(5, 2)).requires_grad_()
    margins = torch.tensor([0.0, 0.5, 0.0, 0.0, 1.5])
    targets = torch.tensor([1.0, 1.0, 0.5, 0.5, 0.25])
    difference = rewards[:, 0] - rewards[:, 1] - margins
    loss = F.binary_cross_entropy_with_logits(difference, targets)
    loss.backward()
    return {
        "rewards": rewards.flatten().tolist(),
        "margins": margins.tolist(),
        "targets": targets.tolist(),
        "loss": loss.item(),
        "gradient": rewards.grad.flatten().tolist(),
    }


def cross_entropy():
    logits = (2 * torch.randn(4, 6)).requires_grad_()
    better = [1, 4, 4, 1]
    worse = [4, 1, 1, 4]
    weights = [1.0, 0.5, 1.0, 0.5]
    labels = torch.zeros(4, 6)
    for row, weight in enumerate(weights):
        labels[row, better[row]] += weight
        labels[row, worse[row]] += 1 - weight
    loss = F.cross_entropy(logits, labels, reduction="sum")
    loss.backward()
    return {
        "logits": logits.flatten().tolist(),
        "better": better,
        "worse": worse,
        "weights": weights,
        "loss": loss.item(),
        "gradient": logits.grad.flatten().tolist(),
    }


with open("soft-labels.json", "w") as file:
    json.dump({"bradley_terry": bradley_terry(), "cross_entropy": cross_entropy()}, file, indent=1)
    file.write("\n")
