"""nn.GRU's step written out, for tests to compare with."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor


def parameters_of(weights: Mapping[str, Tensor], name: str, suffix: str) -> list[Tensor]:
    """The weights and biases of one direction of the GRU `name`, in the order that plain_gru_step takes them."""
    return [weights[f"{name}.{part}_{suffix}"] for part in ("weight_ih", "bias_ih", "weight_hh", "bias_hh")]


def plain_gru_step(
    x: Tensor, hidden: Tensor, w_input: Tensor, b_input: Tensor, w_hidden: Tensor, b_hidden: Tensor
) -> Tensor:
    """One step of nn.GRU, as its documentation writes it; the types are those of the arguments."""
    size = len(hidden)
    from_input, from_hidden = w_input @ x + b_input, w_hidden @ hidden + b_hidden
    r = torch.sigmoid(from_input[:size] + from_hidden[:size])
    z = torch.sigmoid(from_input[size : 2 * size] + from_hidden[size : 2 * size])
    n = torch.tanh(from_input[2 * size :] + r * from_hidden[2 * size :])
    return (1 - z) * n + z * hidden
