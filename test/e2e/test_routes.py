#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which paths and methods there are, and what they answer."""

import os
import re
import socket

from client import Answer, connect, read_all, read_one, request_bytes
from harness import Cases, Exporter, PATIENCE, Sim, main, probe_path, test

ROUTES = ('/', '/metrics', '/probe', '/modem', '/logs', '/config', '/-/healthy',
          '/-/ready', '/-/reload', '/favicon.ico')
# Those that take no parameter and answer the same again and again.
STILL = ('/', '/config', '/-/healthy', '/-/ready', '/favicon.ico')
TABLE = os.path.join(os.path.dirname(__file__), '../../exporter/routes.h')


@test
def every_route_of_the_table_is_tried_here():
    with open(TABLE) as file:
        known = set(re.findall(r'^\tX\("(/[^"]*)"', file.read(), re.M))
    assert known | {'/metrics'} == set(ROUTES), known ^ set(ROUTES)


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
            for part in ('<form', 'action="/modem"',
                         'formaction="/probe"', 'name="target"',
                         'name="module"', 'coda56', 'href="/metrics"',
                         'href="/-/healthy"', 'href="/-/ready"'):
                with cases.row(part):
                    assert part in answer.text, answer.text


def check_icon(body):
    """One icon whose parts are as long as their heads say (the ICO format)."""
    def number(at, size=4):
        return int.from_bytes(body[at:at + size], 'little')

    assert body[:6] == b'\0\0\1\0\1\0', body[:6]
    width, height = body[6], body[7]
    size, start = number(14), number(18)
    assert start == 22 and start + size == len(body), (start, size)
    assert number(start) == 40 and number(start + 4) == width
    assert number(start + 8) == 2 * height      # the pixels and their mask
    bits, colours = number(start + 14, 2), number(start + 32)
    row = (width * bits + 31) // 32 * 4
    mask = (width + 31) // 32 * 4
    assert size == 40 + 4 * colours + height * (row + mask), size


@test
def the_icon_is_one_and_is_not_logged():
    with Exporter('--log.level=debug') as exporter:
        answer = exporter.ask('/favicon.ico')
        assert answer.status == 200
        assert answer.header('Content-Type') == 'image/x-icon'
        check_icon(answer.body)
        assert exporter.events() == [], exporter.events()


def check_links(exporter, front, links):
    """A front page whose links are as they should be."""
    answer = exporter.ask(front)
    assert answer.status == 200, answer.text
    found = set(re.findall(r'(?:href|action)="([^"]*)"', answer.text))
    assert found == {links + page for page in (
        '', 'modem', 'probe', 'metrics', 'config', '-/healthy', '-/ready',
        'favicon.ico')}, found
    # What the browser may load besides the page.
    assert "img-src 'self'" in answer.header('Content-Security-Policy')


@test
def routes_live_below_a_prefix_and_links_know_the_way():
    url = 'https://example.org/modems'
    with Sim() as sim, Cases() as cases:
        for args, prefix, links, home in (
                ((), '', '/', None),
                (('--web.route-prefix=/a/b',), '/a/b', '/a/b/', '/a/b/'),
                (('--web.external-url=' + url,), '/modems', '/modems/',
                 url + '/'),
                (('--web.external-url=' + url, '--web.route-prefix=/'), '',
                 '/modems/', None),
                (('--web.external-url=' + url + '/',
                  '--web.route-prefix=own/'), '/own', '/modems/', url + '/')):
            with cases.row(repr(args)), Exporter(*args) as exporter:
                check_links(exporter, prefix + '/', links)
                for path in ROUTES:
                    status = {'/probe': 400, '/modem': 400, '/logs': 400,
                              '/-/reload': 405}.get(path, 200)
                    assert exporter.ask(prefix + path).status == status, path
                page = exporter.page(prefix + probe_path(sim.https))
                assert page.value('probe_success') == '1'
                missing = exporter.ask(prefix + '/nosuch')
                assert missing.status == 404 and links in missing.text, \
                    missing.text
                if home is not None:
                    check_prefix(exporter, prefix, home)


def check_prefix(exporter, prefix, home):
    """Nothing is beside the prefix, and whoever leaves it out is told."""
    for path in ('/', '/?x=1', prefix, prefix + '?x=1'):
        for method in ('GET', 'HEAD'):
            answer = exporter.ask(path, method)
            assert answer.status == 302, (path, answer.status)
            assert answer.header('Location') == home, answer.headers
        answer = exporter.ask(path, 'POST')
        assert answer.status == 405, answer.status
        assert answer.header('Allow') == 'GET, HEAD', answer.headers
    for path in ROUTES[1:] + (prefix + 'probe', prefix + prefix + '/probe',
                              prefix[:-1], prefix + '//', '/probe' + prefix):
        assert exporter.ask(path).status == 404, path
    assert exporter.ask(prefix + '/probe', 'POST').status == 405


@test
def the_telemetry_path_is_below_the_prefix():
    with Exporter('--web.route-prefix=/a', '--web.telemetry-path=/own/x') \
            as exporter:
        assert exporter.page('/a/own/x').labels('coda56_exporter_build_info')
        assert 'href="/a/own/x"' in exporter.ask('/a/').text
        for path in ('/own/x', '/a/metrics', '/metrics'):
            assert exporter.ask(path).status == 404, path


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
            allow = 'POST, PUT' if path == '/-/reload' else 'GET, HEAD'
            for method in ('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS',
                           'PATCH', 'TRACE'):
                if method in allow.split(', '):
                    continue
                with cases.row('%s %s' % (method, path)):
                    answer = exporter.ask(path, method)
                    assert answer.status == 405, answer.status
                    assert answer.header('Allow') == allow, answer.headers


@test
def post_does_not_probe():
    with Sim() as sim, Exporter() as exporter:
        assert exporter.ask(probe_path(sim.https), 'POST').status == 405
        assert sim.report_counters()['connections'] == 0


@test
def head_is_get_without_a_body():
    with Exporter() as exporter, Cases() as cases:
        for path in STILL:
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
        for path in STILL + ('/metrics',):
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
