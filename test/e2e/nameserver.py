# SPDX-License-Identifier: MIT
"""A DNS server of the test's own, on a loopback address.

It sits on port 53, because resolv.conf cannot name another one; a test that
uses it is marked with low_ports.
"""

import os
import socket
import struct
import tempfile
import threading

from harness import loopback_address

PORT = 53
TYPES = {1: 'A', 28: 'AAAA'}
NO_SUCH_NAME = 3


class Nameserver:
    """`names` has an address or a list of them for every name that exists,
    or a function that gives the list.  `replies` makes of a question, its
    name and the answer that it should have the datagrams that are sent."""

    def __init__(self, names=None, replies=None):
        self.names = {name: [value] if isinstance(value, str) else value
                      for name, value in (names or {}).items()}
        self.replies = replies or truth
        self.questions = []

    def __enter__(self):
        self.address = loopback_address()
        self._directory = tempfile.TemporaryDirectory()
        self.resolv_conf = os.path.join(self._directory.name, 'resolv.conf')
        with open(self.resolv_conf, 'w') as file:
            file.write('nameserver %s\n' % self.address)
        self.option = '--dns.resolv-conf=' + self.resolv_conf
        self.open()
        return self

    def __exit__(self, kind, error, trace):
        self.close()
        self._directory.cleanup()

    def open(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.address, PORT))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        # An empty datagram is what the thread takes for the end; whatever
        # came before it has been counted when the thread is over.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b'', (self.address, PORT))
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            packet, client = self._socket.recvfrom(4096)
            if not packet:
                return
            name, answer = self._answer(packet)
            for datagram in self.replies(packet, name, answer):
                self._socket.sendto(datagram, client)

    def _answer(self, packet):
        labels, at = [], 12
        while packet[at]:
            labels.append(packet[at + 1:at + 1 + packet[at]].decode('ascii'))
            at += 1 + packet[at]
        # Resolvers vary the case against spoofing and want it back as sent.
        name = '.'.join(labels).lower()
        kind = TYPES.get(struct.unpack('>H', packet[at + 1:at + 3])[0])
        self.questions.append((name, kind))
        question = packet[12:at + 5]
        addresses = self.names.get(name, ())
        if callable(addresses):
            addresses = addresses()
        records = [record(address) for address in addresses
                   if (':' in address) == (kind == 'AAAA')]
        error = 0 if name in self.names else NO_SUCH_NAME
        return name, packet[:2] + struct.pack(
            '>HHHHH', 0x8180 | error, 1, len(records), 0, 0) + \
            question + b''.join(records)


def truth(question, name, answer):
    return [answer]


def silence(question, name, answer):
    return []


def record(address):
    """A resource record for the name of the question."""
    if ':' in address:
        kind, data = 28, socket.inet_pton(socket.AF_INET6, address)
    else:
        kind, data = 1, socket.inet_pton(socket.AF_INET, address)
    return b'\xc0\x0c' + struct.pack('>HHIH', kind, 1, 0, len(data)) + data
