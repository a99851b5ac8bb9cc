"""The order in which Python hashes names, another one in each process, changes no result."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from tests.batteries.oracles import factor, fitted, numbers
from tests.batteries.processes import lines_of

N_ROWS = 13
X = numbers(N_ROWS, 2)
FRAME = pd.DataFrame({"left": X[:, 0], "kind": factor(N_ROWS, 4), "right": X[:, 1]})
CLASSES = factor(N_ROWS, 3)


def digests_of_all_kinds() -> dict[str, str]:
    """Of a network, and of composites that have sets and dicts of names inside."""
    forest = mlj.load("RandomForestClassifier")(n_estimators=3, random_state=1)
    net: Any = mlj.NeuralNetworkClassifier(
        builder=mlj.Short(n_hidden=4), epochs=2, batch_size=4, rng=3, jit_compile=False
    )
    rate = mlj.param_range(net, "optimiser.learning_rate", lower=0.001, upper=0.1, scale="log10")
    search: dict[str, Any] = {"tuning": mlj.RandomSearch(rng=1), "n": 2, "measure": mlj.log_loss}
    models: dict[str, Any] = {
        "network": net,
        "pipeline": mlj.OneHotEncoder() | mlj.Standardizer() | forest,
        "ensemble": mlj.EnsembleModel(net, n=2, rng=1, together=False),
        "tuned": mlj.TunedModel(net, ranges=rate, **search),
    }
    found = {
        name: mlj.reproducibility_report(fitted(model, FRAME, CLASSES)).digest
        for name, model in models.items()
    }
    options: dict[str, Any] = {"resampling": mlj.CV(nfolds=2, rng=1), "verbosity": 0}
    evaluation = mlj.evaluate(net, FRAME, CLASSES, measures=mlj.log_loss, **options)
    return found | {"evaluation": str(np.array(evaluation.per_fold).tolist())}


SCRIPT = """
import json
from tests.conformance.test_hash_seeds import digests_of_all_kinds
print("found", json.dumps(digests_of_all_kinds()))
"""


@pytest.mark.slow
def test_the_order_in_which_python_hashes_names_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "77")  # that of this process Python has drawn
    (line,) = (each for each in lines_of(SCRIPT) if each.startswith("found "))
    assert json.loads(line.removeprefix("found ")) == digests_of_all_kinds()
