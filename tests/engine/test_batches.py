"""Batches of row positions: every row once an epoch, in an order of seed and epoch alone."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.engine.batches import (
    PADDING,
    default_batch_size,
    epoch_batches,
    n_batches,
    row_bucket,
    widened,
)


@given(st.integers(1, 10**7))
def test_the_default_batch_size_is_the_power_of_two_nearest_a_64th_of_the_rows(
    n_rows: int,
) -> None:
    size = default_batch_size(n_rows)
    assert size in {2**k for k in range(9)}
    distances = {2**k: abs(math.log2(n_rows / 64) - k) for k in range(9)}
    assert distances[size] <= min(distances.values()) + 1e-12


@given(st.integers(1, 500), st.integers(1, 70), st.integers(0, 99), st.booleans())
def test_every_row_comes_once_an_epoch_and_only_the_last_batch_is_padded(
    n_rows: int,
    batch_size: int,
    epoch: int,
    shuffle: bool,  # noqa: FBT001
) -> None:
    batches = epoch_batches(n_rows, batch_size, seed=3, epoch=epoch, shuffle=shuffle)
    assert batches.shape == (n_batches(n_rows, batch_size), batch_size)
    assert batches.dtype == np.int32
    flat = batches.ravel()
    assert sorted(flat[:n_rows]) == list(range(n_rows))
    assert (flat[n_rows:] == PADDING).all() and len(flat) - n_rows < batch_size
    if not shuffle:
        assert flat[:n_rows].tolist() == list(range(n_rows))


def test_batches_in_order_are_consecutive_rows() -> None:
    batches = epoch_batches(10, 3, seed=0, epoch=0, shuffle=False)
    assert batches.tolist() == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, PADDING, PADDING]]


def test_batches_are_widened_along_their_rows_of_several_networks_too() -> None:
    batches = epoch_batches(3, 2, seed=0, epoch=0, shuffle=False)
    assert widened(batches, 3).tolist() == [[0, 1, PADDING], [2, PADDING, PADDING]]
    both = np.stack([batches, batches], axis=1)
    assert widened(both, 3)[:, 0].tolist() == widened(both, 3)[:, 1].tolist()
    np.testing.assert_array_equal(widened(both, 3)[:, 0], widened(batches, 3))
    assert widened(batches, 2) is batches


def test_the_order_depends_on_seed_and_epoch_and_on_nothing_else() -> None:
    def order(seed: int, epoch: int) -> tuple[int, ...]:
        return tuple(epoch_batches(40, 8, seed=seed, epoch=epoch, shuffle=True).ravel().tolist())

    orders = {(seed, epoch): order(seed, epoch) for seed in range(4) for epoch in range(4)}
    assert len(set(orders.values())) == 16
    assert all(order(*name) == found for name, found in orders.items())
    assert epoch_batches(40, 5, seed=1, epoch=2, shuffle=True).ravel().tolist() == [*orders[1, 2]]


@given(st.integers(1, 10**7))
def test_a_bucket_holds_the_rows_and_is_at_most_a_quarter_larger(n_rows: int) -> None:
    bucket = row_bucket(n_rows)
    assert n_rows <= bucket <= max(64, math.ceil(1.25 * n_rows))
    assert row_bucket(bucket) == bucket


def test_there_are_four_buckets_an_octave() -> None:
    assert sorted({row_bucket(n) for n in range(1, 257)}) == [
        64, 80, 96, 112, 128, 160, 192, 224, 256,
    ]  # fmt: skip
