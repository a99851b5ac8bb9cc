"""`tests/` mirrors `mlj_keras/` file for file: mlj_keras/a/b.py has tests/a/test_b.py."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "mlj_keras"
TESTS = Path(__file__).parents[1]

# Folders of tests that look at the whole, not at one module.
EXEMPT = {"architecture", "batteries", "benchmarks", "conformance", "tutorials"}


def test_every_public_module_has_a_test_file() -> None:
    missing = []
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE)
        if not module.stem.startswith("_"):
            test = module.with_name(f"test_{module.name}")
            if not (TESTS / test).is_file():
                missing.append(f"tests/{test.as_posix()}")
    assert not missing, "write these:\n" + "\n".join(missing)


def test_every_test_file_has_a_module() -> None:
    orphans = []
    for path in sorted(TESTS.rglob("test_*.py")):
        test = path.relative_to(TESTS)
        if test.parts[0] in EXEMPT:
            continue
        stem = test.stem.removeprefix("test_")
        names = [f"{stem}.py", f"_{stem}.py"]
        if not any((PACKAGE / test.with_name(name)).is_file() for name in names):
            orphans.append(f"tests/{test.as_posix()}")
    assert not orphans, "no module of the package answers to these:\n" + "\n".join(orphans)
