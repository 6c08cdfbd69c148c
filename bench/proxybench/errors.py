"""What stops a benchmark."""


class BenchError(Exception):
    """The benchmark cannot give an honest figure: a proxy failed to start, to do its duty, or to answer."""


class Skip(Exception):
    """This machine cannot run the benchmark at all; the message says what is missing."""
