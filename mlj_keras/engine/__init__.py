"""The engine: programs compiled once and shared, and training as a function from state to
state."""
