"""What stops a benchmark."""


class Skip(Exception):
    """This machine cannot run the benchmark at all; the message says what is missing."""
