"""A seeded generator of a believable online shop in the raw contract of this project."""
