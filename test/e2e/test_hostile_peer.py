#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Peers that mean harm, in TLS and in HTTP: a failed page and why, in time,
and neither memory nor the processor's time without bound."""

import contextlib
import os
import struct
import zlib

import contract
from harness import (Cases, Exporter, FACTOR, PATIENCE, Sim, main, probe_path,
                     test, wrapper)
from puppet import Puppet, answering, read_head

TIMEOUT = 2 * FACTOR
MIB = 1024 * 1024
# More than any row needs, less than what one would take without a bound.
MEMORY_MAX = 200 * MIB
# Which would else keep a quarter of a GiB of what was freed.
SANITIZER = {'ASAN_OPTIONS': os.environ.get('ASAN_OPTIONS', '') +
             ':quarantine_size_mb=1'}

HANDSHAKE, ALERT, CHANGE = 22, 21, 20
HELLO_REQUEST, SERVER_HELLO, CERTIFICATE = 0, 2, 11


def record(kind, payload, version=0x0303):
    return struct.pack('>BHH', kind, version, len(payload)) + payload


def message(kind, body, length=None):
    return struct.pack('>I', kind << 24 |
                       (len(body) if length is None else length)) + body


def server_hello(version=0x0303, cipher=0xc02f, compression=0):
    """Of TLS 1.2, without extensions."""
    return message(SERVER_HELLO, struct.pack('>H32sBHB', version, b'r' * 32, 0,
                                             cipher, compression))


HELLO = record(HANDSHAKE, server_hello())


def sending(*pieces, end=False):
    """A play: in answer to the ClientHello these, and silence or the end."""
    def play(connection, pause):
        connection.recv(65536)
        for piece in pieces:
            connection.sendall(piece)
        if not end:
            pause(PATIENCE)
    return play


