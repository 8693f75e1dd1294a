"""Holds what belongs to an order: the queue that shows it, its estimate, its cost, and the API key that pays."""
