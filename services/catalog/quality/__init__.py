"""How good the description of a data set is, in the points of data.europa.eu's metadata quality assessment."""
