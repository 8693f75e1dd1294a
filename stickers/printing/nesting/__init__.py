"""Shapes packed on a page without overlap."""