def flooding(piece, before=b''):
    """A play: the same without end."""
    block = piece * (65536 // len(piece))

    def play(connection, pause):
        connection.recv(65536)
        connection.sendall(before)
        while not pause(0):
            connection.sendall(block)
    return play


def dripping(data):
    def play(connection, pause):
        connection.recv(65536)
        for byte in data:
            connection.sendall(bytes((byte,)))
            if pause(0.1):
                return
        pause(PATIENCE)
    return play


def memory(exporter):
    """The most that it ever had, in bytes; 0 where nobody tells."""
    try:
        with open('/proc/%d/status' % exporter.process.pid) as file:
            lines = [line.split() for line in file]
    except FileNotFoundError:
        return 0
    return sum(int(line[1]) * 1024 for line in lines if line[0] == 'VmHWM:')


def check_memory(exporter):
    if not wrapper():
        assert memory(exporter) < MEMORY_MAX, memory(exporter)


HANDSHAKES = {
    'silence': (sending(), 'timeout'),
    'half a ServerHello': (sending(HELLO[:20]), 'timeout'),
    'half a flight': (sending(HELLO), 'timeout'),
    'a byte at a time': (dripping(HELLO), 'timeout'),
    'the end': (sending(end=True), 'tls_handshake_failed'),
    'half a ServerHello, and the end':
        (sending(HELLO[:20], end=True), 'tls_handshake_failed'),
    'half a flight, and the end':
        (sending(HELLO, end=True), 'tls_handshake_failed'),
    'zeros': (flooding(b'\0'), 'tls_handshake_failed'),
    'text': (flooding(b'what? '), 'tls_handshake_failed'),
    'a fatal alert': (sending(record(ALERT, b'\2\50')),
                      'tls_handshake_failed'),
    'warnings without end': (flooding(record(ALERT, b'\1\132')),
                             'tls_handshake_failed'),
    'changes of cipher without end': (flooding(record(CHANGE, b'\1')),
                                      'tls_handshake_failed'),
    'empty records without end': (flooding(record(HANDSHAKE, b'')),
                                  'tls_handshake_failed'),
    # OpenSSL passes over them, and does not look up meanwhile.
    'hello requests without end':
        (flooding(record(HANDSHAKE, message(HELLO_REQUEST, b''))),
         'tls_handshake_failed'),
    'hello requests and warnings without end':
        (flooding(record(HANDSHAKE, message(HELLO_REQUEST, b'')) +
                  record(ALERT, b'\1\132')), 'tls_handshake_failed'),
    'a record of 64 KiB': (flooding(b'a', b'\x16\3\3\xff\xff'),
                           'tls_handshake_failed'),
    'a ServerHello of 16 MiB':
        (flooding(record(HANDSHAKE, b'a' * 16384),
                  record(HANDSHAKE, message(SERVER_HELLO, b'', 0xffffff))),
         'tls_handshake_failed'),
    'a certificate of 16 MiB':
        (flooding(record(HANDSHAKE, b'a' * 16384), HELLO +
                  record(HANDSHAKE, message(CERTIFICATE, b'', 0xffffff))),
         'tls_handshake_failed'),
    'compression': (sending(record(HANDSHAKE, server_hello(compression=1))),
                    'tls_handshake_failed'),
    'no cipher that was offered':
        (sending(record(HANDSHAKE, server_hello(cipher=0x0001))),
         'tls_handshake_failed'),
    'SSL 3.0': (sending(record(HANDSHAKE, server_hello(version=0x0300),
                               0x0300)), 'tls_handshake_failed'),
    'two ServerHellos': (sending(HELLO + HELLO), 'tls_handshake_failed'),
}


@test
def no_handshake_takes_longer_than_the_probe():
    # At the same time, because some take all of it.
    with contextlib.ExitStack() as stack:
        exporter = stack.enter_context(Exporter(environ=SANITIZER))
        cases = stack.enter_context(Cases())
        probes = [(name, reason, exporter.later(
            exporter.probe, stack.enter_context(Puppet(play)).address,
            timeout=TIMEOUT))
            for name, (play, reason) in HANDSHAKES.items()]
        for name, reason, probe in probes:
            with cases.row(name):
                contract.check_dead(probe.result(PATIENCE), reason)
        check_memory(exporter)


@test
def nobody_waits_for_a_handshake_of_others():
    with Exporter() as exporter, Sim() as sim, \
            Puppet(HANDSHAKES['hello requests without end'][0]) as puppet:
        flood = exporter.later(exporter.probe, puppet.address)
        page = exporter.probe(sim.https, timeout=TIMEOUT)
        assert page.value('probe_success') == '1', page.text
        contract.check_dead(flood.result(PATIENCE), 'tls_handshake_failed')


@test
def what_tls_says_to_itself_has_an_end():
    with Cases() as cases:
        for version, behaviour in (('1.3', 'ticket-flood'),
                                   ('1.3', 'key-update-flood'),
                                   ('1.2', 'hello-request')):
            with cases.row(behaviour), \
                    Sim('--tls=' + version, '--behave=' + behaviour) as sim, \
                    Exporter(environ=SANITIZER) as exporter:
                page = exporter.probe(sim.https, timeout=TIMEOUT)
                contract.check_silent(page, 'http_protocol',
                                      'connection_reset', 'timeout')
                check_memory(exporter)
                sim.behave()
                page = exporter.probe(sim.https)
                assert page.value('probe_success') == '1', page.text


# What the simulated modem does with dsinfo.
ENDLESS = {
    'endless-status': 'too_large',
    'endless-continue': 'http_status',
    'endless-trailers': 'http_protocol',
    'endless-chunk': 'too_large',
    'endless-tiny-chunks': 'too_large',
    'endless-chunk-notes': 'too_large',
}


@test
def an_answer_without_end_costs_little():
    with Sim() as sim, Exporter(environ=SANITIZER) as exporter, \
            Cases() as cases:
        for url in sim.urls:
            for behaviour, reason in ENDLESS.items():
                with cases.row('%s, %s' % (behaviour, url)):
                    sim.behave('dsinfo,' + behaviour)
                    page = exporter.probe(url)
                    found = page.labels('probe_failure_info')['reason']
                    assert found == reason or (
                        found == 'timeout' and wrapper()), found
                    assert page.value('probe_endpoint_success',
                                      endpoint='usinfo') == '1'
                    check_memory(exporter)


@test
def headers_that_announce_others_have_an_end():
    # Slowly, so that none of them waits in a buffer.
    early = b'HTTP/1.1 100 Continue\r\nX-Filler: %s\r\n\r\n' % (b'a' * 4000)

    def play(connection, pause):
        read_head(connection)
        while not pause(0.005):
            connection.sendall(early)

    with Exporter() as exporter, Puppet(play) as puppet:
        page = exporter.probe('http://' + puppet.address, timeout=TIMEOUT)
        contract.check_silent(page, 'http_status')


def chunked(*pieces):
    return b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' + \
        b''.join(pieces)


def encoded(name, body):
    return b'HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\n' \
        b'Content-Length: %d\r\n\r\n%s' % (name, len(body), body)


def gzip(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def json_answer(body):
    return b'HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s' % (len(body),
                                                                 body)


BOMB = b'[' + b' ' * 16 * MIB + b']'

# Answers to every request; None: it may as well be taken for empty tables.
ANSWERS = {
    'a gzip bomb': (encoded(b'gzip', gzip(BOMB)), 'not_json'),
    'a gzip bomb that says nothing': (json_answer(gzip(BOMB)), 'not_json'),
    'a deflate bomb': (encoded(b'deflate', zlib.compress(BOMB)), 'not_json'),
    'brotli': (encoded(b'br', b'\x8b\x03\x80[]\x03'), 'not_json'),
    'a length below 0':
        (b'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n[]', 'http_protocol'),
    'a length beyond 64 bits':
        (b'HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\n[]',
         'http_protocol', 'truncated', 'too_large'),
    'a length that is none':
        (b'HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n[]',
         'http_protocol'),
    'a length of 1 TiB':
        (b'HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n[]',
         'truncated', 'too_large'),
    'a chunk below 0': (chunked(b'-1\r\n[]\r\n0\r\n\r\n'), 'http_protocol'),
    'a chunk beyond 64 bits':
        (chunked(b'fffffffffffffffffff\r\n[]\r\n0\r\n\r\n'),
         'http_protocol', 'too_large', 'truncated'),
    'a chunk of the largest size':
        (chunked(b'2\r\n[]\r\nfffffffffffffffe\r\n[]'),
         'http_protocol', 'too_large', 'truncated'),
    'chunks that do not end': (chunked(b'2\r\n[]\r\n'), 'truncated'),
    'a header line without a colon':
        (b'HTTP/1.1 200 OK\r\nwhat\r\n\r\n[]', 'http_protocol'),
    'no status': (b'HTTP/1.1\r\n\r\n[]', 'http_protocol'),
    'a status of words': (b'HTTP/1.1 all right\r\n\r\n[]', 'http_protocol',
                          'http_status'),
    'HTTP 0.9': (b'HTTP/0.9 200 OK\r\n\r\n[]', None, 'not_json',
                 'wrong_shape', 'http_protocol'),
    'HTTP 4294967297.1': (b'HTTP/4294967297.1 200 OK\r\n\r\n[]', None,
                          'wrong_shape', 'http_protocol'),
    'SIP': (b'SIP/2.0 200 OK\r\n\r\n[]', 'http_protocol'),
    'another protocol': (b'HTTP/1.1 101 Switching Protocols\r\n'
                         b'Upgrade: h2c\r\n\r\n', 'http_status'),
    'early hints': (b'HTTP/1.1 103 Early Hints\r\n\r\n', 'http_status'),
    'nothing but a blank line': (b'\r\n\r\n', 'http_protocol'),
    'a number of 900 KB': (json_answer(b'[{"snr":' + b'7' * 900000 + b'}]'),
                           None, 'wrong_shape'),
    'a number of 900 KB with a point':
        (json_answer(b'[{"snr":"0.' + b'7' * 900000 + b'"}]'), None,
         'wrong_shape'),
    'an exponent of 900 KB':
        (json_answer(b'[{"snr":1e' + b'7' * 900000 + b'}]'), None,
         'wrong_shape', 'not_json'),
    'a key 20000 times':
        (json_answer(b'[{' + b','.join([b'"a":1'] * 20000) + b'}]'), None,
         'wrong_shape'),
    'a key with a NUL': (json_answer(b'[{"a\\u0000b":"7"}]'), None,
                         'not_json', 'wrong_shape'),
    '20000 keys': (json_answer(b'[{' + b','.join(
        b'"k%d":1' % i for i in range(20000)) + b'}]'), None, 'wrong_shape'),
}


@test
def no_answer_does_harm():
    with Exporter(environ=SANITIZER) as exporter, Cases() as cases:
        for name, (answer, *reasons) in ANSWERS.items():
            with cases.row(name), Puppet(answering(answer)) as puppet:
                page = exporter.probe('http://' + puppet.address)
                found = page.samples('probe_failure_info')
                reason = found[0].labels['reason'] if found else None
                assert reason in reasons, reason
                assert reason != 'timeout'
        check_memory(exporter)


@test
def a_redirect_is_not_taken_for_that_of_an_earlier_page():
    answer = b'HTTP/1.1 302 No\r\nContent-Length: 0\r\n%s\r\n'

    def play(connection, pause):
        location = b'Location: /first\r\n'
        while read_head(connection):
            connection.sendall(answer % location)
            location = b''

    with Exporter() as exporter, Puppet(play) as puppet:
        log = exporter.ask(probe_path('http://' + puppet.address,
                                      module='gentle', debug='true')).text
        assert puppet.connections == 1, puppet.connections
        assert log.count("302 to '/first'") == 1, log
        assert log.count('status is 302') == 6, log


@test
def an_encoded_answer_is_refused_and_said_to_be_encoded():
    with Exporter() as exporter, \
            Puppet(answering(ANSWERS['a gzip bomb'][0])) as puppet:
        exporter.probe('http://' + puppet.address)
        event = exporter.wait_event(reason='not_json')
        assert 'compressed' in event['error'], event


@test
def requests_are_all_of_one_form():
    heads = []

    def play(connection, pause):
        heads.append(read_head(connection))

    with Puppet(play) as puppet, Exporter() as exporter:
        exporter.probe('http://' + puppet.address, module='full')
    lines = [head.decode('ascii').split('\r\n') for head in heads]
    assert {line[0] for line in lines} == {
        'GET /data/%s.asp HTTP/1.1' % page for page in contract.ALL_PAGES}
    for line in lines:
        assert 'Accept-Encoding: identity' in line, line
        assert 'Host: ' + puppet.address in line, line
        names = [header.split(':')[0] for header in line[1:] if header]
        assert sorted(names) == ['Accept-Encoding', 'Connection', 'Host',
                                 'User-Agent'], names


if __name__ == '__main__':
    main()
