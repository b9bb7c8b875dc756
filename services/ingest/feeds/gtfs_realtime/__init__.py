"""GTFS Realtime: where vehicles are, how late trips are, and what passengers are told."""
