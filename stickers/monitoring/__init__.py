"""Shows an operator metrics and readiness."""
