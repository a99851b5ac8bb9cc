"""Operations: predictions and tables of the user's kind, points of distributions, inspection,
snapshots; and what each says where it does not apply."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidArgument,
    NotTrainedError,
    RowsError,
    SchemaMismatch,
    ScitypeWarning,
    UnsupportedOperation,
)

X = pd.DataFrame(
    np.random.default_rng(0).normal(size=(24, 2)), columns=["a", "b"], index=range(100, 124)
)
Y = pd.Series(X["a"] - 2 * X["b"], name="target")
LABELS = ["u", "v", "w"] * 8
CLASSES = pd.Series(
    pd.Categorical(LABELS, categories=["w", "v", "u"]), index=X.index, name="class"
)
COLUMNS = {name: X[name].to_numpy() for name in X}
TABLES = {
    "pandas": X,
    "polars": pl.DataFrame(COLUMNS),
    "pyarrow": pa.table(COLUMNS),
    "dict": COLUMNS,
    "matrix": X.to_numpy(),
}
NEW = {name: mlj.selectrows(table, [5, 0, 3]) for name, table in TABLES.items()}


def net(model: Any = mlj.NeuralNetworkRegressor, **changes: Any) -> Any:
    values = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 8, "rng": 1, **changes}
    return model(**values)


def trained(model: Any, *data: Any) -> mlj.Machine:
    return mlj.fit(mlj.machine(model, *data), verbosity=0)


@pytest.fixture(scope="module")
def regressor() -> mlj.Machine:
    """Trained on the pandas frame; not changed by its tests."""
    return trained(net(), X, Y)


@pytest.fixture(scope="module")
def classifier() -> mlj.Machine:
    """Trained on the pandas frame, its pool w, v, u; not changed by its tests."""
    return trained(net(mlj.NeuralNetworkClassifier), X, CLASSES)


def test_functions_and_methods_are_the_same(regressor: Any, classifier: Any) -> None:
    for name in ("predict", "report", "fitted_params"):
        assert callable(getattr(mlj, name)) and callable(getattr(regressor, name))
    pd.testing.assert_series_equal(mlj.predict(regressor), regressor.predict())
    pd.testing.assert_series_equal(mlj.predict_mode(classifier), classifier.predict_mode())
    mach = mlj.machine(net(), X, Y)
    assert mach.fit(verbosity=0) is mach and mlj.fit(mach, verbosity=0) is mach


def test_predictions_keep_index_and_name_of_pandas(regressor: Any, classifier: Any) -> None:
    rows = [5, 0, 3]
    for mach, operation, name in (
        (regressor, mlj.predict, "target"),
        (classifier, mlj.predict_mode, "class"),
    ):
        for found in (operation(mach, X.iloc[rows]), operation(mach, rows=rows)):
            assert found.index.tolist() == [105, 100, 103]
            assert found.name == name
    assert mlj.predict_mode(classifier).cat.categories.tolist() == ["w", "v", "u"]
    assert mlj.predict(classifier, X.iloc[rows]).to_pandas().index.tolist() == [105, 100, 103]


@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_table_gives_the_same_bytes(kind: str, regressor: Any) -> None:
    mach = trained(net(), TABLES[kind], Y.to_numpy())
    # A matrix has no names of its own, so what was learned of the rows is called otherwise.
    one, other = (dataclasses.replace(mlj.snapshot(m), encoding=None) for m in (mach, regressor))
    assert one.digest() == other.digest()
    expected = mlj.predict(regressor, X.iloc[[5, 0, 3]]).to_numpy()
    assert mlj.predict(mach, NEW[kind]).tobytes() == expected.tobytes()
    # A machine trained on a frame predicts from a table of any other kind.
    assert mlj.predict(regressor, NEW[kind]).to_numpy().tobytes() == expected.tobytes()


@pytest.mark.parametrize("kind", TABLES)
def test_probabilities_are_a_table_of_the_kind_of_the_data(kind: str, classifier: Any) -> None:
    table = mlj.predict_proba(classifier, NEW[kind])
    assert type(table) is (pd.DataFrame if kind == "matrix" else type(NEW[kind]))
    assert mlj.schema(table).names == ("w", "v", "u")
    columns = [np.asarray(mlj.selectcols(table, label)) for label in ("w", "v", "u")]
    expected = mlj.predict(classifier, NEW[kind]).to_numpy()
    np.testing.assert_array_equal(np.column_stack(columns), expected)
    np.testing.assert_allclose(sum(columns), 1.0, atol=1e-6)
    if kind == "pandas":
        assert table.index.tolist() == [105, 100, 103]


def test_probabilities_of_the_bound_data_follow_their_rows(classifier: Any) -> None:
    pd.testing.assert_frame_equal(
        mlj.predict_proba(classifier, rows=[5, 0]), mlj.predict_proba(classifier, X.iloc[[5, 0]])
    )
    assert len(mlj.predict_proba(classifier)) == 24


NUMBERS: dict[str, tuple[Any, Any]] = {
    "list": (Y.tolist(), np.ndarray),
    "numpy": (Y.to_numpy(), np.ndarray),
    "numpy32": (Y.to_numpy(dtype="float32"), np.ndarray),
    "pandas": (Y, pd.Series),
    "polars": (pl.Series("target", Y.to_numpy()), pl.Series),
    "pyarrow": (pa.array(Y.to_numpy()), pa.DoubleArray),
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_predicted_numbers_come_as_the_target_came(kind: str, regressor: Any) -> None:
    y, wanted = NUMBERS[kind]
    found = mlj.predict(trained(net(), X, y), X.iloc[:5])
    assert type(found) is wanted
    values = np.asarray(found)
    assert values.dtype == ("float32" if kind == "numpy32" else "float64")
    np.testing.assert_allclose(values, mlj.predict(regressor)[:5], rtol=1e-5)


FACTORS: dict[str, tuple[Any, Any]] = {
    "list": (mlj.coerce(LABELS, mlj.Multiclass), pd.Categorical),
    "numpy": (mlj.coerce(np.array(LABELS), mlj.Multiclass), pd.Categorical),
    "categorical": (pd.Categorical(LABELS), pd.Categorical),
    "pandas": (pd.Series(pd.Categorical(LABELS), name="class"), pd.Series),
    "polars": (pl.Series("class", LABELS, dtype=pl.Enum(["u", "v", "w"])), pl.Series),
    "pyarrow": (pa.array(LABELS).dictionary_encode(), pa.DictionaryArray),
}


@pytest.mark.parametrize("kind", FACTORS)
def test_predicted_classes_come_as_the_target_came(kind: str) -> None:
    y, wanted = FACTORS[kind]
    mach = trained(net(mlj.NeuralNetworkClassifier), X, y)
    found = mlj.predict_mode(mach, X.iloc[:5])
    assert type(found) is wanted
    assert mlj.scitype(found) == mlj.scitype(y)
    assert mlj.levels(found) == ("u", "v", "w") == mlj.levels(y)
    best = mlj.predict(mach, X.iloc[:5]).to_numpy().argmax(axis=1)
    labels = found.to_pylist() if kind == "pyarrow" else list(found)
    assert labels == ["uvw"[k] for k in best]
    if kind in ("pandas", "polars"):
        assert found.name == "class"


def test_columns_are_matched_by_name_and_extra_ones_warned_of_once(regressor: Any) -> None:
    mach = trained(net(), X, Y)
    expected = mlj.predict(regressor)
    pd.testing.assert_series_equal(mlj.predict(mach, X[["b", "a"]]), expected)
    swapped = mlj.predict(mach, {"b": COLUMNS["b"], "a": COLUMNS["a"]})
    np.testing.assert_array_equal(swapped, expected)
    with pytest.warns(ScitypeWarning, match=r"not trained on.*'c'"):
        found = mlj.predict(mach, X.assign(c=1.0))
    pd.testing.assert_series_equal(found, expected)
    pd.testing.assert_series_equal(mlj.predict(mach, X.assign(c=1.0)), expected)


def test_a_lacking_column_raises_and_names_the_nearest(regressor: Any) -> None:
    wide = X.rename(columns={"a": "length", "b": "width"})
    with pytest.raises(SchemaMismatch, match=r"'width'.*'widht'"):
        mlj.predict(trained(net(), wide, Y), wide.rename(columns={"width": "widht"}))
    with pytest.raises(SchemaMismatch, match="3 columns, and the machine was trained on 2"):
        mlj.predict(regressor, np.zeros((2, 3)))


def test_rows_out_of_range_and_both_operands_raise(regressor: Any) -> None:
    with pytest.raises(RowsError, match="rows has 24"):
        mlj.predict(regressor, rows=[24])
    with pytest.raises(InvalidArgument, match="new data or rows of the bound data, got both"):
        mlj.predict(regressor, X, rows=[1])


def test_points_of_distributions_do_not_exist_where_they_mean_nothing(
    regressor: Any, classifier: Any
) -> None:
    for operation in (mlj.predict_mode, mlj.predict_mean, mlj.predict_median):
        with pytest.raises(UnsupportedOperation, match="is deterministic: its predictions are"):
            operation(regressor)
    for operation, what in ((mlj.predict_mean, "mean"), (mlj.predict_median, "median")):
        with pytest.raises(UnsupportedOperation, match=f"Classes have no {what}: use predict_mod"):
            operation(classifier)
    with pytest.raises(UnsupportedOperation, match="predicts no class probabilities. Use predict"):
        mlj.predict_proba(regressor)


def test_points_of_distributions_of_a_model_of_the_users_own() -> None:
    @dataclasses.dataclass
    class Normal:
        centre: float

        def mean(self) -> float:
            return self.centre

        median = mode = mean

    class Constant(mlj.Probabilistic):
        def fit(self, verbosity: int, X: Any, y: Any) -> float:
            return float(np.mean(y))

        def predict(self, fitresult: float, Xnew: Any) -> list[Normal]:
            return [Normal(fitresult)] * len(Xnew)

        def predict_median(self, fitresult: float, Xnew: Any) -> str:
            return "own"

    mach = trained(Constant(), X, Y)
    assert mlj.predict_mean(mach, X.iloc[:2]) == [Y.mean()] * 2 == mlj.predict_mode(mach, X[:2])
    assert mlj.predict_median(mach, X.iloc[:2]) == "own"


def test_every_operation_of_an_untrained_machine_says_to_fit() -> None:
    untrained = mlj.machine(net(mlj.NeuralNetwork), X, CLASSES)
    for operation in (
        mlj.predict,
        mlj.predict_mode,
        mlj.predict_proba,
        mlj.transform,
        mlj.report,
        mlj.fitted_params,
        mlj.training_losses,
        mlj.feature_importances,
        mlj.snapshot,
        lambda mach: mlj.restore(mach, None),
        lambda mach: mlj.predict(mach, rows=[0]),
        lambda mach: mlj.predict(mach, X),
    ):
        with pytest.raises(NotTrainedError, match=r"is not trained. Call fit\(mach\) first"):
            operation(untrained)


def test_the_report_and_the_fitted_parameters_are_namespaces(regressor: Any) -> None:
    report = mlj.report(regressor)
    assert (report.epochs, report.batch_size, report.rng) == (2, 8, 1)
    assert report.training_losses.shape == (3,)
    assert set(report._asdict()) >= {"training_losses", "epochs", "batch_size", "path", "device"}
    with pytest.raises(AttributeError, match="There is no 'loss' here. There is: training_losses"):
        _ = report.loss
    params = mlj.fitted_params(regressor)
    assert list(params._asdict()) == ["network"]
    assert params.network is not mlj.fitted_params(regressor).network


def test_training_losses_leave_out_the_one_before_training(regressor: Any) -> None:
    np.testing.assert_array_equal(
        mlj.training_losses(regressor), mlj.report(regressor).training_losses[1:]
    )
    assert mlj.training_losses(trained(mlj.Standardizer(), X)) is None


def test_networks_report_no_importances_and_own_models_may(regressor: Any) -> None:
    assert mlj.feature_importances(regressor) is None

    class Weighing(mlj.Deterministic):
        def fit(self, verbosity: int, X: Any, y: Any) -> None:
            return None

        def feature_importances(self, fitresult: None, report: dict[str, Any]) -> Any:
            return [("a", 0.75), ("b", 0.25)]

    assert mlj.feature_importances(trained(Weighing(), X, Y)) == [("a", 0.75), ("b", 0.25)]


def test_a_snapshot_is_immutable_and_what_training_has_learned() -> None:
    model = net()
    mach = trained(model, X, Y)
    state = mlj.snapshot(mach)
    assert state.epochs == 2 and len(state.losses) == 3 and state.path in ("xla", "graph")
    with pytest.raises(ValueError, match="read-only"):
        state.arrays["layers/1/kernel"][0, 0] = 1.0
    with pytest.raises(TypeError):
        state.arrays["new"] = np.zeros(1)
    digest, model.epochs = state.digest(), 5
    mlj.fit(mach, verbosity=0)
    assert state.digest() == digest


def test_a_restored_machine_predicts_as_then_and_goes_on_from_there() -> None:
    model = net(optimiser=mlj.SGD(0.05, momentum=0.9))
    mach = trained(model, X, Y)
    early, then = mlj.snapshot(mach), mlj.predict(mach)
    model.epochs = 5
    late = mlj.snapshot(mlj.fit(mach, verbosity=0)).digest()
    assert mlj.restore(mach, early) is mach
    pd.testing.assert_series_equal(mlj.predict(mach), then)
    assert mlj.report(mach).epochs == 2 and len(mlj.training_losses(mach)) == 2
    assert (mach.state, model.epochs) == (3, 5)
    assert mlj.snapshot(mlj.fit(mach, verbosity=0)).digest() == late
    assert mach.state == 4


def test_a_restored_machine_predicts_as_then_though_it_was_trained_on_other_rows_since() -> None:
    mach = trained(net(), X, Y)
    then, state = mlj.predict(mach), mlj.snapshot(mach)
    mlj.fit(mach, rows=range(6), verbosity=0)
    pd.testing.assert_series_equal(mlj.predict(mlj.restore(mach, state)), then)


def test_a_state_that_does_not_fit_raises(regressor: Any) -> None:
    other = trained(net(builder=mlj.MLP(hidden=(3,))), X, Y)
    with pytest.raises(InvalidArgument, match="another structure: layers/1/kernel of shape"):
        mlj.restore(other, mlj.snapshot(regressor))
    with pytest.raises(TypeError, match=r"restore takes what snapshot\(mach\) gave, got int"):
        mlj.restore(other, 3)
    assert other.state == 1
    scaler = trained(mlj.Standardizer(), X)
    for call in (mlj.snapshot, lambda mach: mlj.restore(mach, None)):
        with pytest.raises(UnsupportedOperation, match="Standardizer has no snapshots"):
            call(scaler)


def test_freezing_is_a_flag_that_both_functions_return_the_machine_of() -> None:
    mach = mlj.machine(net(), X, Y)
    assert mlj.freeze(mach) is mach and mach.frozen
    assert mlj.thaw(mach) is mach and not mach.frozen


def test_restore_refuses_a_state_of_other_inputs_or_another_target() -> None:
    mach = mlj.fit(mlj.machine(net(), X, Y), verbosity=0)
    renamed = mlj.fit(mlj.machine(net(), X.set_axis(["c", "d"], axis=1), Y), verbosity=0)
    with pytest.raises(InvalidArgument, match=r"its inputs are .*'c', 'd'.* here .*'a', 'b'"):
        mlj.restore(mach, mlj.snapshot(renamed))
    two = pd.Series(pd.Categorical(["u", "v"] * 12), index=X.index)
    binary = mlj.fit(mlj.machine(net(mlj.NeuralNetworkBinaryClassifier), X, two), verbosity=0)
    with pytest.raises(InvalidArgument, match="its target is .*'u', 'v'"):
        mlj.restore(mach, mlj.snapshot(binary))


def test_the_report_after_restore_is_that_of_the_state() -> None:
    model = net(rng=None)
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    early = mlj.snapshot(mach)
    mlj.fit(mach, force=True, verbosity=0)
    assert mlj.report(mach).rng != early.seed
    assert mlj.report(mlj.restore(mach, early)).rng == early.seed


def test_training_losses_cannot_be_written_to() -> None:
    mach = mlj.fit(mlj.machine(net(), X, Y), verbosity=0)
    with pytest.raises(ValueError, match="read-only"):
        mlj.training_losses(mach)[:] = 0


def test_a_static_machine_follows_its_model() -> None:
    class Times(mlj.Static):
        by: float = 2.0

        def transform(self, fitresult: None, Xnew: float) -> float:
            return self.by * Xnew

    model = Times()
    mach = mlj.machine(model)
    assert mlj.transform(mach, 3.0) == 6.0 and mach.state == 1
    assert mlj.transform(mach, 3.0) == 6.0 and mach.state == 1
    model.by = 5.0
    assert mlj.transform(mach, 3.0) == 15.0
