"""Live data sets as files: what the context broker exports, with headings, marks and forms that people ask for."""
