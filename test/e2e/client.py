# SPDX-License-Identifier: MIT
"""HTTP as a scraper speaks it, over a bare socket.

A bare socket, because the tests also send what no HTTP library would send,
and look at what a library would forgive.
"""

import socket
import time

ERROR_TYPE = 'text/plain; charset=utf-8'


class Answer:
    def __init__(self, raw, method):
        head, blank, self.body = raw.partition(b'\r\n\r\n')
        assert blank, 'no complete head: %r' % raw[:300]
        lines = head.decode('latin-1').split('\r\n')
        version, status, self.reason = lines[0].split(' ', 2)
        assert version == 'HTTP/1.1', lines[0]
        self.status = int(status)
        self.headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(':')
            assert colon and name and name == name.strip(), line
            self.headers.append((name.lower(), value.strip()))
        self.length = int(self.header('Content-Length') or 0)
        expected = 0 if method == 'HEAD' else self.length
        assert len(self.body) == expected, \
            'Content-Length %s, but %d bytes came in answer to %s' % (
                self.header('Content-Length'), len(self.body), method)

    def header(self, name):
        """The value of a header that stands at most once, or None."""
        values = [v for n, v in self.headers if n == name.lower()]
        assert len(values) <= 1, '%s repeated: %r' % (name, values)
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode('utf-8')

    def check_manners(self, method, html=False):
        """What holds for every answer of the exporter; `html`: its errors
        are pages."""
        assert self.header('Cache-Control') == 'no-store', self.headers
        assert self.header('X-Content-Type-Options') == 'nosniff', \
            self.headers
        assert self.header('Content-Type'), self.headers
        assert self.header('Content-Length') is not None, self.headers
        if self.status < 400 or html:
            return
        assert self.header('Content-Type') == ERROR_TYPE, self.headers
        if method != 'HEAD':
            assert self.text.endswith('\n') and self.text.count('\n') == 1 \
                and self.text.strip() and self.text.strip().isprintable(), \
                'not one line of text: %r' % self.body


def connect(address, patience, tls=None):
    """`tls`: an ssl.SSLContext."""
    sock = socket.create_connection(address, timeout=patience)
    if tls is None:
        return sock
    try:
        # An end that nobody announced is not forgiven.
        return tls.wrap_socket(sock, server_hostname=address[0],
                               suppress_ragged_eofs=False)
    except BaseException:
        sock.close()
        raise


def read_all(sock, patience):
    """Everything up to the end of the connection."""
    end = time.monotonic() + patience
    pieces = []
    while True:
        left = end - time.monotonic()
        assert left > 0, 'the answer does not end: %r' % b''.join(pieces)[:300]
        sock.settimeout(left)
        try:
            piece = sock.recv(65536)
        except socket.timeout:
            continue
        if not piece:
            return b''.join(pieces)
        pieces.append(piece)


def request_bytes(address, path, method='GET', headers=None, close=True):
    host = '[%s]' % address[0] if ':' in address[0] else address[0]
    lines = ['%s %s HTTP/1.1' % (method, path),
             'Host: %s:%d' % (host, address[1])]
    if close:
        lines.append('Connection: close')
    lines += ['%s: %s' % pair for pair in (headers or {}).items()]
    if method not in ('GET', 'HEAD'):
        lines.append('Content-Length: 0')
    return ('\r\n'.join(lines) + '\r\n\r\n').encode('latin-1')


def ask(address, path, patience, method='GET', headers=None, tls=None):
    """One request, one answer, one connection."""
    with connect(address, patience, tls) as sock:
        sock.sendall(request_bytes(address, path, method, headers))
        return Answer(read_all(sock, patience), method)


def read_one(stream, method='GET'):
    """One answer from a connection that stays open, by its length."""
    raw = b''
    while not raw.endswith(b'\r\n\r\n'):
        line = stream.readline()
        assert line, 'the connection ended within a head: %r' % raw
        raw += line
    length = 0
    for line in raw.lower().split(b'\r\n'):
        if line.startswith(b'content-length:'):
            length = int(line.split(b':')[1])
    if method != 'HEAD':
        raw += stream.read(length)
    return Answer(raw, method)
