"""How the catalogue follows the entity types of the context broker."""
