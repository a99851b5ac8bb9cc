"""Models of scikit-learn by name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mlj_keras.errors import InvalidArgument
from mlj_keras.sklearn_models import left_out, model_class, model_names
from mlj_keras.sklearn_models.left_out import LEFT_OUT


@pytest.mark.slow
def test_every_estimator_of_scikit_learn_is_a_model_or_is_left_out_for_a_reason(
    estimator_names: dict[str, set[str]],
) -> None:
    names = set(model_names())
    left_out = estimator_names["all"] - names
    assert names <= estimator_names["all"] and left_out <= set(LEFT_OUT)
    # Nothing that predicts a target or transforms a table is left out by the way.
    supervised = estimator_names["classifier"] | estimator_names["regressor"]
    assert supervised & left_out == {
        "ClassifierChain",
        "MultiOutputClassifier",
        "PassiveAggressiveClassifier",
        "PassiveAggressiveRegressor",
        "SelfTrainingClassifier",
    }


def test_a_name_gives_the_same_class_each_time() -> None:
    assert model_class("Ridge") is model_class("Ridge")
    assert model_class("Ridge").__name__ == "Ridge"
    assert list(model_names()) == sorted(model_names())


def test_unknown_names_raise_with_the_nearest_and_left_out_ones_with_the_reason() -> None:
    with pytest.raises(InvalidArgument, match="no estimator 'RandomForest'. Did you mean"):
        model_class("RandomForest")
    with pytest.raises(InvalidArgument, match="no estimator '...'. See model_names"):
        model_class("???")
    with pytest.raises(InvalidArgument, match="GridSearchCV: it tunes.*TunedModel"):
        model_class("GridSearchCV")


@pytest.mark.slow
def test_finding_the_models_loads_no_other_framework() -> None:
    code = (
        "import sys\n"
        "from mlj_keras.sklearn_models import model_names\n"
        "model_names()\n"
        "print([name for name in ('torch', 'tensorflow', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_reason_of_what_is_left_out_is_known_by_name() -> None:
    assert left_out("TSNE") == "lays out its training rows only, and transforms no others"
    assert left_out("Ridge") is None and left_out("Rigde") is None
