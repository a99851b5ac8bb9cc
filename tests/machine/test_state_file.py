"""One file of what a network has learned."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import CorruptFile, InvalidArgument, UnsupportedOperation
from mlj_keras.machine.state_file import read_state, write_state
from tests.batteries.oracles import X11, Y11

NET = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(4,)), epochs=2, batch_size=4, rng=1)


def fitted(model: mlj.Model) -> mlj.Machine:
    return mlj.fit(mlj.machine(model, X11, Y11), verbosity=0)


@pytest.mark.parametrize("wrap", [lambda net: net, lambda net: mlj.Standardizer() | net])
def test_a_state_that_was_written_is_put_back_to_the_bit(wrap: object, tmp_path: Path) -> None:
    model = wrap(NET)  # type: ignore[operator]
    mach = fitted(model)
    early = mlj.predict(mach, X11)
    write_state(tmp_path / "early.state", mach)
    mach.model.set(mach.model.own_traits().iteration_parameter, 6)
    assert not np.array_equal(mlj.predict(mlj.fit(mach, verbosity=0), X11), early)
    mlj.restore(mach, tmp_path / "early.state")
    np.testing.assert_array_equal(mlj.predict(mach, X11), early)
    mach.model.set(mach.model.own_traits().iteration_parameter, 3)
    assert len(mlj.training_losses(mlj.fit(mach, verbosity=0))) == 3


def test_the_state_of_another_network_is_refused(tmp_path: Path) -> None:
    write_state(tmp_path / "s", fitted(NET))
    other = fitted(NET.replace({"builder.hidden": (5,)}))
    with pytest.raises(InvalidArgument):
        mlj.restore(other, tmp_path / "s")


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    write_state(tmp_path / "s", fitted(NET))
    (tmp_path / "s").write_bytes((tmp_path / "s").read_bytes()[:-1])
    with pytest.raises(CorruptFile):
        read_state(tmp_path / "s")


def test_what_is_no_network_has_no_state(tmp_path: Path) -> None:
    mach = mlj.fit(mlj.machine(mlj.Standardizer(), X11), verbosity=0)
    with pytest.raises(UnsupportedOperation, match="only networks have"):
        write_state(tmp_path / "s", mach)
