"""The web portal: pages for people, rendered here, that work without scripts and are better with them."""
