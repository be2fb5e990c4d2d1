#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The file of --web.config.file: TLS, headers, and what is wrong in it."""

import contextlib
import os
import shutil
import socket
import ssl
import subprocess

from client import Answer, ask, connect, read_all, read_one, request_bytes
from harness import (Cases, Exporter, PATIENCE, Sim, Skip, call, main,
                     no_descriptors, probe_path, test, wait_until)
from webfiles import Directory, TLS, USERS, certified, right, users

CIPHERS_12 = ('TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
              'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
              'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
              'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
              'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
              'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
              'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
              'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
              'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
              'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
              'TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_AES_256_CBC_SHA',
              'TLS_RSA_WITH_AES_128_GCM_SHA256',
              'TLS_RSA_WITH_AES_256_GCM_SHA384')
CIPHERS_13 = ('TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384',
              'TLS_CHACHA20_POLY1305_SHA256')


def refused(exporter, context):
    """Is the client of this context turned away?"""
    try:
        exporter.tls = context
        status = exporter.ask('/-/healthy').status
    except (ssl.SSLError, ConnectionError):
        return True
    assert status == 200, status
    return False


def handshake(exporter, context):
    """What was agreed on: the socket, closed."""
    with connect(exporter.addresses[0], PATIENCE, context) as sock:
        sock.sendall(request_bytes(exporter.addresses[0], '/-/healthy'))
        assert Answer(read_all(sock, PATIENCE), 'GET').status == 200
        return sock.version(), sock.cipher()[0], \
            sock.selected_alpn_protocol()


def frames(exporter):
    """The header by which the tests know a configuration."""
    return exporter.ask('/').header('X-Frame-Options')


def framed(word):
    return 'http_server_config: {headers: {X-Frame-Options: %s}}\n' % word


