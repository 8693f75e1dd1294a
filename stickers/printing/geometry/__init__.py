"""Lengths, curves and contours."""
