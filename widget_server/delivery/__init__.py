"""What leaves for other people's servers.

PROMISE: the only folder that talks to them. What storage owes is sent from there (mail.py, webhooks.py), and an
invitation at once; where an address was typed by somebody, the only way to it is outside.py.
"""
