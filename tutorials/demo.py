"""Five data sets, the network that their scientific types pick, and how well it predicts.

`make demo` runs it; `python tutorials/demo.py --seeds 5` shows the scores of five seeds. Each seed
holds out 30 % of the rows and starts the network from other weights. Beside each network stands
scikit-learn's linear model on the same rows. The loss curves of the first seed go to
`demo_losses.png` in the current folder. Uses public names of mlj_keras only.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read when TensorFlow loads

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from sklearn.linear_model import LinearRegression, LogisticRegression  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import mlj_keras as mlj  # noqa: E402

PICTURE = Path("demo_losses.png")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """A data set, and a network specification that leaves the choice of container to the data."""

    title: str
    load: Callable[[], tuple[Any, Any]]
    spec: mlj.NeuralNetwork


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one seed gave: the trained machine, the seconds of its fit, both held-out scores."""

    seed: int
    mach: mlj.Machine
    fit_s: float
    score: float
    linear_score: float


def cases() -> tuple[Case, ...]:
    """The five data sets with their hyper-parameters; batch size and loss are left to defaults."""
    return (
        Case(
            title="breast cancer",
            load=mlj.load_breast_cancer,
            spec=mlj.NeuralNetwork(epochs=30, lambda_=1.0),
        ),
        Case(title="wine", load=mlj.load_wine, spec=mlj.NeuralNetwork(epochs=30, lambda_=1.0)),
        Case(
            title="diabetes",
            load=mlj.load_diabetes,
            spec=mlj.NeuralNetwork(builder=mlj.MLP(hidden=(32,)), epochs=30, lambda_=1.0),
        ),
        Case(
            title="linnerud",
            load=mlj.load_linnerud,
            spec=mlj.NeuralNetwork(builder=mlj.MLP(hidden=(8,)), epochs=30, lambda_=1.0),
        ),
        Case(
            title="digits",
            load=mlj.load_digits,
            spec=mlj.NeuralNetwork(
                builder=mlj.ImageCNN(blocks=((32, 1), (64, 1)), dense=(64,)),
                optimiser=mlj.Adam(3e-3),
                epochs=10,
            ),
        ),
    )


def has_classes(y: Any) -> bool:
    """True if the target is a column of classes, False if it is of numbers."""
    return bool(mlj.scitype(y) <= mlj.Vector[mlj.Finite])


def score(prediction: Any, truth: Any) -> float:
    """Accuracy of classes; of numbers the root mean squared error, averaged over the targets.

    Args: prediction, truth: (n,) labels, or (n,) or (n, n_targets) floats in the target's units.
    """
    if has_classes(truth):
        return float(np.mean(np.asarray(prediction) == np.asarray(truth)))
    errors = np.asarray(prediction, dtype=float) - np.asarray(truth, dtype=float)
    return float(np.sqrt(np.mean(errors**2, axis=0)).mean())


def linear_score(X: Any, y: Any, train: np.ndarray, test: np.ndarray) -> float:
    """The held-out score of scikit-learn's linear model on standardised features."""
    images = isinstance(X, np.ndarray)
    features = X.reshape(len(X), -1) if images else pd.get_dummies(X, drop_first=True, dtype=float)
    features = np.asarray(features, dtype=float)
    linear = LogisticRegression(max_iter=1000) if has_classes(y) else LinearRegression()
    model = make_pipeline(StandardScaler(), linear).fit(features[train], y.iloc[train])
    return score(model.predict(features[test]), y.iloc[test])


def run(case: Case, seed: int) -> Outcome:
    """Train the network of a case on 70 % of the rows, score it on the others."""
    X, y = case.load()
    train, test = mlj.partition(
        range(len(y)), 0.7, shuffle=True, rng=seed, stratify=y if has_classes(y) else None
    )
    mach = mlj.machine(case.spec.replace({"rng": seed}), X, y)
    start = time.perf_counter()
    mlj.fit(mach, rows=train, verbosity=0)
    fit_s = time.perf_counter() - start
    predict = mlj.predict_mode if has_classes(y) else mlj.predict
    return Outcome(
        seed=seed,
        mach=mach,
        fit_s=fit_s,
        score=score(predict(mach, rows=test), y.iloc[test]),
        linear_score=linear_score(X, y, train, test),
    )


