"""Cost sharing: invoices in whole yen, plans that say who bears which part, shares that everyone can check."""
