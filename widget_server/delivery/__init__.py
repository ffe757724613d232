"""What leaves for other people's servers.

PROMISE: the only folder that talks to them: from what storage/deliveries.py owes, and to somebody who is invited.
"""
