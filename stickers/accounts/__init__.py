"""Who uses the studio: the current user, signing in, lockout, and links to a new password."""
