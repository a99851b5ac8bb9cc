"""`export`: a trained machine as a file or folder that programs without this package can use.

Knows how files are written; `_named_model.py` what is in them. Source: ours.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.errors import InvalidArgument, UnsupportedOperation, WrongType
from mlj_keras.interop._named_model import NamedModel, named_model
from mlj_keras.machine import Machine
from mlj_keras.storage.atomic import sync_folder

tf = lazy_module("tensorflow")

FORMATS = ("saved_model", "keras")
_DESCRIPTION = "mlj_keras.json"


@short_tracebacks
def export(mach: Machine, path: str | os.PathLike[str], *, format: str = "saved_model") -> None:
    """Write a trained network for programs that do not have this package: from the columns of the
    table, as they are, to predictions in the units of the target, or to its classes.

    Inputs, by name: each training column, (n,): numbers float32; factors int64 if their levels are
    integers or booleans, else string, the text of the level; for images `pixels` (n, height,
    width, channels), uint8, uint16 or float32 as in training. A name becomes one that TensorFlow
    takes: "sepal length (cm)" is `sepal_length__cm_`. Outputs, by name: of a classifier
    `probabilities` (n, K), float32, and `labels` (n,), the most probable ones, int64 or string; of
    a regressor `prediction` (n,), float32, or an output for each target column. Standardising, and
    the transformers of a pipeline, are inside. A level that was none in training raises.

    Args:
        mach: trained; of a network model, a TunedModel or IteratedModel of one, or a Pipeline of
            Standardizer, OneHotEncoder and ContinuousEncoder that ends in one
        path: of a folder that does not exist or is empty, such as "models/iris/1"; for "keras" of
            a file, which is replaced if it exists, and ends in ".keras"
        format: "saved_model" (default): a TensorFlow SavedModel. Its signature "serving_default"
            gives `levels` (K,) of a classifier, too; "rows" the same without, as servers that
            join requests to batches want it. A number that is not finite raises. Or "keras": what
            `keras.models.load_model(path)` loads; it gives NaN for NaN.
            A file mlj_keras.json tells the column of each input, and all levels: in the folder
            assets.extra, or within the .keras file, which is a zip.
    Raises: NotTrainedError; UnsupportedOperation if it predicts by anything but one network, or,
        for "keras", a layer is not Keras' own; InvalidArgument for another format or ending;
        WrongType if `mach` is no machine; FileExistsError, FileNotFoundError and other OSError
        with the path as `filename`. After an error there is what was there before.
    Example:
        >>> import tempfile, keras, mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=5, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> path = os.path.join(tempfile.mkdtemp(), "iris.keras")
        >>> mlj.export(mach, path, format="keras")
        >>> found = keras.models.load_model(path).predict(dict(X), verbose=0)
        >>> found["probabilities"].shape, found["labels"][0]
        ((150, 3), b'setosa')

    Source: ours.
    """
    if not isinstance(mach, Machine):
        raise WrongType(
            f"export takes a machine, then a path, got {mach!r:.60} first. Write export(mach, "
            '"path").'
        )
    if format not in FORMATS:
        raise InvalidArgument(
            f"format must be 'saved_model' or 'keras', got {format!r}. Take 'saved_model' for "
            "TensorFlow Serving, 'keras' for a Keras program."
        )
    target = Path(os.path.abspath(path))
    _check_ending(target, format)
    mach.trained("export")
    if format == "keras":
        _check_file(target)
        _write_keras(named_model(mach), target)
    else:
        _check_folder(target)
        _write_saved_model(named_model(mach), target)


def _check_ending(path: Path, format: str) -> None:
    if (path.suffix == ".keras") is not (format == "keras"):
        other = "'keras'" if format == "saved_model" else "'saved_model'"
        needs = "a folder" if format == "saved_model" else 'a file that ends in ".keras"'
        raise InvalidArgument(
            f"format={format!r} writes {needs}, got the path {str(path)!r}. Change the path, or "
            f"write format={other}."
        )


def _check_file(path: Path) -> None:
    _check_parent(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, "A .keras file cannot replace a folder", str(path))


def _check_folder(path: Path) -> None:
    _check_parent(path)
    if not path.is_dir():
        if os.path.lexists(path):
            raise FileExistsError(
                errno.EEXIST, "A SavedModel is a folder, and this is a file", str(path)
            )
    elif any(path.iterdir()):
        raise FileExistsError(
            errno.EEXIST, "A SavedModel needs a new or empty folder, and this has files", str(path)
        )


def _check_parent(path: Path) -> None:
    if not path.parent.exists():
        raise FileNotFoundError(errno.ENOENT, "There is no such folder", str(path.parent))
    if not path.parent.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "This is no folder", str(path.parent))


@contextlib.contextmanager
def _in_place_of(path: Path, ending: str = "") -> Iterator[Path]:
    """A path beside, to write to; what was written there is put in place once the block has ended,
    or removed if it raised."""
    name = f".{path.name}.tmp-{os.getpid()}-{secrets.token_hex(4)}{ending}"
    own = path.with_name(name)
    try:
        yield own
        for each in [own, *own.rglob("*")]:
            _sync(each)
        if path.is_dir():
            path.rmdir()  # it is empty
        os.replace(own, path)
    except BaseException as error:
        shutil.rmtree(own, ignore_errors=True)
        with contextlib.suppress(OSError):
            own.unlink()
        if isinstance(error, tf.errors.OpError):
            code = errno.ENOSPC if "No space" in error.message else errno.EIO
            raise OSError(code, f"It cannot be written: {error.message}", str(path)) from error
        if isinstance(error, OSError):
            error.filename = str(path)
        raise
    sync_folder(path.parent)


def _sync(path: Path) -> None:
    if path.is_dir():
        sync_folder(path)
        return
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def _write_keras(named: NamedModel, path: Path) -> None:
    _check_own_layers(named.keras)
    with _in_place_of(path, ".keras") as own:
        named.keras.save(own)
        with zipfile.ZipFile(own, "a") as archive:  # Keras reads the members that it knows
            archive.writestr(_DESCRIPTION, json.dumps(named.described(), indent=1))


def _check_own_layers(model: Any) -> None:
    """Raise UnsupportedOperation if Keras alone could not load the model, in safe mode."""
    strange = sorted(set(_strange(json.loads(model.to_json()))))
    if strange:
        raise UnsupportedOperation(
            f"format='keras' holds what Keras itself has, and this network has {strange!r} "
            "besides, which a program could not load without your code. Take "
            "format='saved_model', which holds what it computes."
        )


def _strange(config: Any) -> Iterator[str]:
    """The names of classes and functions in a config that are not Keras' own."""
    if isinstance(config, list):
        for each in config:
            yield from _strange(each)
    if not isinstance(config, dict):
        return
    name, module = config.get("class_name"), config.get("module")
    if name in ("Lambda", "__lambda__"):
        yield "Lambda"
    elif isinstance(name, str) and isinstance(module, str) and module.split(".")[0] != "keras":
        yield str(config["config"]) if name == "function" else name
    for each in config.values():
        yield from _strange(each)


