"""Who uses the studio: the current user, signing in, lockout, roles, and links to a new password."""
