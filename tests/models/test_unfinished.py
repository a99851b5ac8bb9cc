"""The mark of a training that was cut off."""

from __future__ import annotations

import copy
import pickle

import mlj_keras as mlj
from mlj_keras.models.unfinished import finished, mark_unfinished


def test_a_marked_model_is_another_one_until_the_mark_is_taken_off() -> None:
    model = mlj.IteratedModel(
        mlj.NeuralNetworkRegressor(), controls=[mlj.Step(1), mlj.NumberLimit(3)]
    )
    marked = copy.deepcopy(model)
    assert finished(model, "controls") == (model, False)
    mark_unfinished(marked, "controls")
    assert marked != model and len(marked.controls) == len(model.controls) + 1
    for each in (marked, copy.deepcopy(marked), pickle.loads(pickle.dumps(marked))):
        assert each == marked and finished(each, "controls") == (model, True)