def _write_saved_model(named: NamedModel, path: Path) -> None:
    module = tf.Module()
    # What the functions stand on, and not the layers, of which a server knows nothing.
    module.learned = [variable.value for variable in named.keras.variables]
    module.tables = [
        each
        for each in tf.train.TrackableView(named.keras).descendants()
        if isinstance(each, tf.saved_model.experimental.TrackableResource)
    ]
    with _in_place_of(path) as own:
        own.mkdir()
        tf.saved_model.save(module, str(own), signatures=_signatures(named))
        extra = own / "assets.extra"  # TensorFlow leaves it alone
        extra.mkdir()
        (extra / _DESCRIPTION).write_text(json.dumps(named.described(), indent=1), "utf-8")


def _signatures(named: NamedModel) -> dict[str, Any]:
    specs = {
        name: tf.TensorSpec((None, *each.shape), each.dtype, name=name)
        for name, each in named.inputs.items()
    }

    def compiled(function: Any) -> Any:
        return tf.function(function, input_signature=[specs], autograph=False)

    @compiled
    def rows(given: dict[str, Any]) -> dict[str, Any]:
        for name, value in given.items():
            if named.inputs[name].dtype == "float32":
                good = tf.reduce_all(tf.math.is_finite(value))
                tf.debugging.Assert(good, [f"The input {name} is not finite"])
        found: dict[str, Any] = named.keras(given, training=False)
        return found

    @compiled
    def whole(given: dict[str, Any]) -> dict[str, Any]:
        found = rows(given)
        return {**found, "levels": tf.constant(named.levels, found["labels"].dtype)}

    if named.levels is None:
        return {"serving_default": rows}
    return {"serving_default": whole, "rows": rows}
