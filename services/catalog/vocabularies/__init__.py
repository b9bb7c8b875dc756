"""The words that data are described with: codes, themes, formats, types and attributes, in two languages."""
