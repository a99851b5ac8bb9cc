"""A plain PyTorch loop: tensors in memory, a new order every epoch, eager."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from cases import Case
from data import Data, frame_of, new_rows
from sides.torch_networks import DEVICE, network, tensors
from torch import nn
from turns import Prepared, many_calls, seconds

# pandas gives frames out as arrays that cannot be written to; nothing writes here.
warnings.filterwarnings("ignore", message="The given NumPy array is not writable")


def training(case: Case) -> Prepared:
    """Seconds per epoch from fresh weights."""
    rows = case.make()
    module, (inputs, y) = network(case, rows), tensors(rows)
    start = {key: value.clone() for key, value in module.state_dict().items()}
    fit(module, inputs, y, case.batch, 1)

    def turn() -> tuple[float, float]:
        module.load_state_dict(start)
        spent = seconds(lambda: fit(module, inputs, y, case.batch, case.epochs))
        return spent / case.epochs, rows.loss(predict(module, inputs, rows))

    return Prepared(turn)


def anew(case: Case) -> Prepared:
    """Seconds of making a module and training it."""
    rows = case.make()

    def turn() -> tuple[float, float]:
        made: list[Any] = []

        def work() -> None:
            inputs, y = tensors(rows)
            made.extend((network(case, rows), inputs))
            fit(made[0], inputs, y, case.batch, case.epochs)

        spent = seconds(work)
        return spent, rows.loss(predict(*made, rows))

    return Prepared(turn)


def predicting(case: Case) -> Prepared:
    """Seconds of one forward pass, from an array or a frame to an array."""
    rows = case.make()
    module, (inputs, y) = network(case, rows), tensors(rows)
    fit(module, inputs, y, case.batch, 1)
    new = new_rows(case.n_new, rows.X.shape[1])
    frame = frame_of(new)
    array = frame.to_numpy if case.pandas else lambda: new

    def call() -> Any:
        with torch.no_grad():
            return module(torch.from_numpy(array())).numpy()

    return many_calls(call)


def fit(module: nn.Module, inputs: list[Any], y: Any, batch: int, epochs: int) -> float:
    """Train with Adam; the mean loss of the last epoch's batches."""
    loss_of = nn.functional.mse_loss if y.is_floating_point() else nn.functional.cross_entropy
    optimizer = torch.optim.Adam(module.parameters(), lr=1e-3)
    n_rows, total = len(y), torch.zeros((), device=DEVICE)
    for _ in range(epochs):
        order, total = torch.randperm(n_rows, device=DEVICE), torch.zeros((), device=DEVICE)
        for first in range(0, n_rows, batch):
            chosen = order[first : first + batch]
            loss = loss_of(module(*(tensor[chosen] for tensor in inputs)), y[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
    return float(total) / -(-n_rows // batch)


def predict(module: nn.Module, inputs: list[Any], rows: Data) -> Any:
    """Outputs for the training rows; probabilities of classes."""
    with torch.no_grad():
        outputs = module(*inputs)
        return (outputs.softmax(dim=1) if rows.classes else outputs).cpu().numpy()
