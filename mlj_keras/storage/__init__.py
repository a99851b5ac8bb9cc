"""Files of arrays and plain facts, written atomically and checked when read."""

from mlj_keras.storage.archive import read_archive, write_archive

__all__ = ["read_archive", "write_archive"]
