"""MLJ's functions on distributions agree with the methods, and refuse everything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlj_keras.data.categorical import levels
from mlj_keras.errors import UnsupportedOperation
from mlj_keras.probability import UnivariateFinite, logpdf, mode, pdf, support

ONE = UnivariateFinite(["c", "a"], [0.25, 0.75], pool=["a", "b", "c"])
MANY = UnivariateFinite(["c", "a"], [[0.25, 0.75], [1, 0]], pool=["a", "b", "c"])


def test_pdf_takes_a_label_or_a_list_of_one_distribution_or_a_vector() -> None:
    assert pdf(ONE, "a") == 0.75
    assert pdf(ONE, ["b", "c"]).tolist() == [0, 0.25]
    assert pdf(MANY, "a").tolist() == [0.75, 0]
    assert pdf(MANY, ["b", "c"]).tolist() == [[0, 0.25], [0, 1]]


def test_logpdf_is_the_logarithm_of_pdf() -> None:
    assert logpdf(ONE, "c") == np.log(0.25)
    np.testing.assert_array_equal(
        logpdf(MANY, ["a", "c"]), [[np.log(0.75), np.log(0.25)], [-np.inf, 0]]
    )


def test_mode_is_a_label_for_one_distribution_and_a_column_for_a_vector() -> None:
    assert mode(ONE) == "a"
    column = mode(MANY)
    assert isinstance(column, pd.Categorical)
    assert list(column) == ["a", "c"] and list(column.categories) == ["a", "b", "c"]


def test_support_is_the_classes_given_and_levels_the_whole_pool() -> None:
    assert support(ONE) == support(MANY) == ("a", "c")
    assert levels(ONE) == levels(MANY) == ("a", "b", "c")


@pytest.mark.parametrize(
    "operation, arguments",
    [(pdf, ("a",)), (logpdf, ("a",)), (mode, ()), (support, ())],
    ids=["pdf", "logpdf", "mode", "support"],
)
@pytest.mark.parametrize("wrong", [np.array([1.0, 2.0]), "a", pd.Categorical(["a"]), [ONE]])
def test_what_is_no_distribution_is_refused(
    operation: Callable[..., Any], arguments: tuple[str, ...], wrong: Any
) -> None:
    kind = f"{type(wrong).__module__}.{type(wrong).__qualname__}"
    message = f"{operation.__name__} needs a distribution .*, got {kind}.*deterministic model are"
    with pytest.raises(UnsupportedOperation, match=message):
        operation(wrong, *arguments)
