"""Other names are the same measures."""

from __future__ import annotations

import mlj_keras as mlj
from mlj_keras.measures import Measure, aliases
from mlj_keras.measures.catalog import ALIASES


def test_each_other_name_is_the_measure_that_the_catalog_knows_by_it() -> None:
    names = [name for name, value in vars(aliases).items() if isinstance(value, Measure)]
    assert len(names) > 35
    for name in names:
        assert getattr(aliases, name) is ALIASES.get(name, getattr(aliases, name))
        assert getattr(mlj, name) == getattr(aliases, name)


def test_the_names_of_mlj_mean_what_they_mean_there() -> None:
    assert mlj.cross_entropy is mlj.log_loss and mlj.mae is mlj.l1 and mlj.rmse is mlj.rms
    assert mlj.recall is mlj.tpr and mlj.precision is mlj.ppv and mlj.specificity is mlj.tnr
