"""Machines in files: nothing in a file is executed, and what is damaged or hostile is refused."""

from mlj_keras.persistence.inspection import FileContent, inspect_file
from mlj_keras.persistence.reader import load_machine
from mlj_keras.persistence.writer import save

__all__ = ["FileContent", "inspect_file", "load_machine", "save"]
