# %% [markdown]
# # Saving and serving
#
# A trained machine outlives the process that trained it. It goes into a file that anybody may
# send, comes back to predict or to train on, and answers requests from a server: here one of this
# package, and one that knows TensorFlow alone. The data are penguins, which come with
# `pip install palmerpenguins`.

# %%
import importlib
import json
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.errors import CorruptFile, MLJKerasError, UnsavableError, UntrustedModelError

file = next(f for f in metadata.files("palmerpenguins") if f.name == "penguins.csv")
penguins = pd.read_csv(file.locate()).drop(columns="year").dropna(ignore_index=True)
y, X = mlj.unpack(mlj.coerce(penguins, {mlj.Textual: mlj.Multiclass}), "species")
model = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(32,)), optimiser=mlj.Adam(1e-2), batch_size=16, epochs=20, rng=1
)
mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name)

# %% [markdown]
# ## A file
#
# The file has the model and what it has learned, and no rows of the table. What comes back
# predicts the same, to the last bit. A file for inference leaves out what only training needs.

# %%
mlj.save(folder / "penguins.mlj", mach)
mlj.save(folder / "served.mlj", mach, for_inference=True)
loaded = mlj.load_machine(folder / "penguins.mlj")
for name in ("penguins.mlj", "served.mlj"):
    print(f"{name}: {(folder / name).stat().st_size / 1024:.0f} KiB")
assert np.array_equal(mlj.predict(loaded, X).to_numpy(), mlj.predict(mach, X).to_numpy())
assert (folder / "served.mlj").stat().st_size < (folder / "penguins.mlj").stat().st_size

# %% [markdown]
# `inspect_file` says what is inside, and builds nothing.

# %%
content = mlj.inspect_file(folder / "penguins.mlj")
print(content)
assert content.state == 1
assert content.trusted == ()

# %% [markdown]
# ## Training on
#
# Loaded with the data that it has learned from, a machine trains on as if it had never been away:
# ten more epochs are the same bytes in both places.

# %%
again = mlj.load_machine(folder / "penguins.mlj", X, y)
for each in (mach, again):
    each.model.epochs = 30
    mlj.fit(each, verbosity=0)
assert len(mlj.training_losses(again)) == 30
assert mlj.snapshot(again) == mlj.snapshot(mach)

# %% [markdown]
# That holds for whatever is wrapped around the network. Here a search is saved after four
# candidates, and goes on to six. Training that was iterated is saved with the states of its
# controls in the same way.

# %%
rates = mlj.param_range(model, "optimiser.learning_rate", lower=1e-4, upper=1e-1, scale="log10")
tuned = mlj.TunedModel(model.replace({"epochs": 3}), ranges=rates, measure=mlj.log_loss, n=4)
mlj.save(folder / "tuned.mlj", mlj.fit(mlj.machine(tuned, X, y), verbosity=0))

search = mlj.load_machine(folder / "tuned.mlj", X, y)
measured: list[int] = []
search.model.callbacks = [lambda entries: measured.append(len(entries))]
search.model.n = 6
history = mlj.report(mlj.fit(search, verbosity=0)).history
print("measured after loading: candidates", *measured)
print(history[["optimiser.learning_rate", "measurement"]].round(4).to_string(index=False))
assert measured == [5, 6]
assert len(history) == 6

# %% [markdown]
# ## Whom to trust
#
# Nothing in a file is executed when it is loaded, whoever has sent it: it names models of this
# package, and holds numbers for them. What was damaged on its way, or made up, is refused.

# %%
whole = (folder / "penguins.mlj").read_bytes()
(folder / "damaged.mlj").write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
refused = ""
try:
    mlj.load_machine(folder / "damaged.mlj")
except CorruptFile as error:
    refused = str(error)
print(refused.replace(f"{folder}/", ""))
assert refused

# %% [markdown]
# A builder of your own is code. The file holds only its name, so it has to stand in a module that
# can be imported: one of a script or a notebook is refused when it is saved. Whoever loads the
# file has to have the module, too, and names what of it they trust.

# %%
(folder / "towers.py").write_text('''
import keras
import mlj_keras as mlj


class Tower(mlj.Builder):
    """Two hidden layers, the second of half the width."""

    width: int = 16

    def build(self, inputs, n_out, rng):
        hidden = keras.layers.Dense(self.width, activation="relu")(inputs)
        hidden = keras.layers.Dense(self.width // 2, activation="relu")(hidden)
        return keras.layers.Dense(n_out)(hidden)
''')
sys.path.insert(0, str(folder))
towers = importlib.import_module("towers")


class Here(towers.Tower):
    """The same, in this script."""


refused = []
for builder in (Here(), towers.Tower()):
    own = mlj.fit(mlj.machine(model.replace({"builder": builder}), X, y), verbosity=0)
    try:
        mlj.save(folder / "tower.mlj", own)
        mlj.load_machine(folder / "tower.mlj")
    except (UnsavableError, UntrustedModelError) as error:
        refused.append(str(error))
        print(error)
needs = mlj.inspect_file(folder / "tower.mlj").trusted
tower = mlj.load_machine(folder / "tower.mlj", trusted=needs)
assert needs == ("towers:Tower",)
assert len(refused) == 2
assert tower.model.builder == towers.Tower()
sys.path.remove(str(folder))
del sys.modules["towers"]

