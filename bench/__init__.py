"""
How fast it is, beside the peers that are installed here.

`make bench` runs everything and rewrites the figures in bench/README.md; see there.
"""
