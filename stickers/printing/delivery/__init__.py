"""The files of a print job, in a folder or a ZIP."""
