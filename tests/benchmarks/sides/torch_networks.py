"""The networks of the cases in PyTorch.

Dense layers, convolutions and embeddings start as in keras_networks. An LSTM does not: Keras gives
it orthogonal recurrent weights and a forget gate of bias 1.
"""

from __future__ import annotations

from typing import Any

import torch
from cases import Case, Convolutional, Dense, Recurrent
from data import Data
from torch import nn

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


class EmbeddedFactors(nn.Module):
    """A lookup table for each factor, put behind the numbers."""

    def __init__(self, levels: tuple[int, ...], widths: tuple[int, ...]) -> None:
        super().__init__()
        self.tables = nn.ModuleList(map(nn.Embedding, levels, widths))

    def forward(self, numbers: Any, codes: Any) -> Any:
        """Numbers (n, p) and codes (n, m) as one matrix."""
        vectors = [table(codes[:, k]) for k, table in enumerate(self.tables)]
        return torch.cat([numbers, *vectors], dim=1)


class Network(nn.Module):
    """What comes first, if anything, and then layers one after another."""

    def __init__(self, layers: list[nn.Module], first: nn.Module | None = None) -> None:
        super().__init__()
        self.first = first
        self.layers = nn.Sequential(*layers)

    def forward(self, *inputs: Any) -> Any:
        """The outputs (n, n_out)."""
        return self.layers(inputs[0] if self.first is None else self.first(*inputs))


class LastStep(nn.Module):
    """An LSTM whose last output counts."""

    def __init__(self, n_features: int, units: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(n_features, units, batch_first=True)

    def forward(self, sequence: Any) -> Any:
        """Sequences (n, steps, features) as (n, units)."""
        return self.lstm(sequence)[0][:, -1]


def network(case: Case, rows: Data) -> nn.Module:
    """The case's network; outputs of classes are logits."""
    torch.manual_seed(1)
    if isinstance(case.network, Convolutional):
        module = _convolutional(case.network, rows)
    elif isinstance(case.network, Recurrent):
        units = case.network.units
        module = Network([LastStep(rows.X.shape[2], units), nn.Linear(units, 1)])
    else:
        module = dense(case.network, rows)
    for weight in module.parameters():
        if weight.dim() > 1:
            nn.init.xavier_uniform_(weight)
        else:
            nn.init.zeros_(weight)
    return module.to(DEVICE)


def dense(description: Dense, rows: Data) -> nn.Module:
    """Hidden layers with relu, and one output."""
    sizes = (rows.X.shape[1] + sum(rows.widths), *description.hidden)
    layers: list[nn.Module] = []
    for n_in, n_units in zip(sizes, sizes[1:], strict=False):
        layers += [nn.Linear(n_in, n_units), nn.ReLU()]
    first = EmbeddedFactors(rows.levels, rows.widths) if rows.levels else None
    return Network([*layers, nn.Linear(sizes[-1], 1)], first)


def tensors(rows: Data) -> tuple[list[Any], Any]:
    """(inputs, target): images as N × C × H × W, numbers of the target as (n, 1)."""
    X = rows.X.transpose(0, 3, 1, 2).copy() if rows.X.ndim == 4 else rows.X
    arrays = [X] if rows.codes is None else [X, rows.codes]
    y = rows.y.astype("int64") if rows.classes else rows.y[:, None]
    return [torch.from_numpy(array).to(DEVICE) for array in arrays], torch.from_numpy(y).to(DEVICE)


def _convolutional(description: Convolutional, rows: Data) -> nn.Module:
    size, n_channels = rows.X.shape[1], rows.X.shape[3]
    layers: list[nn.Module] = []
    for n_filters in description.filters:
        layers += [nn.Conv2d(n_channels, n_filters, 3), nn.ReLU(), nn.MaxPool2d(2)]
        size, n_channels = (size - 2) // 2, n_filters
    n_classes = int(rows.y.max()) + 1
    return Network([*layers, nn.Flatten(), nn.Linear(size * size * n_channels, n_classes)])
