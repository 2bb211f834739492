"""Component files, each a package of its own, whose schemas are compared with the genuine ones."""
