"""Print sheets between rows and paper: plans, their history, what lies where, and what the print doctor says of it.

Every change is a function from one `Plan` to the next, without rows or files; `history.change` makes it last.
"""