def powerless():
    """A command before the exporter, by which permissions hold for it."""
    if os.geteuid() != 0:
        return []
    command = ['setpriv', '--bounding-set=-dac_override,-dac_read_search']
    try:
        subprocess.run(command + ['true'], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as why:
        raise Skip('root may read everything: %s' % why)
    return command


def errors(exporter):
    return [e['error'] for e in exporter.events() if e['level'] == 'error']


def check_loaded(exporter, value):
    assert exporter.page('/metrics').value(
        'coda56_exporter_config_last_reload_successful') == value


def serial(exporter, context):
    with connect(exporter.addresses[0], PATIENCE, context) as sock:
        return sock.getpeercert()['serialNumber']


def only(context, version):
    context.minimum_version = context.maximum_version = version
    return context


@test
def everything_goes_over_tls():
    with certified() as files, Sim() as sim, Exporter(
            files.config(TLS + users('alice')),
            tls=files.client()) as exporter:
        assert exporter.ask('/').status == 401
        for method in ('GET', 'HEAD'):
            answer = exporter.ask(probe_path(sim.https), method,
                                  right('alice'))
            assert answer.status == 200, answer.status
        assert answer.length > 1000, answer.headers
        address = exporter.addresses[0]
        # Several requests on a connection, at once as well.
        with connect(address, PATIENCE, exporter.tls) as sock:
            stream = sock.makefile('rb')
            for count in (1, 3):
                sock.sendall(request_bytes(
                    address, '/-/healthy', headers=right('alice'),
                    close=False) * count)
                for again in range(count):
                    assert read_one(stream).status == 200


@test
def versions_are_those_of_today_unless_told_otherwise():
    V = ssl.TLSVersion
    rows = (('', V.TLSv1_2, True), ('', V.TLSv1_3, True),
            ('', V.TLSv1_1, False),
            ('  max_version: TLS12\n', V.TLSv1_3, False),
            ('  max_version: TLS12\n', V.TLSv1_2, True),
            ('  min_version: TLS13\n', V.TLSv1_2, False),
            ('  min_version: TLS10\n', V.TLSv1, True),
            ('  min_version: TLS11\n', V.TLSv1_1, True),
            ('  min_version: TLS11\n', V.TLSv1, False))
    with certified() as files, Cases() as cases:
        for text in sorted({row[0] for row in rows}):
            with Exporter(files.config(TLS + text)) as exporter:
                for row in rows:
                    if row[0] != text:
                        continue
                    with cases.row(repr(row)):
                        context = files.client()
                        context.set_ciphers('ALL:@SECLEVEL=0')
                        assert refused(exporter, only(
                            context, row[1])) != row[2]


@test
def plain_http_is_not_spoken_beside_tls():
    with certified() as files, Exporter(
            files.config(TLS), tls=files.client()) as exporter:
        for request in (b'GET / HTTP/1.1\r\nHost: x\r\n\r\n', b'\0' * 100,
                        b'\x16\x03\x01\x00\x02\x01\x00', b'x'):
            with connect(exporter.addresses[0], PATIENCE) as sock, \
                    contextlib.suppress(OSError):
                sock.sendall(request)
                # What is still waiting for its end hears it now.
                sock.shutdown(socket.SHUT_WR)
                assert b'HTTP' not in read_all(sock, PATIENCE)
            assert exporter.ask('/-/healthy').status == 200


@test
def a_connection_from_before_there_was_tls_is_sent_away():
    with certified() as files, Exporter(files.config('')) as exporter:
        address = exporter.addresses[0]
        with connect(address, PATIENCE) as first, \
                connect(address, PATIENCE) as second, \
                first.makefile('rb') as answers, \
                second.makefile('rb') as others:
            def status(sock, stream, path):
                sock.sendall(request_bytes(address, path, close=False))
                return read_one(stream).status

            assert status(first, answers, '/-/healthy') == 200
            files.config(TLS)
            wait_until(lambda: status(second, others, '/-/healthy') == 400,
                       'TLS')
            assert status(first, answers, '/probe?target=1.2') == 400
            assert answers.read() == b'', 'it goes on without TLS'
        exporter.tls = files.client()
        # It was not the probe that was refused.
        assert exporter.page('/metrics').value(
            'coda56_exporter_probes_rejected_total',
            reason='bad_request') == '0'


@test
def a_head_without_end_is_cut_within_tls_too():
    with certified() as files, Exporter(
            files.config(TLS), tls=files.client()) as exporter:
        with connect(exporter.addresses[0], PATIENCE, exporter.tls) as sock, \
                contextlib.suppress(ConnectionError, ssl.SSLError):
            sock.sendall(b'POST / HTTP/1.1\r\nHost: x\r\n'
                         b'Transfer-Encoding: chunked\r\n\r\n')
            # More than what the kernel keeps for either side.
            for again in range(64):
                sock.sendall(b'1' * 1024 * 1024)
            assert False, 'it takes more and more'
        assert exporter.ask('/-/healthy').status == 200


@test
def http_1_1_is_agreed_on():
    with certified() as files, Exporter(files.config(TLS)) as exporter:
        context = files.client()
        assert handshake(exporter, context)[2] is None
        context.set_alpn_protocols(['h2', 'http/1.1'])
        assert handshake(exporter, context)[2] == 'http/1.1'
        context.set_alpn_protocols(['h2'])
        assert refused(exporter, context)


@test
def clients_are_asked_for_what_the_file_says():
    # Who is let in: without a certificate, with one of the authority, with
    # one that signs itself.
    rows = {
        'NoClientCert': (True, True, True),
        'RequestClientCert': (True, True, True),
        'RequireAnyClientCert': (False, True, True),
        'RequireClientCert': (False, True, True),
        'VerifyClientCertIfGiven': (True, True, False),
        'RequireAndVerifyClientCert': (False, True, False),
    }
    with certified() as files, Cases() as cases:
        files.certificate('authority', authority=True)
        files.certificate('client', 'authority')
        files.certificate('stranger')
        for kind, wanted in rows.items():
            text = TLS + '  client_auth_type: %s\n' % kind
            if kind != 'NoClientCert':
                text += '  client_ca_file: authority.crt\n'
            with Exporter(files.config(text)) as exporter:
                for name, good in zip((None, 'client', 'stranger'), wanted):
                    for version in (ssl.TLSVersion.TLSv1_2,
                                    ssl.TLSVersion.TLSv1_3):
                        with cases.row('%s %s %s' % (kind, name, version)):
                            context = files.client(certificate=name)
                            assert refused(exporter, only(
                                context, version)) != good


@test
def clients_must_have_an_allowed_name():
    allowed = ('good.lan', '10.1.2.3', 'fd00::1', 'who@good.lan',
               'spiffe://good/x')
    rows = (('DNS:good.lan', True), ('DNS:other.lan,DNS:good.lan', True),
            ('DNS:x.good.lan', False), ('DNS:good.lan.x', False),
            ('DNS:*.lan', False), ('IP:10.1.2.3', True),
            ('IP:10.1.2.4', False), ('IP:fd00:0::1', True),
            ('email:who@good.lan', True), ('URI:spiffe://good/x', True),
            ('URI:spiffe://good/', False), (None, False))
    with certified() as files, Cases() as cases:
        files.certificate('authority', authority=True)
        for number, (san, good) in enumerate(rows):
            files.certificate('client%d' % number, 'authority', san)
        files.certificate('stranger', san='DNS:good.lan')
        with Exporter(files.config(
                TLS + '  client_auth_type: RequireAndVerifyClientCert\n'
                '  client_ca_file: authority.crt\n'
                '  client_allowed_sans: [%s]\n' % ', '.join(
                    '"%s"' % name for name in allowed))) as exporter:
            for number, (san, good) in enumerate(rows):
                with cases.row(repr(san)):
                    assert refused(exporter, files.client(
                        certificate='client%d' % number)) != good
            with cases.row('the name alone'):
                assert refused(exporter,
                               files.client(certificate='stranger'))


@test
def sessions_are_resumed_with_client_certificates():
    with certified() as files:
        files.certificate('authority', authority=True)
        files.certificate('client', 'authority')
        with Exporter(files.config(
                TLS + '  client_auth_type: RequireAndVerifyClientCert\n'
                '  client_ca_file: authority.crt\n')) as exporter:
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                context = only(files.client(certificate='client'), version)
                address = exporter.addresses[0]
                with connect(address, PATIENCE, context) as sock:
                    sock.sendall(request_bytes(address, '/-/healthy'))
                    read_all(sock, PATIENCE)
                    session = sock.session
                with socket.create_connection(address) as plain:
                    with context.wrap_socket(
                            plain, server_hostname='127.0.0.1',
                            session=session) as sock:
                        sock.sendall(request_bytes(address, '/-/healthy'))
                        answer = Answer(read_all(sock, PATIENCE), 'GET')
                        assert answer.status == 200
                        assert sock.session_reused, version


@test
def ciphers_and_curves_have_the_names_that_go_gives_them():
    def listed(names):
        return '  cipher_suites: [%s]\n' % ', '.join(names)

    V = ssl.TLSVersion
    with certified() as files, Cases() as cases:
        def row(text, version, cipher=None, curve=None):
            """What is agreed on; None if nothing is."""
            with cases.row('%s %s %s %s' % (text, version, cipher, curve)):
                context = only(files.client(), version)
                if curve:
                    context.set_ecdh_curve(curve)
                if cipher is None:
                    assert refused(exporter, context)
                else:
                    assert handshake(exporter, context)[1] == cipher

        for text, expected in (
                (listed(CIPHERS_12[:1]),
                 ((V.TLSv1_2, 'ECDHE-ECDSA-AES128-GCM-SHA256'),
                  (V.TLSv1_3, 'TLS_AES_256_GCM_SHA384'))),
                (listed(reversed(CIPHERS_12[:2])),
                 ((V.TLSv1_2, 'ECDHE-ECDSA-AES256-GCM-SHA384'),)),
                (listed(CIPHERS_13[:1]),
                 ((V.TLSv1_2, None), (V.TLSv1_3, CIPHERS_13[0]))),
                (listed(CIPHERS_13 + CIPHERS_12),
                 ((V.TLSv1_2, 'ECDHE-ECDSA-AES128-GCM-SHA256'),
                  (V.TLSv1_3, CIPHERS_13[0])))):
            with Exporter(files.config(TLS + text)) as exporter:
                for version, cipher in expected:
                    row(text, version, cipher)
        text = '  curve_preferences: [CurveP384, X25519]\n'
        with Exporter(files.config(TLS + text)) as exporter:
            row(text, V.TLSv1_3, 'TLS_AES_256_GCM_SHA384', 'secp384r1')
            row(text, V.TLSv1_3, None, 'prime256v1')
        text = '  curve_preferences: [CurveP256, CurveP521]\n'
        with Exporter(files.config(TLS + text)) as exporter:
            row(text, V.TLSv1_3, 'TLS_AES_256_GCM_SHA384', 'prime256v1')
            row(text, V.TLSv1_3, None, 'X25519')


@test
def certificates_may_stand_in_the_file_itself():
    def block(name, file):
        return '  %s: |\n%s' % (name, ''.join(
            '    ' + line + '\n' for line in files.read(file).splitlines()))

    with certified() as files:
        files.certificate('authority', authority=True)
        files.certificate('client', 'authority')
        with Exporter(files.config(
                'tls_server_config:\n' + block('cert', 'server.crt') +
                block('key', 'server.key') +
                block('client_ca', 'authority.crt') +
                '  client_auth_type: RequireAndVerifyClientCert\n'
                )) as exporter:
            assert not refused(exporter, files.client(certificate='client'))
            assert refused(exporter, files.client())


@test
def the_whole_chain_is_sent():
    with Directory() as files:
        files.certificate('root', authority=True)
        files.certificate('middle', 'root', authority=True)
        files.certificate('server', 'middle')
        files.write('server.crt', files.read('server.crt') +
                    files.read('middle.crt'))
        with Exporter(files.config(TLS)) as exporter:
            assert not refused(exporter, files.client('root'))


@test
def a_new_certificate_is_for_the_next_connection():
    with certified() as files, Exporter(
            files.config(TLS), tls=files.client()) as exporter:
        address = exporter.addresses[0]
        first = serial(exporter, files.client())
        with connect(address, PATIENCE, files.client()) as old:
            stream = old.makefile('rb')

            def ask_old():
                old.sendall(request_bytes(address, '/-/healthy',
                                          close=False))
                assert read_one(stream).status == 200

            def complaints():
                return sum(e['level'] == 'error' for e in exporter.events())

            ask_old()
            trusted = files.client()
            # Neither half of a pair is served with the other's half.
            key = files.read('server.key')
            files.certificate('other')
            files.write('server.key', files.read('other.key'))
            wait_until(lambda: serial(exporter, trusted) == first and
                       complaints() == 1, 'the key is to be refused')
            exporter.tls = trusted
            check_loaded(exporter, '0')
            files.write('server.crt', files.read('other.crt'))
            trusted = files.client('other')
            wait_until(lambda: not refused(exporter, trusted),
                       'the new pair is to be served')
            second = serial(exporter, trusted)
            assert second != first
            exporter.tls = trusted
            check_loaded(exporter, '1')
            # Gone, or without TLS: what was good stays.
            for number, change in enumerate((
                    lambda: os.unlink(files.path('server.crt')),
                    lambda: files.config('')), 2):
                change()
                wait_until(lambda: serial(exporter, trusted) == second and
                           complaints() == number, 'complaint %d' % number)
            ask_old()
            assert key not in '\n'.join(exporter.lines('stderr'))
        exporter.tls = trusted


@test
def a_file_that_looks_the_same_is_read_again_all_the_same():
    with Directory() as files, Exporter(
            files.config(framed('deny      '))) as exporter:
        assert frames(exporter) == 'deny'
        path = files.path('web.yml')
        before = os.stat(path)
        # Only the time of the last change of its inode tells.
        with open(path, 'r+') as file:
            file.write(framed('sameorigin'))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        after = os.stat(path)
        assert (after.st_ino, after.st_size, after.st_mtime_ns) == \
            (before.st_ino, before.st_size, before.st_mtime_ns)
        wait_until(lambda: frames(exporter) == 'sameorigin',
                   'the file is to be read again')


@test
def a_file_that_could_not_be_read_is_read_when_it_can_be():
    with certified() as files, Exporter(
            files.config(TLS), before=powerless(),
            tls=files.client()) as exporter:
        for name in ('web.yml', 'server.crt'):
            path, count = files.path(name), len(errors(exporter))
            mode = os.stat(path).st_mode
            os.chmod(path, 0)
            wait_until(lambda: exporter.ask('/') and
                       len(errors(exporter)) > count, 'an error')
            error = errors(exporter)[-1]
            assert path in error and 'Permission denied' in error, error
            again = sum('again' in e['msg'] for e in exporter.events())
            os.chmod(path, mode)
            wait_until(lambda: exporter.ask('/') and again < sum(
                'again' in e['msg'] for e in exporter.events()),
                'the file is to be read again')


@test
def what_failed_for_want_of_descriptors_is_tried_again():
    with Directory() as files, Exporter(
            files.config(framed('deny')), '--log.level=debug') as exporter, \
            connect(exporter.addresses[0], PATIENCE) as sock:
        stream = sock.makefile('rb')

        def asked():
            """The same as frames(), by the one connection that there is."""
            sock.sendall(request_bytes(exporter.addresses[0], '/',
                                       close=False))
            return read_one(stream).header('X-Frame-Options')

        assert asked() == 'deny'
        with no_descriptors(exporter):
            files.config(framed('sameorigin'))
            wait_until(lambda: asked() == 'deny' and errors(exporter),
                       'an error')
            assert 'Too many open files' in errors(exporter)[0], \
                errors(exporter)
            # What is tried again is not complained of again.
            wait_until(lambda: asked() == 'deny' and any(
                e['level'] == 'debug' and 'not taken' in e['msg']
                for e in exporter.events()), 'another try')
            assert len(errors(exporter)) == 1, errors(exporter)
        wait_until(lambda: asked() == 'sameorigin',
                   'the file is to be read again')


@test
def who_came_before_there_was_tls_must_come_again():
    with certified() as files, Exporter(files.config('')) as exporter:
        address = exporter.addresses[0]
        with connect(address, PATIENCE) as sock:
            stream = sock.makefile('rb')
            sock.sendall(request_bytes(address, '/-/healthy', close=False))
            assert read_one(stream).status == 200
            files.config(TLS)
            wait_until(lambda: not refused(exporter, files.client()),
                       'TLS is to be spoken')
            sock.sendall(request_bytes(address, '/-/healthy', close=False))
            assert read_one(stream).status == 400
            assert stream.read() == b''


@test
def an_authority_need_not_be_a_root():
    with certified() as files:
        files.certificate('root', authority=True)
        files.certificate('middle', 'root', authority=True)
        files.certificate('client', 'middle')
        with Exporter(files.config(
                TLS + '  client_auth_type: RequireAndVerifyClientCert\n'
                '  client_ca_file: middle.crt\n')) as exporter:
            assert not refused(exporter, files.client(certificate='client'))


@test
def headers_are_added_to_every_answer():
    with Sim() as sim, Directory() as files, Exporter(files.config(
            'http_server_config:\n'
            '  headers:\n'
            '    X-Frame-Options: sameorigin\n'
            '    Strict-Transport-Security: max-age=31536000; x\n'
            '    X-Content-Type-Options: nosniff\n'
            '    X-XSS-Protection: 1\n'
            '    Content-Security-Policy:\n' +
            users('alice'))) as exporter, Cases() as cases:
        for path in ('/', '/nosuch', '/metrics', probe_path(sim.https)):
            for method in ('GET', 'HEAD', 'POST'):
                for headers in (None, right('alice')):
                    with cases.row('%s %s %s' % (path, method, headers)):
                        answer = exporter.ask(path, method, headers)
                        for name, value in (
                                ('X-Frame-Options', 'sameorigin'),
                                ('Strict-Transport-Security',
                                 'max-age=31536000; x'),
                                ('X-Content-Type-Options', 'nosniff'),
                                ('X-XSS-Protection', '1')):
                            assert answer.header(name) == value, \
                                answer.headers


@test
def what_is_harmless_is_taken():
    with certified() as files, Cases() as cases:
        for text in ('', '{}', '# nothing\n', 'tls_server_config:\n',
                     'tls_server_config: {}\n', 'basic_auth_users:\n',
                     'basic_auth_users: {}\n', 'http_server_config:\n',
                     'http_server_config: {http2: true}\n',
                     'http_server_config: {http2: false, headers: {}}\n',
                     'rate_limit: {interval: 0, burst: 5}\n'):
            with cases.row(text):
                with Exporter(files.config(text)) as exporter:
                    assert exporter.ask('/').status == 200
        text = TLS + '  prefer_server_cipher_suites: false\n' \
            '  client_auth_type: VerifyClientCertIfGiven\n' \
            '  client_ca_file: ""\n' \
            '  cert:\n' \
            'http_server_config: {http2: true}\n'
        with cases.row(text), Exporter(files.config(text)) as exporter:
            assert not refused(exporter, files.client())
            log = '\n'.join(exporter.lines('stderr'))
            assert 'HTTP/2' in log and 'client_ca_file' in log, log


@test
def what_is_wrong_is_said_with_its_place():
    good = USERS['alice'][1]
    rows = (
        ('nosuch: 1', '1:1', 'nosuch'),
        ('tls_server_config:\n  cert_fil: x', '2:3', 'cert_fil'),
        (TLS + '  min_version: TLS14', '4:16', 'TLS12'),
        (TLS + '  client_auth_type: [x]', '4:21', 'client_auth_type'),
        (TLS + '  min_version: TLS13\n  max_version: TLS12', '2:3',
         'max_version'),
        (TLS + '  cipher_suites: [TLS_NOSUCH]', '4:19', 'TLS_NOSUCH'),
        (TLS + '  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]', '4:19',
         'TLS_RSA_WITH_RC4_128_SHA'),
        (TLS + '  cipher_suites: [TLS_RSA_WITH_NULL_SHA]', '4:19', 'NULL'),
        (TLS + '  cipher_suites: TLS_AES_128_GCM_SHA256', '4:18', 'list'),
        (TLS + '  cipher_suites: [TLS_AES_128_GCM_SHA256]\n'
         '  max_version: TLS12', '2:3', 'cipher_suites'),
        (TLS + '  curve_preferences: [P256]', '4:23', 'CurveP256'),
        (TLS + '  client_auth_type: Maybe', '4:21', 'NoClientCert'),
        (TLS + '  client_ca_file: server.crt', '2:3', 'client_auth_type'),
        (TLS + '  client_allowed_sans: [x]', '2:3', 'client_allowed_sans'),
        (TLS + '  client_auth_type: VerifyClientCertIfGiven\n'
         '  client_allowed_sans: [x]', '2:3', 'client_allowed_sans'),
        (TLS + '  client_auth_type: RequireAnyClientCert\n'
         '  client_allowed_sans: []', '5:24', 'client_allowed_sans'),
        (TLS + '  prefer_server_cipher_suites: perhaps', '4:32', 'true'),
        (TLS + '  cert: x', '2:3', 'cert_file'),
        (TLS + '  cert_file: again.crt', '4:3', 'cert_file'),
        ('tls_server_config: {cert_file: server.crt}', '1:20', 'key_file'),
        ('tls_server_config: {key_file: server.key}', '1:20', 'cert_file'),
        ('tls_server_config: {min_version: TLS12}', '1:20', 'cert_file'),
        ('tls_server_config: yes', '1:20', 'mapping'),
        ('http_server_config: {http2: maybe}', '1:29', 'http2'),
        ('http_server_config: {headers: {X-Other: x}}', '1:32', 'X-Other'),
        ('http_server_config: {headers: {X-Frame-Options: x}}', '1:49',
         'deny'),
        ('http_server_config: {headers: {X-XSS-Protection: "a\\nb"}}',
         '1:50', 'X-XSS-Protection'),
        ('basic_auth_users: [alice]', '1:19', 'mapping'),
        ('basic_auth_users:\n  alice: wonderland', '2:10', 'bcrypt'),
        ('basic_auth_users:\n  alice: $2y$03$' + good[7:], '2:10', 'bcrypt'),
        ('basic_auth_users:\n  alice: $2y$32$' + good[7:], '2:10', 'bcrypt'),
        ('basic_auth_users:\n  alice: $2x$04$' + good[7:], '2:10', 'bcrypt'),
        ('basic_auth_users:\n  alice: $1$' + good[3:], '2:10', 'bcrypt'),
        ('basic_auth_users:\n  alice: ' + good + 'x', '2:10', 'bcrypt'),
        ('basic_auth_users:\n  alice: ' + good[:-1], '2:10', 'bcrypt'),
        ('basic_auth_users:\n  alice:', '2:9', 'bcrypt'),
        ('basic_auth_users:\n  a:b: ' + good, '2:3', 'colon'),
        ('basic_auth_users:\n  a: %s\n  a: %s' % (good, good), '3:3',
         'second'),
        ('rate_limit: {interval: soon}', '1:24', 'duration'),
        ('rate_limit: {interval: 1s}', '1:1', 'burst'),
        ('rate_limit: {interval: 1s, burst: -1}', '1:35', 'burst'),
        ('- a list', '1:1', 'mapping'),
        ('tls_server_config: [', '2:1', ''),
        ('\tx', '1:1', ''),
    )
    with certified() as files, Cases() as cases:
        for text, place, topic in rows:
            with cases.row(text):
                status, out, err = call(files.config(text + '\n'),
                                        '--web.listen-address=127.0.0.1:0')
                assert status == 2 and not out, (status, out, err)
                last = err.splitlines()[-1]
                assert 'web.yml:%s: ' % place in last and topic in last, last
                assert 'wonderland' not in err and good[7:40] not in err, err


@test
def nobody_is_kept_waiting_for_what_a_pipe_may_bring():
    with certified() as files, Exporter(
            files.config(TLS), tls=files.client()) as exporter:
        for number, name in enumerate(('server.crt', 'server.key'), 1):
            os.mkfifo(files.path('pipe'))
            os.replace(files.path('pipe'), files.path(name))
            wait_until(lambda: exporter.ask('/').status == 200 and sum(
                e['level'] == 'error' for e in exporter.events()) == number,
                'complaint %d' % number)


@test
def what_cannot_be_read_is_said():
    with certified() as files, Cases() as cases:
        files.certificate('other')
        files.write('empty', '')
        os.mkfifo(files.path('pipe'))
        files.write('both', files.read('server.crt') +
                    files.read('server.key'))
        files.openssl('pkey', '-in', files.path('server.key'), '-aes128',
                      '-passout', 'pass:x', '-out', files.path('locked.key'))
        for cert, key, more, topic in (
                ('nosuch', 'server.key', '', 'nosuch: No such file'),
                ('server.crt', 'nosuch', '', 'nosuch: No such file'),
                ('empty', 'server.key', '', 'empty'),
                ('server.key', 'server.key', '', 'server.key'),
                ('server.crt', 'server.crt', '', 'server.crt'),
                ('server.crt', 'empty', '', 'empty'),
                ('server.crt', 'other.key', '', 'mismatch'),
                ('server.crt', 'locked.key', '', 'locked.key'),
                ('server.crt', 'server.key', 'nosuch',
                 'nosuch: No such file'),
                ('server.crt', 'server.key', 'empty', 'empty'),
                ('pipe', 'server.key', '', 'pipe'),
                ('server.crt', 'pipe', '', 'pipe'),
                ('server.crt', 'server.key', 'pipe', 'pipe'),
                ('server.crt', 'server.key', 'server.key', 'server.key')):
            with cases.row('%s %s %s' % (cert, key, more)):
                text = 'tls_server_config:\n  cert_file: %s\n' \
                    '  key_file: %s\n' % (cert, files.path(key))
                if more:
                    text += '  client_auth_type: RequireAnyClientCert\n' \
                        '  client_ca_file: %s\n' % more
                status, out, err = call(files.config(text), '--config.check')
                assert status == 1 and not out, (status, out, err)
                assert topic in err.splitlines()[-1], err
        for name in 'absent', 'pipe':
            with cases.row('no such file: ' + name):
                status, out, err = call(
                    '--web.config.file=' + files.path(name),
                    '--web.listen-address=127.0.0.1:0')
                assert status == 2 and name in err, (status, err)
        with cases.row('nothing is wrong'):
            status, out, err = call(files.config(TLS + users('alice')),
                                    '--config.check')
            assert status == 0, (status, out, err)
        with cases.row('one file for both'):
            with Exporter(files.config('tls_server_config: {cert_file: both, '
                                       'key_file: both}')) as exporter:
                assert not refused(exporter, files.client())


if __name__ == '__main__':
    main()
