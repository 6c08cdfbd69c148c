"""The parts of `./dev bench proxy`; see proxy_bench.py, one directory up, for the whole."""
