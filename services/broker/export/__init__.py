"""What the broker hands out whole: statistics of entity types, and all entities of a type as files."""
