"""Warnings name the caller's line, and are left out in several threads at once."""

from __future__ import annotations

import threading
import warnings

import pytest

from mlj_keras._warnings import ignoring


def test_inside_nothing_is_said_of_what_is_named_and_outside_all() -> None:
    with ignoring("expected"):
        warnings.warn("Expected, and more", UserWarning, stacklevel=1)
        with pytest.raises(UserWarning, match="not that"):  # warnings are errors here
            warnings.warn("not that", UserWarning, stacklevel=1)
    with pytest.raises(UserWarning, match="Expected"):
        warnings.warn("Expected, and more", UserWarning, stacklevel=1)


def test_without_a_pattern_nothing_is_said_at_all() -> None:
    with ignoring():
        warnings.warn("anything", UserWarning, stacklevel=1)


def test_the_filters_are_those_from_before_whoever_leaves_first() -> None:
    before = list(warnings.filters)
    inside, left = threading.Event(), threading.Event()

    def stays() -> None:
        with ignoring("expected"):
            inside.set()
            left.wait(10)

    with ignoring("expected"):
        thread = threading.Thread(target=stays)
        thread.start()
        inside.wait(10)
    with pytest.raises(UserWarning, match="other"):
        warnings.warn("other", UserWarning, stacklevel=1)
    warnings.warn("expected: the other one is inside", UserWarning, stacklevel=1)
    left.set()
    thread.join()
    assert warnings.filters == before


def test_a_filter_of_the_user_stays_where_it_is() -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="expected")
        warnings.simplefilter("error")
        before = list(warnings.filters)
        with ignoring("expected"):
            warnings.filterwarnings("ignore", message="something else")
        assert warnings.filters[1:] == before
        assert warnings.filters[0][1].pattern == "something else"


def test_an_error_inside_leaves_no_filter_behind() -> None:
    before = list(warnings.filters)
    with pytest.raises(ZeroDivisionError), ignoring("expected"):
        raise ZeroDivisionError
    assert warnings.filters == before
