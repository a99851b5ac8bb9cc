"""Valid files changed at random: refused, or as good as any other."""

from __future__ import annotations

import io

import numpy as np
import pytest

from mlj_keras.composition._elimination import Eliminated
from mlj_keras.errors import CorruptFile, FormatTooNewError, LimitExceeded, NotAMachineFile
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.persistence import load_machine
from tests.persistence.fuzzing import Fuzzer
from tests.persistence.hostile_content import LEARNED, all_of, changed, record
from tests.persistence.valid import Valid, few

REFUSED = (CorruptFile, FormatTooNewError, LimitExceeded, NotAMachineFile)


@pytest.fixture(scope="module")
def valid() -> dict[str, Valid]:
    """A few valid files."""
    return few()


@pytest.fixture(scope="module")
def fuzzer(valid: dict[str, Valid]) -> Fuzzer:
    """Of these files."""
    files = {name: each.content for name, each in valid.items()}
    return Fuzzer(files, {name: each.data for name, each in valid.items()}, 0)


def test_no_changed_byte_is_accepted(valid: dict[str, Valid]) -> None:
    rng = np.random.default_rng(0)
    whole = valid["pipeline"].content
    for at in rng.integers(len(whole), size=500):
        for bits in (1 << int(rng.integers(8)), 0xFF):
            wrong = bytearray(whole)
            wrong[at] ^= bits
            with pytest.raises(REFUSED):
                load_machine(io.BytesIO(bytes(wrong)))


@pytest.mark.slow
def test_random_changes_make_nothing_but_refusals_and_machines_that_predict(
    fuzzer: Fuzzer,
) -> None:
    for _ in range(400):
        fuzzer.one(predict=0.3)
    assert [(find.change, find.what) for find in fuzzer.finds] == []
    assert fuzzer.counts["refused"] > 200 and fuzzer.counts["loaded"] > 10


def test_a_fuzzer_finds_what_raises_in_another_way(
    fuzzer: Fuzzer, valid: dict[str, Valid], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    def endless(*_: object, **__: object) -> None:
        while True:
            pass

    content, n = valid["transformer"].content, len(fuzzer.finds)
    for function, words in ((fail, "loading raised ZeroDivisionError"), (endless, "computed for")):
        with monkeypatch.context() as patch:
            patch.setattr("tests.persistence.fuzzing.load_machine", function)
            assert fuzzer.use("transformer", content, "none") == "found"
        assert words in fuzzer.finds.pop().what
    assert fuzzer.use("transformer", content, "none") == "predicted" and len(fuzzer.finds) == n


def test_estimators_of_another_class_are_refused(valid: dict[str, Valid]) -> None:
    whole = valid["forest"].content

    def other(tree: object) -> None:
        record(tree, "EstimatorFit").update(estimator=3)

    with pytest.raises(CorruptFile, match="RandomForestClassifier learns no 3"):
        load_machine(io.BytesIO(changed(whole, LEARNED, other)))


def test_a_member_that_is_no_model_is_refused(valid: dict[str, Valid]) -> None:
    def other(tree: object) -> None:
        outcome = next(all_of(tree, "outcome"))
        members = {"tuple": [{"tuple": [3, {"outcome": [1, {"map": []}, None]}]}]}
        outcome["outcome"][0] = {"record": ["machine.TrainedModels", {"members": members}]}

    with pytest.raises(CorruptFile, match="what has learned is 3, and no model"):
        load_machine(io.BytesIO(changed(valid["transformer"].content, LEARNED, other)))


def test_features_of_more_names_than_there_are_are_refused() -> None:
    with pytest.raises(ValueError, match="more or fewer names"):
        Eliminated(("a",), ("a", "b"), TrainedModels(())).check_stored()
    with pytest.raises(ValueError, match="one twice"):
        Eliminated(("a", "a"), ("a", "b"), TrainedModels(())).check_stored()
