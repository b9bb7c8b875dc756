"""What other catalogues say, read into the catalogue's own words: CKAN packages, DCAT in RDF, data.json."""
