"""Models: fields checked whenever they are assigned, dotted paths, copies, equality, kinds."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
from typing import Any, ClassVar

import numpy as np
import pytest

from mlj_keras.errors import InvalidModelError, UnknownFieldError, WrongType
from mlj_keras.models import (
    Deterministic,
    Model,
    Probabilistic,
    Static,
    Supervised,
    Unsupervised,
    param,
)


class Rate(Model):
    value: float = param(0.1, kind=float, gt=0, positional=True)
    kinds: tuple[str, ...] = param(())


class Outer(Deterministic):
    aliases: ClassVar[dict[str, str]] = {"optimizer": "optimiser"}

    optimiser: Any = param(factory=Rate)
    epochs: int = param(10, kind=int, ge=0)
    dims: Any = param(factory=dict)
    name: str = "outer"
    rng: int | None = param(None)


def test_a_subclass_becomes_a_keyword_only_dataclass_by_its_fields_alone() -> None:
    assert Outer().fields() == ("optimiser", "epochs", "dims", "name", "rng")
    assert Outer(epochs=3).epochs == 3
    with pytest.raises(WrongType, match=r"no positional.*got 1.*such as optimiser="):
        Outer(Rate())
    assert Rate(0.5).value == 0.5
    assert list(inspect.signature(Outer).parameters) == list(Outer().fields())


def test_fields_of_a_base_come_first_in_a_subclass() -> None:
    class Wider(Outer):
        width: int = 4

    assert Wider().fields() == (*Outer().fields(), "width")
    assert Wider() != Outer()


def test_defaults_are_made_anew_for_each_instance() -> None:
    first, second = Outer(), Outer()
    assert first.optimiser is not second.optimiser
    first.optimiser.value = 9.0
    assert second.optimiser.value == 0.1


def test_an_unknown_field_raises_and_proposes_the_nearest() -> None:
    with pytest.raises(
        UnknownFieldError, match="Outer has no hyper-parameter 'epoch'. Did you mean 'epochs'?"
    ):
        Outer(**{"epoch": 3})  # type: ignore[arg-type]
    model = Outer()
    with pytest.raises(UnknownFieldError, match="Did you mean 'optimiser'"):
        model.optimisr = Rate()
    with pytest.raises(UnknownFieldError, match="It has: optimiser, epochs, dims, name, rng"):
        _ = model.zzzz
    assert not hasattr(model, "zzzz")


def test_an_unknown_field_is_an_attribute_error_and_a_type_error() -> None:
    with pytest.raises(AttributeError):
        _ = Outer().zzzz
    with pytest.raises(TypeError):
        Outer(**{"zzzz": 1})  # type: ignore[arg-type]


def test_a_bad_value_raises_at_construction_and_on_assignment_and_changes_nothing() -> None:
    message = "Outer.epochs must be an int >= 0, got -1"
    with pytest.raises(InvalidModelError, match=message):
        Outer(epochs=-1)
    model = Outer(epochs=2)
    with pytest.raises(InvalidModelError, match=message):
        model.epochs = -1
    assert model.epochs == 2


def test_a_value_made_bad_in_place_raises_at_the_next_check() -> None:
    model = Outer()
    object.__setattr__(model.optimiser, "value", -3.0)
    with pytest.raises(InvalidModelError, match="Rate.value must be a number > 0, got -3.0"):
        model.check()


def test_aliases_work_wherever_a_name_does() -> None:
    model = Outer(**{"optimizer": Rate(0.2)})  # type: ignore[arg-type]
    assert model.optimiser is model.optimizer
    model.optimizer = Rate(0.3)
    assert model.get("optimizer.value") == 0.3 == model.get("optimiser.value")
    model.set("optimizer.value", 0.4)
    assert model.replace({"optimizer.value": 0.5}).optimiser == Rate(0.5)
    assert "optimizer" not in model.fields()


def test_a_field_given_under_both_names_raises() -> None:
    with pytest.raises(UnknownFieldError, match="both 'optimiser' and 'optimizer'. Give one"):
        Outer(optimiser=Rate(), **{"optimizer": Rate()})  # type: ignore[arg-type]
    with pytest.raises(UnknownFieldError, match="Give one of them"):
        Outer(**{"optimizer": Rate(), "optimiser": Rate()})  # type: ignore[arg-type]


def test_dotted_paths_read_and_write_nested_fields() -> None:
    model = Outer()
    model.set("optimiser.value", 2)
    assert model.optimiser.value == 2.0 == model.get("optimiser.value")
    model.set("epochs", 4)
    assert model.get("epochs") == 4
    with pytest.raises(InvalidModelError, match="Rate.value must be a number > 0, got 0"):
        model.set("optimiser.value", 0)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "optimiser.valu",
            r"Rate has no hyper-parameter 'valu' \(in the path 'optimiser.valu'\). Did you mean",
        ),
        ("epochs.value", "'value' is asked of 10, which has no fields"),
        ("optimiserr.value", "Outer has no hyper-parameter 'optimiserr'.* 'optimiser'"),
    ],
)
def test_a_path_that_leads_nowhere_says_where_it_ends(path: str, message: str) -> None:
    model = Outer()
    with pytest.raises(UnknownFieldError, match=message):
        model.get(path)
    with pytest.raises(UnknownFieldError, match=message):
        model.set(path, 1)
    with pytest.raises(UnknownFieldError, match=message):
        model.replace({path: 1})


def test_replace_changes_a_deep_copy_only() -> None:
    model = Outer()
    other = model.replace({"optimiser.value": 0.7, "epochs": 1})
    assert (other.optimiser.value, other.epochs) == (0.7, 1)
    assert (model.optimiser.value, model.epochs) == (0.1, 10)
    assert type(other) is Outer


@pytest.mark.parametrize("twin", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_equal_and_share_no_model(twin: Any) -> None:
    model = Outer(dims={"a": 3, "b": [1, 2]}, rng=5, optimiser=Rate(0.2, kinds=("x",)))
    other = twin(model)
    assert other == model
    assert other.optimiser is not model.optimiser
    other.optimiser.value = 0.9
    assert model.optimiser.value == 0.2
    with pytest.raises(TypeError):
        other.dims["a"] = 1


def test_functions_are_shared_by_copies() -> None:
    model = Outer(name="n", dims={"f": math.sqrt})
    assert copy.deepcopy(model).dims["f"] is math.sqrt


def test_equality_is_by_class_and_value_to_any_depth() -> None:
    assert Outer() == Outer()
    assert Outer(optimiser=Rate(0.2)) != Outer(optimiser=Rate(0.3))
    assert Outer(optimiser=Rate(0.2)) == Outer(optimiser=Rate(0.2))
    assert Outer() != Rate()
    assert Outer() != "outer"
    assert Outer(dims={"a": np.array([1, 2])}) == Outer(dims={"a": [1, 2]})


def test_models_are_mutable_and_have_no_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(Outer())


def test_a_property_with_a_setter_may_be_assigned() -> None:
    class Doubled(Model):
        half: float = 1.0

        @property
        def whole(self) -> float:
            return 2 * self.half

        @whole.setter
        def whole(self, value: float) -> None:
            self.half = value / 2

    model = Doubled()
    model.whole = 6.0
    assert (model.half, model.whole) == (3.0, 6.0)


def test_the_kinds_have_the_traits_of_their_names() -> None:
    assert Deterministic.traits.prediction_type == "deterministic"
    assert Probabilistic.traits.prediction_type == "probabilistic"
    assert Supervised.traits.supervised and not Unsupervised.traits.supervised
    assert Static.traits.static and not Unsupervised.traits.static
    assert Supervised.traits.takes_target and not Unsupervised.traits.takes_target


@pytest.mark.parametrize(
    ("kind", "data"), [(Deterministic, (0, 0)), (Probabilistic, (0, 0)), (Unsupervised, (0,))]
)
def test_a_kind_without_fit_says_what_to_define(kind: Any, data: tuple[int, ...]) -> None:
    class Bare(kind):
        pass

    arguments = "verbosity, X, y" if len(data) == 2 else "verbosity, X"
    with pytest.raises(NotImplementedError, match=rf"Bare must define fit\(self, {arguments}\)"):
        Bare().fit(0, *data)


def test_update_fits_from_scratch_unless_the_model_knows_better() -> None:
    class Sum(Deterministic):
        def fit(self, verbosity: int, X: Any, y: Any) -> Any:
            return ("fitted", X, y)

    class Total(Unsupervised):
        def fit(self, verbosity: int, X: Any) -> Any:
            return ("fitted", X)

    assert Sum().update(0, None, Sum(), 1, 2) == ("fitted", 1, 2)  # type: ignore[arg-type]
    assert Total().update(0, None, Total(), 1) == ("fitted", 1)  # type: ignore[arg-type]


def test_a_static_model_learns_nothing() -> None:
    class Same(Static):
        pass

    assert Same().fit(0) is None
    assert Same().update(0, None, Same()) is None  # type: ignore[arg-type]


def test_tab_shows_of_a_model_its_hyper_parameters_and_what_its_class_adds() -> None:
    class Shown(Deterministic):
        width: int = 3

        def fit(self, verbosity: int, X: Any, y: Any) -> None: ...

        def helper(self) -> int:
            return self.width

    assert {"width", "get", "set", "helper", "fit"} <= set(dir(Shown()))
    assert {"optimiser", "epochs"} <= set(dir(Outer()))
    assert not {"own_traits", "update", "resolve"} & set(dir(Outer()))
    assert all(hasattr(Shown(), name) for name in dir(Shown()))
