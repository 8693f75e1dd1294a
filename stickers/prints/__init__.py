"""Print sheets between rows and paper: plans, their history, their pages, and what the preflight says.

An edit is a function from one plan to the next, without rows or files. `desk.Desk.change` writes it as one step.
"""
