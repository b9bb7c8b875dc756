"""The data map (データマップ) of a tenant: what services take in and collect, and who gets which data set."""
