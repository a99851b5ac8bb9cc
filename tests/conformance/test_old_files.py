"""Files of every format that there has been load, and predict what they predicted.

A file of `tests/persistence/files` is never changed: a new format adds files of its own, made of
`tests.persistence.valid.few()`. Those of before the manifest are in `tests/storage/files`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import CorruptFile
from mlj_keras.machine.state_file import read_state
from mlj_keras.persistence import inspect_file, load_machine
from tests.persistence.valid import mixed, species

FILES = Path(__file__).parents[1] / "persistence" / "files"
BEFORE = Path(__file__).parents[1] / "storage" / "files"
# Of the rows 0, 12 and 25.
PROBABILITIES = {
    "1.0-classifier.machine": [
        [0.2977494, 0.6099635, 0.0922871],
        [0.491329, 0.4499625, 0.0587085],
        [0.3325166, 0.3323233, 0.3351601],
    ],
    "1.0-pipeline.machine": [
        [0.3339713, 0.3347272, 0.3313015],
        [0.0547518, 0.2557329, 0.6895153],
        [0.2782589, 0.3178935, 0.4038477],
    ],
}


@pytest.mark.parametrize("name", PROBABILITIES)
def test_a_network_predicts_what_it_predicted(name: str) -> None:
    mach = load_machine(FILES / name)
    found = mlj.predict(mach, mixed()).to_numpy()[[0, 12, 25]]
    np.testing.assert_allclose(found, PROBABILITIES[name], rtol=1e-5)
    content = inspect_file(FILES / name)
    assert content.state == 1 and content.trusted == () and content.versions["keras"] == "3.15.1"


@pytest.mark.parametrize("name", PROBABILITIES)
def test_a_network_is_trained_on_with_its_data(name: str) -> None:
    mach = load_machine(FILES / name, mixed(), species())
    before = mach.state
    assert mlj.fit(mach, verbosity=0).state == before
    mach.model.set("epochs" if "classifier" in name else "neural_network_classifier.epochs", 2)
    assert mlj.fit(mach, verbosity=0).state == before + 1


def test_a_transformer_fills_what_it_filled() -> None:
    mach = load_machine(FILES / "1.0-transformer.machine")
    empty = mixed().iloc[:2].assign(sepal_length=[np.nan, 1.0], c=pd.Categorical([None, "q"]))
    found: Any = mlj.transform(mach, empty)
    assert found.sepal_length.tolist() == [5.800000000000001, 1.0] and found.c.tolist() == [
        "p",
        "q",
    ]


def test_a_state_of_before_the_manifest_is_restored() -> None:
    state = read_state(BEFORE / "before.state")
    assert (state.epochs, state.losses, state.path, state.seed) == (1, (0.5, 0.25), "xla", 3)
    assert state.arrays["layers/1/kernel"].tolist() == [[0.5], [-0.25]]


def test_a_checkpoint_of_before_the_manifest_is_read(tmp_path: Path) -> None:
    whole = (BEFORE / "before.ckpt").read_bytes()
    (tmp_path / "0000000002.ckpt").write_bytes(whole)
    belongs = {"model": {"": "NeuralNetworkRegressor", "epochs": "0"}}
    belongs["data"] = {"rows": "2", "columns": "none", "values": "0123456789ab"}
    found = mlj.Checkpoint(tmp_path).read(belongs)
    assert found is not None and found[0]["epochs"] == 2 and len(found[1]) == 4
    (tmp_path / "0000000002.ckpt").write_bytes(whole[:-1])
    with pytest.raises(CorruptFile):
        mlj.Checkpoint(tmp_path).read(belongs)
