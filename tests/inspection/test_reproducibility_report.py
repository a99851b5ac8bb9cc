"""What a trained machine's bytes depend on is told of every trained model inside."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.engine.environment import environment
from mlj_keras.errors import NotTrainedError, WrongType
from mlj_keras.inspection._guarantees import conditions_of_place, doubts_of_place
from tests.batteries.oracles import fitted, numbers

N_ROWS = 20
X, Y = numbers(N_ROWS, 2), numbers(N_ROWS, 1, seed=1)[:, 0]
CLASSES = np.array([*"ab"])[(np.arange(N_ROWS) // 3) % 2]
GRAPH: dict[str, Any] = {"jit_compile": False, "builder": mlj.MLP(hidden=(3,)), "batch_size": 5}
RIDGE, FOREST = mlj.load("Ridge"), mlj.load("RandomForestRegressor")


def net(**given: Any) -> Any:
    return mlj.NeuralNetworkRegressor(**{**GRAPH, "epochs": 2, "rng": 1, **given})


def told_of(model: Any, *data: Any) -> mlj.ReproducibilityReport:
    return mlj.reproducibility_report(fitted(model, *(data or (X, Y))))


def test_a_network_is_told_of_with_all_that_it_used() -> None:
    mach = fitted(net(), X, Y)
    found = mlj.reproducibility_report(mach)
    (part,) = found.parts
    assert dataclasses.asdict(part) == {
        "name": "",
        "model": "NeuralNetworkRegressor",
        "seed": 1,
        "digest": mlj.snapshot(mach).digest(),
        "doubts": (),
        "path": "graph",
        "device": "/CPU:0",
        "precision": "float32",
        "batch_size": 5,
        "epochs": 2,
    }
    assert found.guaranteed and part.guaranteed and found.digest == part.digest
    assert found.now == environment()


def test_the_digest_is_that_of_the_state_and_comes_again() -> None:
    first, second, other = (fitted(net(rng=seed), X, Y) for seed in (1, 1, 2))
    digests = [mlj.reproducibility_report(each).digest for each in (first, second, other)]
    assert digests[0] == digests[1] != digests[2]
    assert digests[0] == mlj.snapshot(first).digest()


def test_a_seed_that_was_drawn_is_no_guarantee_and_the_report_tells_it() -> None:
    mach = fitted(net(rng=None), X, Y)
    found = mlj.reproducibility_report(mach)
    seed = mlj.report(mach).rng
    assert not found.guaranteed and found.parts[0].seed == seed
    assert found.doubts == (
        f"rng of NeuralNetworkRegressor is None, and {seed} was drawn: give that to have it again",
    )
    again = told_of(net(rng=seed))
    assert again.guaranteed and again.digest == found.digest


def names(found: mlj.ReproducibilityReport) -> list[str]:
    return [part.name for part in found.parts]


def test_every_trained_model_of_a_composite_is_told_of_by_its_place() -> None:
    pipe = mlj.Standardizer() | mlj.TransformedTargetModel(net(), transformer=mlj.Standardizer())
    assert names(told_of(pipe)) == [
        "standardizer",
        "transformed_target_model.transformer",
        "transformed_target_model.model",
    ]
    frozen = mlj.Freezable(mlj.Standardizer()) | RIDGE()
    assert names(told_of(frozen)) == ["freezable.model", "ridge"]
    ensemble = mlj.EnsembleModel(mlj.Standardizer() | net(), n=2, rng=1)
    assert names(told_of(ensemble)) == [
        "members[0].standardizer",
        "members[0].neural_network_regressor",
        "members[1].standardizer",
        "members[1].neural_network_regressor",
    ]
    stack = mlj.Stack(metalearner=RIDGE(), resampling=mlj.CV(nfolds=2, rng=1), net=net())
    assert names(told_of(stack)) == ["net[0]", "net[1]", "net[2]", "metalearner"]


def test_wrappers_are_told_of_by_the_model_that_they_have_trained() -> None:
    rate = mlj.param_range(net(), "optimiser.learning_rate", lower=0.01, upper=0.1)
    tuned = mlj.TunedModel(net(), ranges=rate, n=2, measure=mlj.l2, tuning=mlj.RandomSearch(rng=1))
    holdout = mlj.Holdout(0.7, rng=1)
    controls: list[Any] = [mlj.Step(1), mlj.NumberLimit(2)]
    iterated = mlj.IteratedModel(net(), controls=controls, resampling=holdout, measure=mlj.l2)
    for model in (tuned, iterated):
        found = told_of(model)
        assert names(found) == ["model"] and found.guaranteed, model
        assert found.parts[0].path == "graph"


def test_networks_whose_predictions_are_averaged_are_told_of_one_by_one() -> None:
    snapshots = mlj.Snapshots(every=1, average="predictions")
    controls: list[Any] = [mlj.Step(1), mlj.NumberLimit(2), snapshots]
    model = mlj.IteratedModel(
        net(), controls=controls, resampling=None, keep="snapshots", measure=mlj.l2
    )
    assert names(told_of(model)) == ["model[0]", "model[1]"]


def test_an_embedder_is_told_of_as_its_network() -> None:
    import pandas as pd

    frame = pd.DataFrame({"a": X[:, 0], "kind": pd.Categorical([*"xyxy"] * 5)})
    found = told_of(mlj.EntityEmbedder(net()), frame, Y)
    assert names(found) == ["model"] and found.parts[0].epochs == 2


def test_models_of_scikit_learn_are_asked_for_their_seeds() -> None:
    assert told_of(RIDGE(random_state=3)).guaranteed
    assert told_of(FOREST(n_estimators=2, random_state=3)).parts[0].seed == 3
    found = told_of(FOREST(n_estimators=2))
    assert not found.guaranteed
    assert found.doubts[0].startswith("random_state of RandomForestRegressor is None, and ")
    again = told_of(FOREST(n_estimators=2, random_state=found.parts[0].seed))
    assert again.digest == found.digest
    assert told_of(FOREST(n_estimators=2, random_state=4)).digest != found.digest


def test_what_strategies_draw_afresh_is_doubted() -> None:
    controls: list[Any] = [mlj.Step(1), mlj.NumberLimit(2)]
    holdout = mlj.Holdout(0.7, shuffle=True)
    iterated = mlj.IteratedModel(net(), controls=controls, resampling=holdout, measure=mlj.l2)
    doubt = "resampling.rng of IteratedModel is None, and drawn anew by each fit"
    assert told_of(iterated).doubts == (doubt,)
    ordered = iterated.replace({"resampling": mlj.Holdout(0.7)})
    assert told_of(ordered).guaranteed  # nothing is drawn
    piped = told_of(mlj.Pipeline(scaler=mlj.Standardizer(), iterated=iterated))
    assert piped.doubts == (f"iterated: {doubt}",)


def test_the_seed_of_a_search_is_that_of_its_model_if_it_has_one() -> None:
    def tuned(model: Any, path: str) -> Any:
        r = mlj.param_range(model, path, lower=0.1, upper=1.0)
        return mlj.TunedModel(model, ranges=r, n=2, measure=mlj.l2)

    assert told_of(tuned(net(lambda_=0.5), "lambda_")).guaranteed
    found = told_of(tuned(RIDGE(), "alpha"))
    assert "tuning.rng of TunedModel is None, and drawn anew by each fit" in found.doubts


def test_the_seed_of_an_ensemble_is_its_own_or_that_of_its_model() -> None:
    assert told_of(mlj.EnsembleModel(net(), n=2)).guaranteed
    mach = fitted(mlj.EnsembleModel(net(rng=None), n=2), X, Y)
    found = mlj.reproducibility_report(mach)
    seed = mlj.report(mach).rng
    assert found.doubts == (
        f"rng of EnsembleModel is None, and {seed} was drawn: give that to have it again",
    )
    assert told_of(mlj.EnsembleModel(net(rng=None), n=2, rng=seed)).digest == found.digest


class Mean(mlj.Deterministic):
    """Predicts the mean of the target."""

    def fit(self, verbosity: int, X: Any, y: Any) -> float:
        return float(np.mean(y))

    def predict(self, fitresult: float, Xnew: Any) -> np.ndarray:
        return np.full(len(Xnew), fitresult)


def test_of_models_of_other_packages_nothing_is_known() -> None:
    found = told_of(Mean())
    assert found.doubts == ("Mean is of no known package, of which nothing is known",)


def test_on_a_gpu_operations_without_a_fixed_order_are_named() -> None:
    now = environment()
    (doubt,) = doubts_of_place("/GPU:0", now)
    assert "gradients of embeddings" in doubt and "enable_op_determinism() before" in doubt
    mended = dataclasses.replace(now, op_determinism=True)
    assert not list(doubts_of_place("/GPU:0", mended))
    assert "TF32" in "".join(conditions_of_place("/GPU:0"))
    assert not list(doubts_of_place("/CPU:0", now)) and not list(conditions_of_place("/CPU:0"))


def test_of_several_devices_the_number_is_a_condition_and_of_several_hosts_a_doubt() -> None:
    found = told_of(net(acceleration=mlj.Mirrored(["CPU:0", "CPU:1"])))
    assert found.guaranteed and found.parts[0].device == "MirroredStrategy on /CPU:0, /CPU:1"
    assert any("the same number of replicas" in text for text in found.conditions)
    now = environment()
    assert "only on the same hosts" in "".join(
        doubts_of_place("MultiWorker, worker 0 of 2, on /CPU:0", now)
    )
    assert "nothing is promised of a TPU" in "".join(doubts_of_place("TPUStrategy on /TPU:0", now))


def test_it_is_shown_as_text_and_html_and_given_as_plain_values() -> None:
    found = told_of(mlj.Standardizer() | net(rng=None))
    text, html = repr(found), found._repr_html_()
    assert text.startswith("ReproducibilityReport: the same bytes are not guaranteed\n  part ")
    assert all(len(line) <= 120 for line in text.splitlines())
    for words in ("standardizer", found.digest, "op determinism off", "Not guaranteed: neural_"):
        assert words in text and words in html
    assert "But for that" in found.conditions[0]
    plain = found._asdict()
    assert plain["guaranteed"] is False and plain["parts"][0]["guaranteed"] is True
    assert plain["now"]["numpy"] == np.__version__
    assert pickle.loads(pickle.dumps(found)) == found


def test_of_many_parts_the_first_are_shown() -> None:
    found = told_of(mlj.EnsembleModel(RIDGE(random_state=1), n=25, rng=1))
    assert len(found.parts) == 25 and "... 5 more" in repr(found)


def test_a_machine_has_to_be_trained() -> None:
    with pytest.raises(NotTrainedError, match="reproducibility_report needs a trained machine"):
        mlj.reproducibility_report(mlj.machine(net(), X, Y))
    with pytest.raises(WrongType, match="Write reproducibility_report"):
        mlj.reproducibility_report(net())
    rate = mlj.param_range(net(), "optimiser.learning_rate", lower=0.01, upper=0.1)
    model = mlj.TunedModel(net(), ranges=rate, n=1, measure=mlj.l2, train_best=False)
    with pytest.raises(NotTrainedError, match="reproducibility_report needs the best model"):
        told_of(model)
