"""What stops a benchmark."""


class BenchError(Exception):
    """The benchmark cannot give an honest figure: a program failed or answered wrongly."""
