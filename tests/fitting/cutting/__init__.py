"""Fits the cutting engine: training sheets with their truth."""
