"""One file a recipe: a named architecture, its input pipeline and its training procedure."""
