#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Requests that are odd or made to be read in two ways.

Behind each comes a good request on the same connection.  Where it is in doubt
where the odd one ends, the good one must not be answered: a proxy in front may
have taken it for a part of the odd one.
"""

import contextlib
import re
import ssl
import time

from client import connect, read_all
from harness import Cases, Exporter, PATIENCE, Sim, main, probe_path, test
from webfiles import TLS, certified

GOOD = b'GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'


def get(*lines, first=b'GET /-/healthy HTTP/1.1', end=b'\r\n'):
    return end.join((first, b'Host: x') + lines) + 2 * end


def post(*lines, body=b'', end=b'\r\n'):
    return get(*lines, first=b'POST /-/reload HTTP/1.1', end=end) + body


def chunk(size, data=b'hello'):
    return post(b'Transfer-Encoding: chunked',
                body=size + b'\r\n' + data + b'\r\n0\r\n\r\n')


# What is sent, and the statuses that may come; each tuple is an answer to all
# of it, () a connection that is closed without one.
REFUSED = {(), (400,)}
BODY = {(413,)}
BOTH = {(400,), (413,)}
NOT_TAKEN = {(), (400,), (413,)}
ROWS = {
    # Where does it end?
    'a body': (post(b'Content-Length: 5', body=b'hello'), BODY),
    'the body of a GET': (get(b'Content-Length: 5') + b'hello', BODY),
    'the body of a HEAD': (get(
        b'Content-Length: 5', first=b'HEAD /-/healthy HTTP/1.1') + b'hello',
        BODY),
    'no such body': (post(b'Content-Length: 0', body=b''), {(200, 200)}),
    'an empty chunked body': (post(b'Transfer-Encoding: chunked',
                                   body=b'0\r\n\r\n'), BODY),
    'a chunked body of a GET': (get(b'Transfer-Encoding: chunked') +
                                b'5\r\nhello\r\n0\r\n\r\n', BODY),
    'chunks and a length': (post(b'Content-Length: 5',
                                 b'Transfer-Encoding: chunked',
                                 body=b'0\r\n\r\n'), BOTH),
    'a length and chunks': (post(b'Transfer-Encoding: chunked',
                                 b'Content-Length: 5',
                                 body=b'0\r\n\r\n'), BOTH),
    'no length and chunks': (get(b'Content-Length: 0',
                                 b'Transfer-Encoding: chunked') +
                             b'0\r\n\r\n', BOTH),
    'two lengths': (post(b'Content-Length: 0', b'Content-Length: 5',
                         body=b'hello'), BODY),
    'two other lengths': (post(b'Content-Length: 5', b'Content-Length: 0',
                               body=b'hello'), BODY),
    'two lengths in one': (post(b'Content-Length: 0, 5', body=b'hello'),
                           NOT_TAKEN),
    'a length with a sign': (post(b'Content-Length: +0'), NOT_TAKEN),
    'a length below zero': (post(b'Content-Length: -1'), NOT_TAKEN),
    'a length in hexadecimal': (post(b'Content-Length: 0x0'), NOT_TAKEN),
    'a length without end': (post(b'Content-Length: ' + b'9' * 40),
                             NOT_TAKEN),
    'a length of nothing': (post(b'Content-Length:'), NOT_TAKEN),
    'chunks by another name': (get(b'Transfer-Encoding: xchunked'), BODY),
    'chunks twice': (post(b'Transfer-Encoding: chunked, chunked',
                          body=b'0\r\n\r\n'), BOTH),
    'chunks or not': (post(b'Transfer-Encoding: identity',
                           b'Transfer-Encoding: chunked',
                           body=b'0\r\n\r\n'), BODY),
    'chunks on the next line': (post(b'Transfer-Encoding:\r\n chunked',
                                     body=b'0\r\n\r\n'), NOT_TAKEN),
    'chunks behind a tab': (post(b'Transfer-Encoding:\tchunked',
                                 body=b'0\r\n\r\n'), NOT_TAKEN),
    'a huge chunk': (chunk(b'FFFFFFFFFFFFFFFF'), NOT_TAKEN),
    'a chunk of more than memory': (chunk(b'7FFFFFFFFFFFFFF0'), NOT_TAKEN),
    'a chunk that is too large': (chunk(b'10000', b'x' * 65536), NOT_TAKEN),
    'a chunk below zero': (chunk(b'-1'), NOT_TAKEN),
    'a chunk with a prefix': (chunk(b'0x5'), NOT_TAKEN),
    'a chunk with a sign': (chunk(b'+5'), NOT_TAKEN),
    'a chunk that is no number': (chunk(b'five'), NOT_TAKEN),
    'a chunk with an extension': (chunk(b'5;a=b'), NOT_TAKEN),
    'a chunk with a line feed': (post(b'Transfer-Encoding: chunked',
                                      body=b'5\nhello\n0\n\n'), NOT_TAKEN),
    'a blank before the colon': (post(b'Content-Length : 5', body=b'hello'),
                                 {(400,)}),
    'a tab before the colon': (post(b'Transfer-Encoding\t: chunked',
                                    body=b'0\r\n\r\n'), {(400,)}),
    'a blank in a name': (get(b'Content Length: 5'), {(400,)}),
    'a name that is none': (get(b'Content\xe9: 5'), {(400,)}),
    'a header without a name': (get(b': 5'), REFUSED),
    'a header without a colon': (get(b'Content-Length'), REFUSED),
    'a NUL in a header': (get(b'Content-Length: 0\0 5'), REFUSED),
    'a NUL in a name': (get(b'X\0Content-Length: 5'), REFUSED),
    'a NUL in a path': (get(first=b'GET /-/healthy\0x HTTP/1.1'), REFUSED),
    'too many headers': (get(*[b'a:'] * 1000), REFUSED),
    'a header beyond all bounds': (get(b'A: ' + b'x' * 9000),
                                   {(), (400,), (413,)}),
    # RFC 9112, 2.2 and 5.2 let a server take them.
    'line feeds alone': (get(b'A: b', end=b'\n'), {(200, 200)}),
    'a header on two lines': (get(b'A: b', b' c'), {(200, 200), (400,)}),
    'a carriage return alone': (get(b'A: b\rContent-Length: 5'),
                                {(200, 200), (400,), ()}),
    # Is it HTTP?
    'HTTP/0.9': (b'GET /-/healthy\r\n\r\n', REFUSED),
    'HTTP/0.9 by name': (get(first=b'GET /-/healthy HTTP/0.9'),
                         REFUSED),
    'HTTP/1.9': (get(first=b'GET /-/healthy HTTP/1.9'), {(200, 200)}),
    'HTTP/2.0': (get(first=b'GET /-/healthy HTTP/2.0'), REFUSED),
    'the preface of HTTP/2': (b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', REFUSED),
    'a version without end': (get(first=b'GET / HTTP/1.' + b'1' * 40),
                              REFUSED),
    'such a version and too many headers': (
        get(*[b'a:'] * 300, first=b'GET / HTTP/1.77'), REFUSED),
    'no version': (get(first=b'GET /-/healthy HTTP/'), REFUSED),
    'another protocol': (get(first=b'GET /-/healthy ICAP/1.0'), REFUSED),
    'empty lines': (b'\r\n\r\n\r\n', REFUSED | {(200,)}),
    'bytes': (bytes(range(256)) * 4, REFUSED),
    'the beginning of TLS': (
        bytes.fromhex('16030100750100007103034f') + bytes(110), REFUSED),
    # Of whom is it asked?
    'no host': (b'GET /-/healthy HTTP/1.1\r\n\r\n', {(400,)}),
    'no host, nor need of one': (b'GET /-/healthy HTTP/1.0\r\n\r\n',
                                 {(200,)}),
    'a host that is empty': (b'GET /-/healthy HTTP/1.1\r\nhost:\r\n\r\n',
                             {(200, 200)}),
    'two hosts': (get(b'Host: y'), {(400,)}),
    'the same host twice': (get(b'HOST: x'), {(400,)}),
    'two hosts where none is needed': (get(
        b'Host: y', first=b'GET /-/healthy HTTP/1.0'), {(400,)}),
    # Which page?
    'a URL': (get(first=b'GET http://x/-/healthy HTTP/1.1'), {(400,)}),
    'a URL of somebody else': (get(
        first=b'GET https://example.org:8443/ HTTP/1.1'), {(400,)}),
    'no path': (get(first=b'GET healthy HTTP/1.1'), {(400, 200), (400,)}),
    'OPTIONS *': (get(first=b'OPTIONS * HTTP/1.1'), {(400, 200), (400,)}),
    'CONNECT': (get(first=b'CONNECT example.org:443 HTTP/1.1'),
                {(501,), (400,)}),
    'a fragment': (get(first=b'GET /-/healthy#x HTTP/1.1'),
                   {(404, 200), (400,)}),
    # Methods.
    'OPTIONS': (get(first=b'OPTIONS / HTTP/1.1'), {(405, 200)}),
    'DELETE': (get(first=b'DELETE /config HTTP/1.1'), {(405, 200)}),
    'TRACE': (get(first=b'TRACE / HTTP/1.1'), {(405, 200)}),
    'PATCH': (get(first=b'PATCH / HTTP/1.1'), {(405, 200)}),
    'PROPFIND': (get(first=b'PROPFIND / HTTP/1.1'), {(501,), (400,)}),
    'a method in small letters': (get(first=b'get / HTTP/1.1'),
                                  {(501,), (400,)}),
    'a method without end': (get(first=b'G' * 4000 + b' / HTTP/1.1'),
                             {(501,), (400,), (413,)}),
    'no method': (get(first=b' / HTTP/1.1'), REFUSED | {(501,)}),
}


def statuses(raw):
    """Of the answers that came, each of which must be whole."""
    found = []
    while raw:
        head, blank, rest = raw.partition(b'\r\n\r\n')
        assert blank, 'no complete head: %r' % raw[:300]
        status = re.match(rb'HTTP/1\.[01] (\d{3}) ', head)
        assert status, head
        found.append(int(status.group(1)))
        length = re.search(rb'(?i)\r\ncontent-length: (\d+)', head)
        if not length:
            break       # it ends with the connection
        # A HEAD, which comes last, has a body's length and no body.
        assert not rest or len(rest) >= int(length.group(1)), raw[-300:]
        raw = rest[int(length.group(1)):]
    return tuple(found)


def exchange(exporter, sent):
    """The statuses of the answers to all that is sent."""
    raw = b''
    with connect(exporter.addresses[0], PATIENCE, exporter.tls) as sock, \
            contextlib.suppress(ConnectionError, ssl.SSLError):
        end = time.monotonic() + PATIENCE
        sock.sendall(sent)
        while time.monotonic() < end:
            piece = sock.recv(65536)
            if not piece:
                break
            raw += piece
        else:
            assert False, 'the connection is not closed'
    return statuses(raw)


def check_rows(exporter):
    with Cases() as cases:
        for name, (sent, wanted) in ROWS.items():
            with cases.row(name):
                came = exchange(exporter, sent + GOOD)
                assert came in wanted, (came, wanted)
                assert exchange(exporter, GOOD) == (200,)


@test
def odd_requests_are_refused_or_answered():
    with Exporter() as exporter:
        check_rows(exporter)


@test
def odd_requests_are_refused_or_answered_within_tls():
    with certified() as files, Exporter(
            files.config(TLS), tls=files.client()) as exporter:
        check_rows(exporter)


@test
def requests_are_answered_in_their_order():
    paths = ('/-/healthy', '/nosuch', '/probe', '/-/healthy', '/config')
    with certified() as files, Sim('--behave=delay=200') as sim, \
            Exporter() as plain, Exporter(
                files.config(TLS), tls=files.client()) as secure:
        for exporter in plain, secure:
            # The first one takes its time.
            sent = get(first=b'GET %s HTTP/1.1' %
                       probe_path(sim.http).encode())
            sent += b''.join(get(first=b'GET %s HTTP/1.1' % path.encode())
                             for path in paths)
            assert exchange(exporter, sent + GOOD) == (
                200, 200, 404, 400, 200, 200, 200)


@test
def a_request_that_will_be_cut_starts_no_probe():
    # Else the probe would wait for a client that is gone, and is not counted.
    with Sim('--behave=hang') as sim, Exporter() as exporter:
        first = b'GET %s HTTP/1.1' % probe_path(sim.http).encode()
        for behind in (b'\0', b'\n' * 300) * 5:
            assert exchange(exporter, get(first=first) + behind) == (400,)
        page = exporter.page('/metrics')
        assert page.value('coda56_exporter_probes_in_flight') == '0'


@test
def a_client_that_misbehaves_while_it_waits_harms_nobody():
    # What comes behind a request is looked at when it is answered.
    with Sim('--behave=delay=300') as sim, Exporter() as exporter:
        path = probe_path(sim.http).encode()
        waiting = exporter.later(exporter.probe, sim.http)
        for behind in (b'x' * 20000, GOOD * 300):
            came = exchange(exporter, get(
                first=b'GET %s HTTP/1.1' % path) + behind)
            assert came in {(), (200,), (200, 400), (400,)}, came
        assert waiting.result(PATIENCE).value('probe_success') == '1'
        assert exporter.probe(sim.http).value('probe_success') == '1'


if __name__ == '__main__':
    main()
