"""What ingest does: provisioning, taking in measures, writing them, parking what is refused."""
