"""The catalogue's own interface: data sets, imports, vocabularies, RDF."""
