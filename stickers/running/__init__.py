"""What makes a set of processes a studio: the runner, its environment, its logs."""
