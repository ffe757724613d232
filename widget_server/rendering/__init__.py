"""Text in, labelled and safe HTML out.

PROMISE: no Flask and no database; whoever calls passes the keys and the time in.
"""
