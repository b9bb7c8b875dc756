"""Weather stations of the Japan Meteorological Agency (AMeDAS), as its web pages read them."""