def description(X: Any, y: Any) -> str:
    """The schema in a line: rows, columns, how many there are of each scitype, the target."""
    if isinstance(X, np.ndarray):
        what = f"{len(X)} rows, images: {mlj.scitype(X)}"
    else:
        schema = mlj.schema(X)
        counts = Counter(map(str, schema.scitypes))
        kinds = ", ".join(f"{count} {scitype}" for scitype, count in counts.items())
        what = f"{schema.n_rows} rows, {len(schema.names)} columns: {kinds}"
    return f"{what}; target {mlj.scitype(y)}"


def container(mach: mlj.Machine) -> type[mlj.Model]:
    """The container that the data of a machine picked."""
    assert mach.container is not None  # known as soon as a machine has data
    return mach.container


def lines(case: Case, outcomes: Sequence[Outcome]) -> list[str]:
    """The report of a case: what the data are, what was chosen, a line of scores for each seed."""
    X, y = case.load()
    mach = outcomes[0].mach
    report = mlj.report(mach)
    measure, linear, digits = (
        ("accuracy", "logistic", 3) if has_classes(y) else ("RMSE", "linear", 2)
    )
    heads = f"{f'{measure}, network':>18}  {f'{measure}, {linear}':>18}"
    result = [
        case.title,
        f"  data       {description(X, y)}",
        f"  container  {container(mach).__name__}, "
        f"{report.epochs} epochs, batches of {report.batch_size}",
        f"  {'seed':>4}  {'fit in s':>8}  {heads}",
    ]
    for outcome in outcomes:
        scores = f"{outcome.score:>18.{digits}f}  {outcome.linear_score:>18.{digits}f}"
        result.append(f"  {outcome.seed:>4}  {outcome.fit_s:>8.2f}  {scores}")
    if len(outcomes) > 1:
        fit_s = np.mean([outcome.fit_s for outcome in outcomes])
        network = np.mean([outcome.score for outcome in outcomes])
        linear_mean = np.mean([outcome.linear_score for outcome in outcomes])
        scores = f"{network:>18.{digits}f}  {linear_mean:>18.{digits}f}"
        result.append(f"  {'mean':>4}  {fit_s:>8.2f}  {scores}")
    return result


def draw(titles: Sequence[str], machines: Sequence[mlj.Machine], path: Path) -> None:
    """The loss curves of trained machines as small multiples, saved as a picture."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5.5), layout="constrained")
    axes = figure.subplots(2, 3).ravel()
    for title, mach, place in zip(titles, machines, axes, strict=False):
        classes = issubclass(container(mach), mlj.Probabilistic)
        top = 1.05 * max(mlj.report(mach).training_losses)
        mlj.plot(mach, axes=place)
        place.set(
            title=f"{title}\n{container(mach).__name__}",
            ylabel="cross-entropy" if classes else "squared error (scaled)",
            ylim=(0, top),
        )
        place.title.set_fontsize(10)
    for place in axes[len(titles) :]:
        place.set_axis_off()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run every case, print its report, save the picture."""
    parser = argparse.ArgumentParser(description="Networks picked by scientific types.")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 1..N, default 1")
    n_seeds = parser.parse_args().seeds
    if n_seeds < 1:
        parser.error(f"--seeds must be at least 1, got {n_seeds}")
    mlj.disable_default_handler()
    start = time.perf_counter()
    machines = []
    for case in cases():
        outcomes = [run(case, seed) for seed in range(1, n_seeds + 1)]
        print(*lines(case, outcomes), "", sep="\n", flush=True)
        machines.append(outcomes[0].mach)
    draw([case.title for case in cases()], machines, PICTURE)
    print("Scores are of the 30 % of the rows that were held out. The fit of seed 1 compiles.")
    print("RMSE is in the units of the target, for linnerud the mean over its three targets.")
    print(f"Loss curves: {PICTURE}. All done in {time.perf_counter() - start:.0f} s.")


if __name__ == "__main__":
    main()
