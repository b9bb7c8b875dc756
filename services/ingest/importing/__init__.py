"""A city's CSV file read into entities: decoding, columns, cells, and an account of every row. No I/O."""
