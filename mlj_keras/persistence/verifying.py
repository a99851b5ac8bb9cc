"""Whether what a file is to hold can be read again: tried before anything is written.

Knows encoders and decoders. Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlj_keras.errors import UnsavableError
from mlj_keras.persistence.code import TrustedCode
from mlj_keras.persistence.decoding import Decoder
from mlj_keras.persistence.encoding import Encoder
from mlj_keras.persistence.graphs import machine_from
from mlj_keras.storage.strict_json import dumped, loaded


def check_loads(encoder: Encoder, facts: Mapping[str, Any]) -> None:
    """Read what is to be written, from memory; nothing is copied.

    Args: encoder: that made the facts, with what stands beside them · facts: of a machine.
    Raises: UnsavableError if it cannot be read, which is better known now than when the machine
        is needed.
    """
    arrays = {**encoder.arrays, **encoder.slots}
    code = TrustedCode(tuple(encoder.code), {})
    decoder = Decoder(arrays, encoder.columns, encoder.estimators, code)
    try:
        machine_from(decoder, loaded(dumped(dict(facts)), "the machine"), (), "the machine")
    except Exception as error:  # whatever does not come back as it was
        raise UnsavableError(
            f"A file of this machine could not be loaded again: {error} Keep plain values, arrays "
            "and models of this package in what models learn and report."
        ) from error
