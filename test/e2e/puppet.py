# SPDX-License-Identifier: MIT
"""A server on loopback that does with every connection what a test says:
bytes that no simulated modem would send."""

import contextlib
import socket
import threading

from harness import PATIENCE


class Puppet:
    """`play` is called with a connection and what to wait on between bytes:
    `pause(seconds)` is true when the test is over."""

    def __init__(self, play, address='127.0.0.1'):
        self._play = play
        self._over = threading.Event()
        self._socket = socket.create_server((address, 0), backlog=64)
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._open = []
        self.connections = 0
        self.address = '%s:%d' % self._socket.getsockname()

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, kind, error, trace):
        self._over.set()
        # Wakes the thread that accepts.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._threads[0].join(PATIENCE)
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join(PATIENCE)
        self._socket.close()

    def _serve(self):
        while not self._over.is_set():
            try:
                connection = self._socket.accept()[0]
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            thread = threading.Thread(target=self._act, args=(connection,),
                                      daemon=True)
            self._threads.append(thread)
            thread.start()

    def _act(self, connection):
        with connection, contextlib.suppress(OSError):
            self._play(connection, self._over.wait)


def read_head(connection):
    """A request, which has no body; empty at the end of a connection."""
    head = b''
    while not head.endswith(b'\r\n\r\n'):
        piece = connection.recv(65536)
        if not piece:
            return b''
        head += piece
    return head


def answering(answer):
    """A play: these bytes for every request, then the end."""
    def play(connection, pause):
        if read_head(connection):
            connection.sendall(answer)
    return play
