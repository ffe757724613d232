"""What leaves for other people's servers.

PROMISE: the only folder that talks to them, and only from what storage/deliveries.py owes.
"""
