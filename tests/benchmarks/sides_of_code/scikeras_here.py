# ruff: noqa: E402
# %% A classifier: data, network, training, labels and probabilities
import keras
from sklearn.datasets import make_classification

import mlj_keras as mlj

X, y = make_classification(600, 20, n_informative=10, random_state=1)


def tower(inputs, n_out, units, dropout):
    return keras.Sequential(
        [
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(n_out),
        ]
    )(inputs)


model = mlj.NeuralNetworkBinaryClassifier(
    builder=mlj.builder_from(tower, units=16, dropout=0.2),
    optimiser=mlj.SGD(0.1),
    batch_size=32,
    epochs=10,
    rng=0,
)
net = mlj.as_estimator(model)
net.fit(X, y)
print(net.predict(X[:5]))
print(net.predict_proba(X[:5]))
assert net.score(X, y) > 0.7

# %% A regressor
from sklearn.datasets import make_regression

X_numbers, numbers = make_regression(600, 20, n_informative=10, random_state=1)
regressor = mlj.as_estimator(
    mlj.NeuralNetworkRegressor(
        builder=mlj.MLP(hidden=(16, 16)),
        optimiser=mlj.Adam(0.05),
        batch_size=32,
        epochs=20,
        rng=0,
    )
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
mlj.save("regressor.mlj", regressor.machine_)
loaded = mlj.load_machine("regressor.mlj")
print(mlj.predict(loaded, X_numbers[:5]))
assert (mlj.predict(loaded, X_numbers) == regressor.predict(X_numbers)).all()

# %% In a pipeline of scikit-learn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

pipe = make_pipeline(StandardScaler(), net)
pipe.fit(X, y)
print(pipe.predict_proba(X[:5]))

# %% Early stopping, the best epoch kept
controls = [mlj.Step(1), mlj.NumberSinceBest(5), mlj.NumberLimit(60)]
stopped = mlj.as_estimator(mlj.IteratedModel(model, controls=controls))
stopped.fit(X, y)
print(mlj.report(stopped.machine_).n_iterations)

# %% Grid search by scikit-learn
from sklearn.model_selection import GridSearchCV

grid = {"model__optimiser__learning_rate": [0.05, 0.1], "model__builder__units": [8, 16]}
search = GridSearchCV(net, grid, cv=3, scoring="accuracy")
search.fit(X, y)
print(search.best_score_, search.best_params_)
assert search.best_score_ > 0.7
