"""Nests shapes on a page without overlap."""
