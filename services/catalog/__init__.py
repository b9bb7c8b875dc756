"""The data catalogue of the hub: DCAT and CKAN over what its tenants hold."""
