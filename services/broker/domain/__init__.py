"""Pure values: entities, attributes, names, selections, changes. No I/O."""
