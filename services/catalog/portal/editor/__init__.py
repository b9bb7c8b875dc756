"""The pages with which departments publish data: upload, check, describe, review, publish."""
