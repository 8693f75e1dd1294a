"""Carries messages between web, worker and scheduler. They are hints: the rows are the truth."""
