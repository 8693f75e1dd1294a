"""A sheet's cut between rows and pixels: its label plane, steps by hand, cutting again, what the editor draws."""
