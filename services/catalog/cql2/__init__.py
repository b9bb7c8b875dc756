"""The Common Query Language CQL2 (OGC 21-065r2), in both encodings, read as conditions on data sets."""
