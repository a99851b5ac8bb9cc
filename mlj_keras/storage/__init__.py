"""Files of arrays and plain facts, written atomically and checked when read."""

from mlj_keras.storage.archive import read_archive, write_archive
from mlj_keras.storage.journal import Journal
from mlj_keras.storage.plain import packed, unpacked
from mlj_keras.storage.rotation import locked, read_newest, remove_all, write_numbered

__all__ = [
    "Journal",
    "locked",
    "packed",
    "read_archive",
    "read_newest",
    "remove_all",
    "unpacked",
    "write_archive",
    "write_numbered",
]
