#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients that take their time: ten seconds for a request and for its answer.

All of them are at it at the same time, as they must be waited for.
"""

import contextlib
import select
import socket
import time

from client import connect, read_one, request_bytes
from harness import Cases, Exporter, PATIENCE, Sim, main, test, wait_until
from webfiles import TLS, certified

LIMIT = 10
# Between bytes; far less than what libevent waits for the next one.
PACE = 0.2
HELLO = bytes.fromhex('16030100750100007103034f')

POST = b'POST /-/reload HTTP/1.1\r\nHost: x\r\n'
GET = b'GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n'

# What is sent at once, and what then drips.
SENDERS = {
    'silence': (b'', b''),
    'a request line': (b'', b'x' * 1000),
    'a header': (b'GET / HTTP/1.1\r\n', b'A: b\r\n' * 40),
    'a header after a request': (GET, b'GET / HTTP/1.1\r\nA: b'),
    'requests at once, the last without end': (GET * 3 + b'GET', b''),
    'a body': (POST + b'Content-Length: 8000\r\n\r\n', b'x' * 1000),
    'a body that was asked for': (
        POST + b'Expect: 100-continue\r\nContent-Length: 8000\r\n\r\n',
        b'x' * 1000),
    'the size of a chunk': (POST + b'Transfer-Encoding: chunked\r\n\r\n',
                            b'0' * 1000),
    'chunks': (POST + b'Transfer-Encoding: chunked\r\n\r\n',
               b'1\r\nx\r\n' * 100),
    'what follows the chunks': (
        POST + b'Transfer-Encoding: chunked\r\n\r\n0\r\n', b'A: b\r\n' * 40),
}


def drip(sock, at_once, more):
    """How long it takes until the connection ends."""
    began = time.monotonic()
    with contextlib.suppress(OSError):
        sock.sendall(at_once)
        while time.monotonic() < began + PATIENCE:
            if select.select([sock], [], [], PACE)[0] and not sock.recv(4096):
                break
            sock.sendall(more[:1])
            more = more[1:]
    return time.monotonic() - began


def send_slowly(exporter, at_once, more):
    with connect(exporter.addresses[0], PATIENCE, exporter.tls) as sock:
        return drip(sock, at_once, more)


def stall_a_handshake(exporter, at_once, more):
    with connect(exporter.addresses[0], PATIENCE) as sock:
        return drip(sock, at_once, more)


def read_slowly(exporter, size):
    """Reads `size` bytes at a time, having asked for more than the kernel
    keeps for either side."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.settimeout(PATIENCE)
        sock.connect(exporter.addresses[0])
        if exporter.tls:
            sock = exporter.tls.wrap_socket(sock,
                                            server_hostname='127.0.0.1')
        with sock:
            began = time.monotonic()
            sock.sendall(b'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n' * 80)
            gone = select.poll()
            gone.register(sock, 0)      # reports errors and hang-ups alone
            with contextlib.suppress(OSError):
                while time.monotonic() < began + PATIENCE and \
                        not gone.poll(1000 * PACE):
                    if size:
                        sock.recv(size)
            return time.monotonic() - began


def stay_idle(exporter):
    """Asks again when others have been cut for long."""
    with connect(exporter.addresses[0], PATIENCE, exporter.tls) as sock, \
            sock.makefile('rb') as stream:
        ask = request_bytes(exporter.addresses[0], '/-/healthy', close=False)
        sock.sendall(ask)
        assert read_one(stream).status == 200
        assert not select.select([sock], [], [], LIMIT + 3)[0], 'it ended'
        sock.sendall(ask)
        assert read_one(stream).status == 200


def check_times(cases, name, exporter):
    """Begins everything; gives what waits for it to end."""
    fds = int(exporter.page('/metrics').value('process_open_fds'))
    lives = {what: exporter.later(send_slowly, exporter, *sent)
             for what, sent in SENDERS.items()}
    lives['nothing is read'] = exporter.later(read_slowly, exporter, 0)
    lives['little is read'] = exporter.later(read_slowly, exporter, 1)
    if exporter.tls:
        for what, sent in (('a handshake', (HELLO, b'')),
                           ('a dripping handshake', (HELLO, bytes(1000)))):
            lives[what] = exporter.later(stall_a_handshake, exporter, *sent)
    idle = exporter.later(stay_idle, exporter)

    def check():
        for what, life in lives.items():
            with cases.row('%s, %s' % (name, what)):
                took = life.result(2 * PATIENCE)
                assert LIMIT <= took < PATIENCE, took
        with cases.row(name + ', an idle connection'):
            idle.result(2 * PATIENCE)
        with cases.row(name + ', all are gone'):
            wait_until(lambda: int(exporter.page('/metrics').value(
                'process_open_fds')) <= fds, 'descriptors are to be closed')
    return check


@test
def what_takes_longer_than_ten_seconds_is_cut():
    with Sim('--behave=hang') as sim, certified() as files, Cases() as cases:
        files.write('modules.yml', 'modules: {slow: {timeout: 13s}}')
        more = '--config.file=' + files.path('modules.yml')
        with Exporter(more) as plain, Exporter(
                more, files.config(TLS), tls=files.client()) as secure:
            # Making an answer may take longer.
            patient = [exporter.later(exporter.probe, sim.http, module='slow')
                       for exporter in (plain, secure)]
            for check in [check_times(cases, 'HTTP', plain),
                          check_times(cases, 'HTTPS', secure)]:
                check()
            for probe in patient:
                assert probe.result(PATIENCE).value(
                    'probe_failure_info', reason='timeout') == '1'


if __name__ == '__main__':
    main()