# %% [markdown]
# In earnest do not hand `trusted` through like that: read what the names stand for, and write down
# those that you know. And a loaded machine that is *trained* does what its model says, such as
# writing to paths that stand in it. More on both: [saving](guide/saving.md#files-of-strangers).
#
# ## A server
#
# The server reads rows as JSON, and answers with labels and probabilities. The machine is loaded
# once; predictions need no lock, so each request may have its own thread. Whatever is wrong with
# the rows is an error of this package, whose text goes back to whoever has asked.

# %%
served = mlj.load_machine(folder / "served.mlj")


def by_machine(rows: list[dict]) -> dict:
    """Labels and probabilities of rows, by the machine."""
    found = mlj.predict(served, pd.DataFrame(rows))
    return {
        "levels": list(found.levels),
        "labels": list(found.mode()),
        "probabilities": found.to_numpy().tolist(),
    }


class Handler(BaseHTTPRequestHandler):
    """Answers a POST of rows by the function `answer` of its server."""

    def do_POST(self) -> None:
        rows = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        try:
            said, status = self.server.answer(rows), 200
        except (MLJKerasError, tf.errors.OpError) as error:
            said, status = {"error": str(error)}, 400
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def serve(answer) -> ThreadingHTTPServer:
    """A server on a free port of this computer, in a thread."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.answer = answer
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def ask(server: ThreadingHTTPServer, rows: list[dict]) -> dict:
    """What the server answers."""
    request = Request(f"http://127.0.0.1:{server.server_port}", json.dumps(rows).encode())
    try:
        with urlopen(request) as response:
            return json.load(response)
    except HTTPError as error:
        return json.load(error)


birds = X.sample(40, random_state=1)
rows = birds.to_dict("records")
machine_server = serve(by_machine)
one = ask(machine_server, rows[:1])
wrong = ask(machine_server, [rows[0] | {"island": "Elba"}])
print("asked: ", json.dumps(rows[0]))
print("answer:", *one["labels"], *(f"{p:.5f}" for p in one["probabilities"][0]))
print("wrong: ", wrong["error"])
assert one["labels"] == [y[birds.index[0]]]
assert "no level seen in training: 'Elba'" in wrong["error"]

# %% [markdown]
# ## Row by row, from many at once
#
# Most requests are of one row. Eight threads ask for forty birds one by one; the answers are those
# of all forty at once, up to the last digits. The program that predicts is compiled once for one
# row, not once a thread.

# %%
expected = mlj.predict(served, birds)
with ThreadPoolExecutor(8) as pool:
    answers = list(pool.map(lambda row: ask(machine_server, [row]), rows))
probabilities = np.array([each["probabilities"][0] for each in answers])
difference = np.abs(probabilities - expected.to_numpy()).max()
print(f"{len(answers)} answers, largest difference {difference:.1g}")
assert [each["labels"][0] for each in answers] == list(expected.mode())
assert difference < 1e-5

# %% [markdown]
# ## Without this package
#
# `export` writes what a program needs that has never heard of it: a SavedModel for TensorFlow and
# its servers. Raw columns go in, labels and probabilities come out. The function below stands on
# TensorFlow alone; the server is the same one.

# %%
mlj.export(mlj.load_machine(folder / "served.mlj"), folder / "exported")
signature = tf.saved_model.load(folder / "exported").signatures["serving_default"]
inputs = signature.structured_input_signature[1]
for name, spec in inputs.items():
    print(f"{name:17} {spec.dtype.name}")


def by_tensorflow(rows: list[dict]) -> dict:
    """Labels and probabilities of rows, by the exported function."""
    found = signature(
        **{
            name: tf.constant([row[name] for row in rows], spec.dtype)
            for name, spec in inputs.items()
        }
    )
    return {
        "levels": [level.decode() for level in found["levels"].numpy()],
        "labels": [label.decode() for label in found["labels"].numpy()],
        "probabilities": found["probabilities"].numpy().tolist(),
    }


exported_server = serve(by_tensorflow)
left, right = ask(machine_server, rows), ask(exported_server, rows)
difference = np.abs(np.subtract(left["probabilities"], right["probabilities"])).max()
print(f"largest difference of the two servers {difference:.0e}")
assert left["levels"] == right["levels"]
assert left["labels"] == right["labels"]
assert difference < 1e-5
assert "error" in ask(exported_server, [rows[0] | {"island": "Elba"}])

# %% [markdown]
# For a program of Keras there is the format "keras": one file, which `keras.models.load_model`
# reads.

# %%
mlj.export(served, folder / "penguins.keras", format="keras")
network = keras.models.load_model(folder / "penguins.keras")
columns = {name: tf.constant(birds[name].to_numpy(), spec.dtype) for name, spec in inputs.items()}
outputs = network(columns)
assert [label.decode() for label in outputs["labels"].numpy()] == left["labels"]
np.testing.assert_allclose(outputs["probabilities"], left["probabilities"], atol=1e-5)

for server in (machine_server, exported_server):
    server.shutdown()
    server.server_close()
temporary.cleanup()

# %% [markdown]
# An export is for predicting only. To train on, keep the machine's file.
#
# Next: [your own parts](24_your_own_parts.py).
