# ruff: noqa: E402
# %% A classifier: data, network, training, labels and probabilities
import keras
from scikeras.wrappers import KerasClassifier
from sklearn.datasets import make_classification

X, y = make_classification(600, 20, n_informative=10, random_state=1)


def tower(meta, units, dropout, last):
    return keras.Sequential(
        [
            keras.Input((meta["n_features_in_"],)),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(1, activation=last),
        ]
    )


net = KerasClassifier(
    tower,
    units=16,
    dropout=0.2,
    last="sigmoid",
    loss="binary_crossentropy",
    optimizer="sgd",
    optimizer__learning_rate=0.1,
    batch_size=32,
    epochs=10,
    random_state=0,
    verbose=0,
)
net.fit(X, y)
print(net.predict(X[:5]))
print(net.predict_proba(X[:5]))
assert net.score(X, y) > 0.7

# %% A regressor
from scikeras.wrappers import KerasRegressor
from sklearn.datasets import make_regression

X_numbers, numbers = make_regression(600, 20, n_informative=10, random_state=1)
regressor = KerasRegressor(
    tower,
    units=16,
    dropout=0.0,
    last=None,
    loss="mse",
    optimizer="adam",
    optimizer__learning_rate=0.05,
    batch_size=32,
    epochs=20,
    random_state=0,
    verbose=0,
)
regressor.fit(X_numbers, numbers)
print(regressor.predict(X_numbers[:5]))
assert regressor.score(X_numbers, numbers) > 0.7

# %% Saving: the regressor, by pickle
import pickle

saved = pickle.dumps(regressor)
loaded = pickle.loads(saved)
print(loaded.predict(X_numbers[:5]))

# %% Saving: to a file that is no pickle, and back
regressor.model_.save("regressor.keras")
loaded = KerasRegressor(keras.models.load_model("regressor.keras"))
loaded.initialize(X_numbers, numbers)
print(loaded.predict(X_numbers[:5]))
assert (loaded.predict(X_numbers) == regressor.predict(X_numbers)).all()

# %% In a pipeline of scikit-learn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

pipe = make_pipeline(StandardScaler(), net)
pipe.fit(X, y)
print(pipe.predict_proba(X[:5]))

# %% Early stopping, the best epoch kept
stopping = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
net.set_params(epochs=60, callbacks=[stopping], fit__validation_split=0.2)
net.fit(X, y)
print(len(net.history_["loss"]))

# %% Grid search by scikit-learn
from sklearn.model_selection import GridSearchCV

net.set_params(epochs=10, callbacks=None, fit__validation_split=0.0)
grid = {"optimizer__learning_rate": [0.05, 0.1], "units": [8, 16]}
search = GridSearchCV(net, grid, cv=3, scoring="accuracy")
search.fit(X, y)
print(search.best_score_, search.best_params_)
assert search.best_score_ > 0.7
