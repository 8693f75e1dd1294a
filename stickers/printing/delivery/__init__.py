"""Delivers the files of a print job, one by one or in a ZIP."""
