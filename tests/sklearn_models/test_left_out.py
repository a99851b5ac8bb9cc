"""The tables of what is left out, and of what scikit-learn does not tell."""

from __future__ import annotations

import pytest

from mlj_keras.sklearn_models import model_names
from mlj_keras.sklearn_models.left_out import FORMS, LEFT_OUT, TARGETS, THRESHOLDED

# They are there only where an experiment of scikit-learn is enabled, or in some versions.
NOT_ALWAYS = {
    "ClassicalMDS",
    "HalvingGridSearchCV",
    "HalvingRandomSearchCV",
    "IterativeImputer",
    "PassiveAggressiveClassifier",
    "PassiveAggressiveRegressor",
}


@pytest.mark.slow
def test_what_is_left_out_exists_and_is_no_model(estimator_names: dict[str, set[str]]) -> None:
    assert set(LEFT_OUT) - NOT_ALWAYS <= estimator_names["all"]
    assert not set(LEFT_OUT) & set(model_names())


def test_each_reason_goes_on_after_the_name() -> None:
    for name, reason in LEFT_OUT.items():
        assert reason.split()[0].endswith("s"), name
        assert not reason.endswith("."), name


def test_the_other_tables_name_models() -> None:
    assert set(FORMS) | set(TARGETS) | THRESHOLDED <= set(model_names())
