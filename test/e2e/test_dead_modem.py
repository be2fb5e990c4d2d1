#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A modem that is off, booting or something else: 200, and why."""

import contextlib
import socket
import subprocess
import threading

from contract import check_dead
from harness import (Cases, Exporter, FACTOR, PATIENCE, Sim, host_and_port,
                     isolated, main, test)

TIMEOUT = 2 * FACTOR


class ClosedPort:
    """Bound, so that nobody else gets it, and not listening: refuses."""

    def __init__(self, family=socket.AF_INET, host='127.0.0.1'):
        self._socket = socket.socket(family)
        self._socket.bind((host, 0))
        self.port = self._socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self._socket.close()


class PlainServer:
    """Answers the first bytes of a connection, whatever they are, with 400
    in plain HTTP, as many servers do."""

    def __enter__(self):
        self._socket = socket.create_server(('127.0.0.1', 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def _serve(self):
        while True:
            connection = self._socket.accept()[0]
            with connection, contextlib.suppress(ConnectionError):
                if not connection.recv(65536):
                    return
                connection.sendall(b'HTTP/1.0 400 Bad Request\r\n\r\n')

    def __exit__(self, kind, error, trace):
        # A connection without a byte is what the thread takes for the end.
        socket.create_connection(('127.0.0.1', self.port)).close()
        self._thread.join(PATIENCE)
        self._socket.close()


@test
def a_closed_port_refuses():
    with ClosedPort() as closed, Exporter() as exporter, Cases() as cases:
        for scheme in ('https', 'http'):
            with cases.row(scheme):
                page = exporter.probe('%s://127.0.0.1:%d' % (
                    scheme, closed.port), timeout=TIMEOUT)
                check_dead(page, 'connect_refused')
                assert page.value('probe_ip_protocol') == '4'


@test
def a_closed_port_refuses_over_ipv6():
    with ClosedPort(socket.AF_INET6, '::1') as closed, \
            Exporter() as exporter:
        page = exporter.probe('[::1]:%d' % closed.port, timeout=TIMEOUT)
        check_dead(page, 'connect_refused')
        assert page.value('probe_ip_protocol') == '6'


@test
def a_modem_that_stops_listening_refuses():
    with Sim() as sim, Exporter() as exporter:
        assert exporter.probe(sim.https).value('probe_success') == '1'
        sim.behave('refuse')
        check_dead(exporter.probe(sim.https, timeout=TIMEOUT),
                   'connect_refused')
        sim.behave()
        assert exporter.probe(sim.https).value('probe_success') == '1'


@test
def silence_is_waited_for_until_the_deadline():
    with Sim('--behave=silent') as sim, Exporter() as exporter:
        for url in sim.urls:
            check_dead(exporter.probe(url, timeout=TIMEOUT),
                       'connect_timeout')


@test
def a_handshake_that_hangs_is_a_timeout():
    with Sim('--behave=handshake-hang') as sim, Exporter() as exporter:
        check_dead(exporter.probe(sim.https, timeout=TIMEOUT), 'timeout')


@test
def a_handshake_that_fails_is_said_to():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for way in ('garbage', 'close', 'reset'):
            with cases.row(way):
                sim.behave('handshake-' + way)
                check_dead(exporter.probe(sim.https, timeout=TIMEOUT),
                           'tls_handshake_failed')


@test
def plain_http_where_tls_is_expected_fails_the_handshake():
    with PlainServer() as server, Exporter() as exporter:
        page = exporter.probe('https://127.0.0.1:%d' % server.port,
                              timeout=TIMEOUT)
        check_dead(page, 'tls_handshake_failed')


@test
def plain_http_that_waits_for_the_end_of_a_hello_is_a_timeout():
    # Old firmware: a ClientHello is the beginning of some long head.
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe('https://' + host_and_port(sim.http),
                              timeout=TIMEOUT)
        check_dead(page, 'timeout')


@test
def tls_where_plain_http_is_expected_is_no_answer():
    # An alert or nothing, as the modem likes; a byte of either is not HTTP.
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe('http://' + host_and_port(sim.https),
                              timeout=TIMEOUT)
        check_dead(page, 'http_protocol', 'connection_reset', 'truncated')


@test
def the_modem_is_found_again_when_it_is_back():
    with Sim('--behave=handshake-close') as sim, Exporter() as exporter:
        for rules, success in (((), '1'), (('handshake-reset',), '0'),
                               (('hang',), '0'), ((), '1')):
            sim.behave(*rules)
            page = exporter.probe(sim.https, timeout=TIMEOUT)
            assert page.value('probe_success') == success, rules


def ip(*words):
    subprocess.run(('ip',) + words, check=True, timeout=PATIENCE)


@test
@isolated
def an_address_without_a_route_is_unreachable():
    with Exporter() as exporter, Cases() as cases:
        for target in ('10.44.0.1', 'http://10.44.0.1', '[fd44::1]'):
            with cases.row(target):
                check_dead(exporter.probe(target, timeout=TIMEOUT),
                           'unreachable')


@test
@isolated
def an_address_that_is_said_to_be_unreachable_is():
    ip('route', 'add', 'unreachable', '127.44.0.1/32', 'table', 'local')
    with Exporter() as exporter:
        check_dead(exporter.probe('127.44.0.1', timeout=TIMEOUT),
                   'unreachable')


if __name__ == '__main__':
    main()
