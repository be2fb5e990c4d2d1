#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which paths and methods there are, and what they answer."""

import socket

from client import Answer, connect, read_all, read_one, request_bytes
from harness import Cases, Exporter, PATIENCE, Sim, main, probe_path, test

ROUTES = ('/', '/metrics', '/probe', '/config', '/-/healthy', '/-/ready')


@test
def the_process_says_that_it_lives_and_is_ready():
    with Exporter() as exporter:
        for path in ('/-/healthy', '/-/ready'):
            answer = exporter.ask(path)
            assert answer.status == 200, path
            assert answer.header('Content-Type').startswith('text/plain')
        assert exporter.ask('/-/healthy').text.strip() == 'ok'


@test
def a_sick_modem_leaves_the_process_healthy():
    with Sim('--behave=status=500') as sim, \
            Exporter('--modem.target=' + sim.https) as exporter:
        assert exporter.probe(sim.https).value('probe_success') == '0'
        assert exporter.ask('/-/healthy').status == 200
        assert exporter.ask('/-/ready').status == 200


@test
def the_front_page_has_a_form_and_links():
    with Exporter() as exporter:
        answer = exporter.ask('/')
        assert answer.status == 200
        assert answer.header('Content-Type').lower() == \
            'text/html; charset=utf-8'
        with Cases() as cases:
            for part in ('<form', 'action="/probe"', 'name="target"',
                         'name="module"', 'coda56', 'href="/metrics"',
                         'href="/-/healthy"', 'href="/-/ready"'):
                with cases.row(part):
                    assert part in answer.text, answer.text


@test
def unknown_paths_are_not_found():
    with Exporter() as exporter, Cases() as cases:
        for path in ('/nosuch', '/probe/', '/probes', '/Probe', '//probe',
                     '/metrics/', '/-/', '/-/healthy/x', '/%70robe/x',
                     '/nosuch?target=127.0.0.1', '/goform/x', '/..',
                     '/index.html'):
            for method in ('GET', 'HEAD', 'POST'):
                with cases.row('%s %s' % (method, path)):
                    assert exporter.ask(path, method).status == 404


@test
def other_methods_are_refused_with_those_that_are_not():
    with Exporter() as exporter, Cases() as cases:
        for path in ROUTES + ('/probe?target=127.0.0.1',):
            for method in ('POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH',
                           'TRACE'):
                with cases.row('%s %s' % (method, path)):
                    answer = exporter.ask(path, method)
                    assert answer.status == 405, answer.status
                    assert answer.header('Allow') == 'GET, HEAD', \
                        answer.headers


@test
def post_does_not_probe():
    with Sim() as sim, Exporter() as exporter:
        assert exporter.ask(probe_path(sim.https), 'POST').status == 405
        assert sim.report_counters()['connections'] == 0


@test
def head_is_get_without_a_body():
    with Exporter() as exporter, Cases() as cases:
        for path in ('/', '/config', '/-/healthy', '/-/ready'):
            with cases.row(path):
                full, head = exporter.ask(path), exporter.ask(path, 'HEAD')
                assert head.status == full.status == 200
                assert head.length == full.length > 0
                assert head.header('Content-Type') == \
                    full.header('Content-Type')
        with cases.row('/metrics'):
            assert exporter.ask('/metrics', 'HEAD').length > 0


@test
def parameters_of_routes_that_take_none_are_ignored():
    with Exporter() as exporter, Cases() as cases:
        for path in ('/', '/metrics', '/config', '/-/healthy', '/-/ready'):
            for query in ('?', '?x', '?x=1', '?x=1&x=2', '?x=%zz',
                          '?target=127.0.0.1', '?' + 'x' * 4000):
                with cases.row(path + query[:40]):
                    answer = exporter.ask(path + query)
                    assert answer.status == 200, answer.text


@test
def a_connection_serves_several_requests():
    with Sim() as sim, Exporter() as exporter:
        address = exporter.addresses[0]
        with connect(address, PATIENCE) as sock:
            stream = sock.makefile('rb')
            for method, path, status in (
                    ('GET', '/-/healthy', 200), ('GET', '/nosuch', 404),
                    ('GET', probe_path(sim.http), 200),
                    ('GET', '/probe', 400), ('HEAD', '/-/healthy', 200),
                    ('DELETE', '/probe', 405),
                    ('HEAD', probe_path(sim.http), 200),
                    ('GET', '/-/ready', 200)):
                sock.sendall(request_bytes(address, path, method,
                                           close=False))
                answer = read_one(stream, method)
                answer.check_manners(method)
                assert answer.status == status, (method, path)


@test
def http_1_0_is_answered_and_closed():
    with Exporter() as exporter:
        with connect(exporter.addresses[0], PATIENCE) as sock:
            sock.sendall(b'GET /-/healthy HTTP/1.0\r\n\r\n')
            raw = read_all(sock, PATIENCE)
        assert raw.split(b' ')[1] == b'200', raw
        assert raw.partition(b'\r\n\r\n')[2].strip() == b'ok', raw


@test
def what_is_no_request_hurts_only_its_sender():
    with Exporter() as exporter, Cases() as cases:
        for rubbish in (b'\r\n\r\n', b'GET\r\n\r\n', b'\0' * 100,
                        b'GET / HTTP/9.9\r\n\r\n',
                        b'CONNECT 127.0.0.1:80 HTTP/1.1\r\n\r\n',
                        b'NOSUCH / HTTP/1.1\r\n\r\n',
                        b'GET http://[/ HTTP/1.1\r\nHost: x\r\n\r\n',
                        b'GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n',
                        b'GET / HTTP/1.1\r\nX: ' + b'a' * 20000 +
                        b'\r\n\r\n',
                        b'GET /' + b'a' * 20000 + b' HTTP/1.1\r\n\r\n',
                        b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'):
            with cases.row(repr(rubbish[:40])):
                with connect(exporter.addresses[0], PATIENCE) as sock:
                    raw = b''
                    try:
                        sock.sendall(rubbish)
                        # It need not wait for more than this.
                        sock.shutdown(socket.SHUT_WR)
                        raw = read_all(sock, PATIENCE)
                    except OSError:
                        pass    # it hung up on us, which is an answer too
                    assert not raw or raw.split(b' ')[1][:1] in b'45', raw
                assert exporter.ask('/-/healthy').status == 200


@test
def a_request_with_a_body_is_refused():
    with Exporter() as exporter:
        with connect(exporter.addresses[0], PATIENCE) as sock:
            sock.sendall(b'POST /probe HTTP/1.1\r\nHost: x\r\n'
                         b'Connection: close\r\nContent-Length: 5\r\n\r\n'
                         b'hello')
            answer = Answer(read_all(sock, PATIENCE), 'POST')
        assert answer.status in (405, 413), answer.status


@test
def a_request_for_a_whole_url_is_not_for_somebody_else():
    # As a client sends it that takes the exporter for a proxy: answered for
    # the path or refused.
    with Exporter() as exporter:
        host, port = exporter.addresses[0]
        for path, status in (('/-/healthy', 200), ('/nosuch', 404)):
            answer = exporter.ask('http://%s:%d%s' % (host, port, path))
            assert answer.status in (status, 400), (path, answer.status)


if __name__ == '__main__':
    main()
