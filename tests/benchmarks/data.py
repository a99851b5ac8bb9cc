"""The data of the timings: made from a fixed seed, the same bytes for every side."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

SEED = 0
SMALLEST_PROBABILITY = 1e-7  # as Keras clips them


@dataclasses.dataclass(frozen=True)
class Data:
    """Rows to train on.

    Args:
        X: (n, ...) float32, standard normal
        y: (n,) float32, or int32 classes
        codes: (n, m) int32 codes of factors, or None
        levels: how many levels each factor has.
    """

    X: np.ndarray
    y: np.ndarray
    codes: np.ndarray | None = None
    levels: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.X)

    @property
    def classes(self) -> bool:
        """True if y holds classes."""
        return self.y.dtype.kind == "i"

    @property
    def widths(self) -> tuple[int, ...]:
        """The width of each factor's embedding, on every side."""
        return tuple(min(n_levels - 1, 10) for n_levels in self.levels)

    def frame(self) -> pd.DataFrame:
        """Numbers and then factors as a pandas frame; factors are Categorical."""
        result = frame_of(self.X)
        for position, n_levels in enumerate(self.levels):
            names = [f"level {number}" for number in range(n_levels)]
            codes = self.codes[:, position]
            result[f"factor{position}"] = pd.Categorical.from_codes(codes, names)
        return result

    def loss(self, prediction: np.ndarray) -> float:
        """Mean squared error of numbers (n,) or (n, 1); cross-entropy of probabilities (n, K)."""
        if self.classes:
            probabilities = np.asarray(prediction)[np.arange(len(self)), self.y]
            return float(-np.log(np.maximum(probabilities, SMALLEST_PROBABILITY)).mean())
        errors = np.asarray(prediction, dtype=np.float64).reshape(-1) - self.y
        return float(np.mean(errors**2))


def frame_of(X: np.ndarray) -> pd.DataFrame:
    """A matrix as a pandas frame with named columns."""
    return pd.DataFrame(X, columns=[f"x{number}" for number in range(X.shape[1])])


def numbers(n_rows: int, n_columns: int) -> Data:
    """Normal columns, and a target that three of them explain but for noise of variance 1."""
    rng = np.random.default_rng(SEED)
    X = rng.standard_normal((n_rows, n_columns), dtype=np.float32)
    return Data(X, X[:, :3].sum(axis=1) + rng.standard_normal(n_rows, dtype=np.float32))


def mixed(n_rows: int, n_columns: int, levels: tuple[int, ...]) -> Data:
    """Normal columns and factors; each level of a factor shifts the target."""
    base = numbers(n_rows, n_columns)
    rng = np.random.default_rng(SEED + 1)
    codes = np.stack([rng.integers(n, size=n_rows, dtype=np.int32) for n in levels], axis=1)
    y = base.y.copy()
    for position, n_levels in enumerate(levels):
        y += rng.standard_normal(n_levels, dtype=np.float32)[codes[:, position]]
    return Data(base.X, y, codes, levels)


def sequences(n_rows: int, steps: int, features: int) -> Data:
    """Sequences (n, steps, features), and a target that their last four steps explain."""
    rng = np.random.default_rng(SEED)
    X = rng.standard_normal((n_rows, steps, features), dtype=np.float32)
    noise = rng.standard_normal(n_rows, dtype=np.float32)
    return Data(X, X[:, -4:, 0].sum(axis=1) + noise)


def images(n_rows: int, side: int, n_classes: int) -> Data:
    """Images (n, side, side, 1) of variance 1: a pattern for each class under much noise."""
    rng = np.random.default_rng(SEED)
    y = rng.integers(n_classes, size=n_rows, dtype=np.int32)
    patterns = rng.standard_normal((n_classes, side, side, 1), dtype=np.float32)
    noise = rng.standard_normal((n_rows, side, side, 1), dtype=np.float32)
    return Data((patterns[y] + 3 * noise) / np.float32(np.sqrt(10)), y)


def new_rows(n_rows: int, n_columns: int) -> np.ndarray:
    """Rows (n, n_columns) to predict for."""
    rng = np.random.default_rng(SEED + 2)
    return rng.standard_normal((n_rows, n_columns), dtype=np.float32)
