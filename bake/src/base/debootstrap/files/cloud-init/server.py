"""Loads cloud-init once, and runs each of its four stages in a child of its own.

Before 24.3 every stage is a process that loads all of cloud-init anew, which is most of what it does: six seconds of an
emulated machine each time. This is what cloud-init does by itself from then on (its cmd/main.py, `--all-stages`).

It is started as the first stage. The others ask for theirs through the socket (client.pl), until the last is done.
"""

import os
import socket
import sys
from contextlib import suppress

from cloudinit.cmd.main import main

SOCKET = "/run/kiln-cloud-init.sock"
LAST = ["modules", "--mode=final"]


def run(words):
    """The exit status of `cloud-init` with these words."""
    child = os.fork()
    if child == 0:
        sys.argv = ["/usr/bin/cloud-init", *words]
        sys.exit(main())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def listen():
    """Nobody but root may ask."""
    umask = os.umask(0o077)
    with suppress(FileNotFoundError):
        os.unlink(SOCKET)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(SOCKET)
    os.umask(umask)
    listener.listen()
    return listener


def say_ready():
    """Has systemd go on: sd_notify(3)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])


def serve(listener):
    words = None
    while words != LAST:
        client, _ = listener.accept()
        with client:
            words = client.makefile().readline().split()
            client.sendall(b"%d\n" % run(words))


status = run(sys.argv[1:])
if status:
    sys.exit(status)
listener = listen()
say_ready()
serve(listener)
os.unlink(SOCKET)
