"""Starting the workers of a cluster on this machine."""

from mlj_keras.launching.launch import launch

__all__ = ["launch"]
