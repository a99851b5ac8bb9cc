"""The reference's checks of tuning and of learning curves, one test an item (mlj-meta, section
10)."""

from __future__ import annotations

from typing import Any

import numpy as np

import mlj_keras as mlj
from tests.batteries.searching import Valley, X, Y, a_range, plain, trained, tuned


class Point(mlj.Deterministic):
    """Hyper-parameters of the kinds that ranges are of."""

    number: float = 1.0
    other: float = 1.0
    count: int = 1
    name: str = "a"


def of(field: str, **given: Any) -> Any:
    return mlj.param_range(Point(), field, **given)


def test_20_iterators_space_values_evenly_on_their_scale() -> None:
    log = mlj.iterator(of("number", lower=0.1, upper=100, scale="log10"), 4)
    np.testing.assert_allclose(log, [0.1, 1, 10, 100], rtol=1e-12)
    assert mlj.iterator(of("count", lower=1, upper=10), 4) == [1, 4, 7, 10]
    assert mlj.iterator(of("count", lower=1, upper=8, scale="log2"), 7) == [1, 2, 3, 4, 6, 8]
    own = of("number", lower=-1, upper=2, scale=lambda place: 10.0**place)
    np.testing.assert_allclose(mlj.iterator(own, 4), [0.1, 1, 10, 100], rtol=1e-12)


def grid(ranges: list[Any], **options: Any) -> int:
    model = mlj.TunedModel(Point(), ranges=ranges, tuning=mlj.Grid(**options))
    return model.n_candidates()


def test_21_a_goal_gives_ranges_of_numbers_the_same_resolution() -> None:
    numbers = [of("number", lower=0, upper=1), of("other", lower=0, upper=1)]
    assert grid(numbers, goal=7) == 9
    assert grid([numbers[0], of("name", values=["a", "b", "c", "d"])], goal=25) == 24


def test_22_overridden_a_random_search_honours_the_scale() -> None:
    """The reference samples evenly between the bounds, and finds a mean of about 0.5."""
    r = a_range(lower=1e-4, upper=1, scale="log10")
    model = tuned(Valley(), ranges=r, tuning=mlj.RandomSearch(rng=1), n=400, train_best=False)
    values = mlj.report(mlj.fit(mlj.machine(model, X, Y), verbosity=0)).history["a"]
    places = np.log10(values)  # uniform between -4 and 0: mean -2, standard deviation 4 / sqrt 12
    assert abs(places.mean() + 2) < 4 * (4 / 12**0.5) / 400**0.5
    assert values.mean() < 0.2  # of which the mean is (1 - 1e-4) / log(1e4) = 0.109


def test_23_n_of_4_then_6_then_3() -> None:
    mach = mlj.machine(tuned(tuning=mlj.RandomSearch(), n=4), X, Y)
    lengths, histories = [], []
    for n in (4, 6, 3):
        mach.model.n = n
        trained()
        histories.append(mlj.report(mlj.fit(mach, verbosity=0)).history)
        lengths.append((len(histories[-1]), len({a for a, _, _ in trained()})))
    assert [length for length, _ in lengths] == [4, 6, 3] and lengths[2][1] == 3
    assert plain(histories[1][:4]).equals(plain(histories[0]))


def test_24_a_learning_curve_of_ints_drops_equal_ones_and_has_a_column_for_each_seed() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(2,)), rng=1)
    r = mlj.param_range(net, "epochs", lower=1, upper=10)
    curve = mlj.learning_curve(net, X, y, range=r, resolution=30, rngs=3, verbosity=0)
    assert len(curve.parameter_values) == 10 and curve.measurements.shape == (10, 3)


def test_the_log_learning_rates_of_a_pair_of_resolutions_override_the_grids() -> None:
    numbers = [(of("number", lower=0, upper=1), 5), of("other", lower=0, upper=1)]
    assert grid(numbers, resolution=3) == 15


def test_equal_measurements_the_first_wins_and_nan_never_does() -> None:
    same = tuned(models=[Valley(a=0.0), Valley(a=0.6), Valley(a=0.6, hole=1)])
    report = mlj.report(mlj.fit(mlj.machine(same, X, Y), verbosity=0))
    assert report.best_index == int(np.nanargmin(report.history["measurement"]))
    assert report.history["failure"].notna().tolist() == [False, False, True]


def test_the_plotting_of_the_report_has_names_scales_values_and_measurements() -> None:
    ranges = [a_range(), mlj.param_range(Valley(), "kind", values=["x", "y"])]
    model = tuned(ranges=ranges, tuning=mlj.Grid(resolution=2, shuffle=False))
    report = mlj.report(mlj.fit(mlj.machine(model, X, Y), verbosity=0))
    facts = report.plotting
    assert facts.parameter_names == ["a", "kind"] and facts.parameter_scales == ["linear"] * 2
    assert facts.parameter_values == {"a": [0.0, 1.0, 0.0, 1.0], "kind": ["x", "x", "y", "y"]}
    assert np.array_equal(facts.measurements, report.history["measurement"])


def test_a_search_supports_training_losses_the_running_minimum_of_the_loss() -> None:
    mach = mlj.fit(mlj.machine(tuned(), X, Y), verbosity=0)
    found = mlj.report(mach).history["measurement"].cummin()
    assert mlj.training_losses(mach) == list(found)
    assert mach.model.own_traits().iteration_parameter == "n"
