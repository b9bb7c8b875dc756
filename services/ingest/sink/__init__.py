"""Where entities are written: the context broker, behind a port."""
