"""Machines of every model of the package, saved, and loaded in another process: they give the same
bytes, and train on as if they had never been in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.registry.catalog import OWN
from tests.batteries import saving
from tests.batteries.processes import lines_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[dict[str, Any], Any]]:
    """By case: what this process finds, and what another does with the file."""
    folder, here = tmp_path_factory.mktemp("machines"), {}
    for number, (name, make) in enumerate(saving.CASES.items()):
        case = make()
        mach = mlj.fit(mlj.machine(case.model, *case.data), verbosity=0)
        mlj.save(folder / f"{number}.mlj", mach)
        before = saving.given(mach, case.data[0])
        here[name] = {"given": before, "trained on": saving.trained_on(mach, case.changes)}
    script = f"from tests.batteries.saving import main; main({str(folder)!r})"
    there = json.loads(lines_of(script)[-1])
    return {name: (here[name], there[name]) for name in here}


def test_every_model_of_the_package_has_a_case() -> None:
    covered = {name.split()[0].strip(",") for name in saving.CASES}
    assert {model.__name__ for model in OWN} <= covered


@pytest.mark.parametrize("name", saving.CASES)
def test_a_machine_loaded_in_another_process_gives_the_same_bytes(name: str, found: Any) -> None:
    here, there = found[name]
    assert here["given"] and there["given"] == here["given"]


@pytest.mark.parametrize("name", saving.CASES)
def test_a_loaded_machine_has_nothing_to_train_with_its_own_data(name: str, found: Any) -> None:
    assert found[name][1]["skipped"]


@pytest.mark.parametrize("name", saving.CASES)
def test_a_loaded_machine_trains_on_to_the_same_bytes(name: str, found: Any) -> None:
    here, there = found[name]
    assert there["trained on"] == here["trained on"]


def test_training_on_changes_what_networks_predict(found: Any) -> None:
    unchanged = [n for n, (here, _) in found.items() if here["trained on"] == here["given"]]
    assert not [name for name in unchanged if "epochs" in str(saving.CASES[name]().changes)]


def test_the_file_of_a_machine_is_the_same_in_any_process(tmp_path: Path) -> None:
    case = saving.CASES["Pipeline"]()
    mach = mlj.fit(mlj.machine(case.model, *case.data), verbosity=0)
    mlj.save(tmp_path / "a.mlj", mach)
    script = f"""
from tests.batteries import saving
import mlj_keras as mlj
case = saving.CASES["Pipeline"]()
mach = mlj.fit(mlj.machine(case.model, *case.data), verbosity=0)
mlj.save({str(tmp_path / "b.mlj")!r}, mach)
"""
    lines_of(script)
    assert (tmp_path / "a.mlj").read_bytes() == (tmp_path / "b.mlj").read_bytes()
