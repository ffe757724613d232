"""How the server talks.

PROMISE: the only folder that knows there is Flask (beside the demo's own host application). A handler has four beats:
load, rule, keep, answer.
"""
