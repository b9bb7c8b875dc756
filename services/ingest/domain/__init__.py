"""Pure values of ingest: devices, measures, how a measure becomes an entity. No I/O."""
