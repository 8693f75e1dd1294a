"""Who is at the desk: the current user, signing in, and the way back in."""
