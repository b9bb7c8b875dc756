"""The CKAN action API, version 3: what CKAN's clients and harvesters speak, in CKAN's own dialect."""
