"""Composite models are drawn as boxes of their parts, in the order of the data."""

from __future__ import annotations

import numpy as np

import mlj_keras as mlj

PIPE = mlj.Pipeline(
    scale=mlj.Freezable(mlj.Standardizer(count=True), frozen=True),
    f=np.abs,
    net=mlj.TransformedTargetModel(
        mlj.NeuralNetworkRegressor(epochs=5), transformer=np.log, inverse=np.exp
    ),
)


def test_each_part_is_a_box_in_order_with_what_differs_from_its_defaults() -> None:
    html = PIPE._repr_html_()
    places = [html.index(f"{name}: ") for name in ("scale", "f", "net")]
    assert places == sorted(places) and html.count("↓") == 2
    assert "<b>scale: Freezable</b> frozen=True" in html and "f: absolute" in html
    assert "<b>net: TransformedTargetModel</b> transformer=log, inverse=exp" in html
    assert html.count("<details") == 2 and 'font-weight:bold">5</td>' in html


def test_names_are_escaped_and_colours_are_the_readers() -> None:
    class Odd(mlj.Static):
        text: str = "<script>"

        def transform(self, fitresult: None, Xnew: object) -> object:
            return Xnew

    html = mlj.Pipeline(a=Odd(text="<b>"), b=Odd())._repr_html_()
    assert "<script>" not in html and "&lt;b&gt;" in html
    colours = {part.split(";")[0].strip() for part in html.split(";color:")[1:]}
    assert colours == {"inherit"}


def test_a_part_without_hyper_parameters_is_a_plain_box() -> None:
    class Bare(mlj.Static):
        pass

    html = mlj.Freezable(Bare())._repr_html_()
    assert "model: Bare" in html and "<details" not in html
