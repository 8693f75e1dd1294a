"""What an operator watches: metrics and readiness."""
