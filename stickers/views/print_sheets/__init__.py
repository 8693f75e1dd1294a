"""The pages of print sheets."""
