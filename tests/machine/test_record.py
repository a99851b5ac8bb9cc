"""Records: named values with attributes, a dict, and an error that names what there is."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from mlj_keras.machine.record import Record


def test_values_are_attributes_and_a_dict_of_their_own() -> None:
    record = Record(epochs=3, losses=np.arange(2))
    assert record.epochs == 3
    as_dict = record._asdict()
    assert list(as_dict) == ["epochs", "losses"]
    as_dict["epochs"] = 9
    assert record.epochs == 3


def test_an_unknown_name_raises_and_names_what_there_is() -> None:
    with pytest.raises(
        AttributeError, match="There is no 'epoch' here. There is: epochs, losses."
    ):
        _ = Record(epochs=3, losses=1).epoch
    with pytest.raises(AttributeError, match="There is: nothing."):
        _ = Record().anything
    assert not hasattr(Record(), "anything")


def test_records_compare_by_value_and_can_be_copied_and_pickled() -> None:
    record = Record(epochs=3, name="x")
    assert record == Record(epochs=3, name="x") != Record(epochs=4, name="x")
    assert pickle.loads(pickle.dumps(record)) == record == copy.deepcopy(record)
    assert repr(record) == "Record(epochs=3, name='x')"
