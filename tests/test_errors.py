"""The hierarchy of errors: every one is ours and a built-in, documented, and can be pickled."""

from __future__ import annotations

import inspect
import pickle

import pytest

from mlj_keras import errors
from mlj_keras.errors import MLJKerasError, MLJKerasWarning, NotTrainedError

BUILT_IN: dict[str, tuple[type[Exception], ...]] = {
    "InvalidArgument": (ValueError,),
    "InvalidModelError": (ValueError,),
    "UnknownFieldError": (AttributeError, TypeError),
    "ScitypeError": (TypeError,),
    "CoercionError": (ValueError,),
    "TableError": (TypeError,),
    "SchemaMismatch": (ValueError,),
    "DimensionMismatch": (ValueError,),
    "EmptyData": (ValueError,),
    "MissingValuesError": (ValueError,),
    "NonFiniteError": (ValueError,),
    "UnseenLevelError": (ValueError,),
    "OneClassError": (ValueError,),
    "WeightsError": (ValueError,),
    "RowsError": (IndexError,),
    "BuilderError": (ValueError,),
    "NotTrainedError": (ValueError, AttributeError),
    "UnsupportedOperation": (TypeError,),
    "NonFiniteLossError": (FloatingPointError,),
    "ConcurrentFitError": (RuntimeError,),
    "DeviceError": (RuntimeError,),
    "AlreadyLoadedError": (RuntimeError,),
    "MissingPackageError": (ImportError,),
}
CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass)]


def test_every_error_named_here_is_there_and_is_a_built_in_too() -> None:
    for name, built_in in BUILT_IN.items():
        cls = getattr(errors, name)
        assert issubclass(cls, MLJKerasError), name
        assert all(issubclass(cls, other) for other in built_in), name


def test_no_error_is_missing_from_the_list() -> None:
    found = {cls.__name__ for cls in CLASSES if issubclass(cls, MLJKerasError)}
    # Later modules add errors; those of the list stay.
    assert set(BUILT_IN) | {"MLJKerasError"} <= found


def test_every_error_but_the_base_is_a_built_in_error_too() -> None:
    for cls in CLASSES:
        if not issubclass(cls, MLJKerasError) or cls is MLJKerasError:
            continue
        built_in = [
            base
            for base in cls.__mro__
            if base.__module__ == "builtins" and base not in (Exception, BaseException, object)
        ]
        assert built_in, cls.__name__


def test_every_class_says_what_it_means_and_stands_in_the_overview() -> None:
    for cls in CLASSES:
        assert cls.__doc__ and len(cls.__doc__.split()) > 4, cls.__name__
        assert cls.__name__ in (errors.__doc__ or ""), cls.__name__


def test_the_overview_has_one_line_for_each_class_with_its_built_in_types() -> None:
    lines = (errors.__doc__ or "").splitlines()
    assert max(map(len, lines)) <= 99
    for cls in CLASSES:
        (line,) = [line for line in lines if line.split()[:1] == [cls.__name__]]
        built_in = [base.__name__ for base in cls.__bases__ if base.__module__ == "builtins"]
        if built_in and cls is not MLJKerasError:
            assert f"({', '.join(built_in)})" in line


@pytest.mark.parametrize("numbers", [True, False])
@pytest.mark.parametrize("kind", ["dict", "pyarrow", ""])
def test_where_no_line_fills_missing_values_words_name_the_column(
    kind: str, *, numbers: bool
) -> None:
    words = errors.MissingValuesError.filled_by(kind, "a", numbers=numbers)
    assert words == f"the {'median' if numbers else 'most frequent value'} of column 'a'"


def test_a_matrix_of_numbers_has_no_line_for_a_factor() -> None:
    words = errors.MissingValuesError.filled_by("matrix", "x1", numbers=False)
    assert words == "the most frequent value of column 'x1'"


def test_warnings_are_user_warnings_that_one_filter_catches() -> None:
    for name in ("ScitypeWarning", "LevelsWarning", "ModelWarning"):
        assert issubclass(getattr(errors, name), MLJKerasWarning)
    assert issubclass(MLJKerasWarning, UserWarning)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_is_made_anew_from_its_parts_as_dask_does(cls: type[Exception]) -> None:
    made = cls.__new__(cls)
    made.args = ("what was wrong",)
    assert str(made) == str(cls("what was wrong"))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_survives_the_way_to_another_process(cls: type[Exception]) -> None:
    back = pickle.loads(pickle.dumps(cls("what was wrong")))
    assert type(back) is cls
    assert str(back) == "what was wrong"


def test_not_trained_names_the_operation_the_machine_and_the_remedy() -> None:
    error = NotTrainedError.of("machine(Ridge(), ...)", "predict")
    assert str(error) == (
        "predict needs a trained machine, and machine(Ridge(), ...) is not trained. "
        "Call fit(mach) first."
    )
