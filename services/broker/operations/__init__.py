"""Use cases of the context broker: mutations (values that change entities), the writer that applies them, reads."""
