"""What is true, whatever the framework and the database.

PROMISE: values in, values out. Nothing here knows Flask, peewee, the clock, the environment or chance; whoever
needs one of them passes its value in.
"""
