"""Holds lengths, curves and contours."""
