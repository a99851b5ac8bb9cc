"""Named streams of randomness: equal for equal names, apart for others, and nothing global."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.rng import as_generator, check_seed, derive_seed, entropy, stream

PARTS = st.lists(st.one_of(st.text(max_size=8), st.integers(-5, 5)), max_size=3).map(tuple)


@given(st.integers(0, 2**64), PARTS, PARTS)
def test_a_derived_seed_is_a_function_of_seed_and_name(
    seed: int, name: tuple[str | int, ...], other: tuple[str | int, ...]
) -> None:
    derived = derive_seed(seed, *name)
    assert 0 <= derived < 2**63
    assert derived == derive_seed(seed, *name)
    assert (derived == derive_seed(seed, *other)) == (name == other)
    assert derived != derive_seed(seed + 1, *name)


def test_numbers_and_words_that_read_alike_are_different_names() -> None:
    assert derive_seed(1, "2") != derive_seed(1, 2)
    assert derive_seed(1, "a", "b") != derive_seed(1, "ab")


def test_a_derived_seed_is_the_same_in_every_process_and_version() -> None:
    # sha256 of the text "(7, 'epoch', 3)", its first 8 bytes, little end first, without the last
    # bit.
    assert derive_seed(7, "epoch", 3) == 6007714531702850625


def test_numpy_seeds_derive_as_python_ints_do() -> None:
    assert derive_seed(np.int64(7), "x") == derive_seed(7, "x")  # type: ignore[arg-type]


def test_a_stream_gives_the_same_numbers_at_every_call() -> None:
    first, second = stream(3, "fold", 1), stream(3, "fold", 1)
    assert first is not second
    np.testing.assert_array_equal(first.random(5), second.random(5))
    assert not np.array_equal(stream(3, "fold", 1).random(5), stream(3, "fold", 2).random(5))


def test_streams_of_neighbouring_names_are_uncorrelated() -> None:
    draws = np.array([stream(0, "member", k).standard_normal(4000) for k in range(6)])
    off_diagonal = np.corrcoef(draws)[~np.eye(6, dtype=bool)]
    # The standard error of a correlation of 4000 independent pairs is 0.016; five of them.
    assert np.abs(off_diagonal).max() < 0.08


def test_a_generator_is_handed_through_and_an_int_makes_equal_ones() -> None:
    own = np.random.default_rng(1)
    assert as_generator(own) is own
    np.testing.assert_array_equal(as_generator(5).random(3), as_generator(5).random(3))
    assert not np.array_equal(as_generator(5).random(3), as_generator(6).random(3))


def test_none_draws_fresh_entropy() -> None:
    assert not np.array_equal(as_generator(None).random(3), as_generator(None).random(3))
    drawn = {entropy() for _ in range(20)}
    assert len(drawn) > 1
    assert all(0 <= seed < 2**31 for seed in drawn)


def test_no_global_generator_is_moved(unchanged_generators: None) -> None:
    stream(1, "a").random(10)
    as_generator(None).random(10)
    as_generator(3).random(10)
    entropy()


def test_a_seed_becomes_a_python_int() -> None:
    assert check_seed(np.uint8(200)) == 200
    assert type(check_seed(np.uint8(200))) is int


@pytest.mark.parametrize("wrong", [True, 1.0, "1", [1], np.random.RandomState(0)])
def test_a_seed_that_is_no_int_raises_with_what_to_write(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"must be an int, None or .*got .* Write rng=123"):
        check_seed(wrong)


def test_a_negative_seed_raises() -> None:
    with pytest.raises(ValueError, match="must not be negative, got -4. Write a seed"):
        check_seed(-4)
    with pytest.raises(ValueError, match="must not be negative"):
        as_generator(-1)


def test_a_wrong_seed_is_an_error_of_the_package() -> None:
    with pytest.raises(WrongType, match="got 'a' of type str"):
        as_generator("a")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="must not be negative"):
        check_seed(-1)
