"""How a command or a server says what it cannot do with what it was given."""


class WrongSetting(Exception):
    """A setting that cannot be used. The text names it and the remedy, in one line."""
