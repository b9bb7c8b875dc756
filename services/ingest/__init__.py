"""Measures of devices and rows of files, turned into entities."""
