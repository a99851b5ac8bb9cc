"""Tests of inspection: what `inspect_file` says is what is in the file."""

from __future__ import annotations

import io

import pytest

import mlj_keras as mlj
from mlj_keras.errors import WrongType
from tests.batteries.saving import FACTORS, TRUSTED, Wide, Y, net
from tests.persistence.test_writer import file_of, trained


def inspected(mach: mlj.Machine, **options: bool) -> mlj.FileContent:
    """What is said of the file of a machine."""
    return mlj.inspect_file(io.BytesIO(file_of(mach, **options)))


def test_a_model_is_told_as_it_shows_itself_without_what_is_as_usual() -> None:
    model = mlj.Standardizer(count=True) | net(optimiser=mlj.Adam(0.5))
    found = inspected(mlj.machine(model, FACTORS, Y))
    assert found.model == (
        "Pipeline(standardizer=Standardizer(count=True), neural_network_classifier="
        "NeuralNetworkClassifier(batch_size=16, builder=Short(dropout=0.2, n_hidden=4), epochs=2, "
        "optimiser=Adam(learning_rate=0.5), rng=1))"
    )
    assert found.state == 0


def test_data_versions_sizes_and_state_are_told() -> None:
    found = inspected(trained())
    assert found.state == 1 and not found.for_inference
    assert found.data == (
        "Table[Continuous, Multiclass[2]], 50 rows",
        "Vector[Multiclass[3]], 50 rows",
    )
    assert found.versions["keras"].startswith("3.")
    assert set(found.members) >= {"model.json", "weights.safetensors", "optimiser.safetensors"}
    assert found.n_bytes == sum(found.members.values())


def test_what_a_file_needs_is_told() -> None:
    found = inspected(trained(net(builder=Wide(n1=2))))
    assert found.trusted == TRUSTED[1:]
    assert "Wide(n1=2)" in found.model
    assert f"trusted={list(TRUSTED[1:])!r}" in repr(found)


def test_a_file_for_inference_says_so() -> None:
    found = inspected(trained(), for_inference=True)
    assert found.for_inference and "for inference" in repr(found)


def test_it_shows_as_a_table_in_a_notebook() -> None:
    html = inspected(trained())._repr_html_()
    assert html.count("<tr") >= 6 and "Table[Continuous, Multiclass[2]]" in html


def test_it_names_itself_for_what_is_no_file() -> None:
    with pytest.raises(WrongType, match="inspect_file takes a path as a text.*got 3"):
        mlj.inspect_file(3)  # type: ignore[arg-type]
    with pytest.raises(WrongType, match="max_bytes is a number of bytes"):
        mlj.inspect_file("unused.mlj", max_bytes="1GB")  # type: ignore[arg-type]
