"""Converters of documents that a city publishes or receives: timetables, vehicle positions, warnings. No I/O."""
