"""
`python bench/emulator.py HOST PORT`: moto, served so that it costs little; both tools' AWS.

moto's own command is a development server: a connection and a thread for each request, each
logged, and all known services matched against the request's host anew. Of what it takes for
the requests of the AWS provider, more than half is that. Here the same application answers
behind cheroot, which keeps connections, and remembers which service a host is of.

Runs in the environment that moto is in, so it imports nothing of ours.
"""

from __future__ import annotations

import functools
import os
import sys

from cheroot.wsgi import Server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

_THREADS = 10  # as many as terraform sends requests at a time


class Remembering(DomainDispatcherApplication):
    """What moto serves; the answer for a host never changes."""

    get_backend_for_host = functools.cache(DomainDispatcherApplication.get_backend_for_host)


def main() -> None:
    host, port = sys.argv[1], int(sys.argv[2])
    os.environ.setdefault("MOTO_PORT", str(port))  # some answers name the server's own address
    Server((host, port), Remembering(create_backend_app), numthreads=_THREADS).start()


if __name__ == "__main__":
    main()
