"""Ingest over HTTP: provisioning, measures, dead letters, imports."""
