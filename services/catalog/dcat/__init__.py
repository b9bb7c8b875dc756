"""The catalogue as RDF: DCAT 3 in the application profile DCAT-AP 3, pages linked with Hydra."""
