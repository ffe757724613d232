"""The numbers of PostgreSQL's advisory locks, which are one for the whole database: each stands for one thing."""

MIGRATING = 7_236_401_155
LOGGING = 7_236_401_156
"""Taken by the database itself, which has the number from storage/migrations/0004_people.py."""
KEEPING_HOUSE = 7_236_401_157
ADMITTING_SITES = 7_236_401_158
