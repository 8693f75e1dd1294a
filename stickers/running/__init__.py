"""Turns a set of processes into a studio: the runner, its environment, its logs."""
