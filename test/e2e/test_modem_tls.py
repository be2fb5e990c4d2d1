#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whom a module takes for the modem, and where it connects from."""

import contextlib
import os
import shutil

import contract
from configuration import check_reloads, module, written
from harness import (Cases, Exporter, PATIENCE, Sim, loopback_address, main,
                     test, wait_until)
from webfiles import Directory

PAGES = 6
# A modem that keeps connections open.
KEEPS = '--behave=length'
WRONG = 'ab' * 32
# Pages that follow each other, on one connection.
LONE = 'max_concurrent_fetches: 1'
# Not of this machine, whatever machine that is: RFC 5737.
ELSEWHERE = '192.0.2.1'


def pin(name, fingerprint):
    return module(name, 'tls: {verify: fingerprint, fingerprint_sha256: %s}' %
                  fingerprint)


def fingerprint(page):
    return page.labels('probe_tls_info')['fingerprint_sha256']


def failures(exporter):
    return [e for e in exporter.events() if e['msg'] == 'probe failed']


def check_refused(exporter, sim, reason, **parameters):
    """That a probe fails for the certificate, of which it tells, and that
    the modem was asked for nothing; the log's event."""
    before = sim.report_counters()
    count = len(failures(exporter))
    page = exporter.probe(sim.https, **parameters)
    contract.check_silent(page, reason)
    assert len(fingerprint(page)) == 64
    assert page.samples('probe_tls_certificate_expiry_timestamp_seconds')
    after = sim.report_counters()
    assert after['requests_total'] == before['requests_total'], after
    # One knock says it all.
    assert after['connections'] == before['connections'] + 1, after
    wait_until(lambda: len(failures(exporter)) > count, 'a line in the log')
    event = failures(exporter)[-1]
    assert event['reason'] == reason, event
    return event


@contextlib.contextmanager
def authority():
    """A directory with the certificate of one, whose path is .file."""
    with Directory() as files:
        files.certificate('ca', authority=True)
        files.file = files.path('ca.crt')
        yield files


@test
def a_modem_is_pinned_by_what_the_probe_shows():
    with Cases() as cases:
        for version in ('1.0', '1.2', '1.3'):
            with cases.row('TLS ' + version), written() as file, \
                    Sim('--tls=' + version) as sim:
                file.write(pin('pinned', WRONG))
                with Exporter(file.option) as exporter:
                    event = check_refused(exporter, sim,
                                          'tls_fingerprint_mismatch',
                                          module='pinned')
                    assert 'probe_tls_info' in event['hint'], event
                    assert 'certificate' in event['error'], event
                    page = exporter.probe(sim.https)
                    file.write(pin('pinned', fingerprint(page)))
                    check_reloads(exporter)
                    # Also on resumed sessions, as without KEEPS most are.
                    for again in range(2):
                        page = exporter.probe(sim.https, module='pinned')
                        assert page.value('probe_success') == '1', page.text
                    counters = sim.report_counters()
                    assert counters['handshakes_resumed'] > 0, counters
                    assert counters['connections'] == 1 + 3 * PAGES, counters
                    file.write(pin('pinned', WRONG))
                    check_reloads(exporter)
                    check_refused(exporter, sim, 'tls_fingerprint_mismatch',
                                  module='pinned')


@test
def a_fingerprint_is_compared_to_its_last_digit():
    with written() as file, Sim() as sim, Exporter(file.option) as exporter:
        own = fingerprint(exporter.probe(sim.https))
        with Cases() as cases:
            for place in (0, 31, 63):
                with cases.row(place):
                    digit = '0' if own[place] != '0' else '1'
                    file.write(pin('pinned', own[:place] + digit +
                                   own[place + 1:]))
                    check_reloads(exporter)
                    check_refused(exporter, sim, 'tls_fingerprint_mismatch',
                                  module='pinned')


@test
def an_exchanged_modem_is_noticed():
    with written() as file, Exporter(file.option) as exporter:
        with Sim() as before:
            port = before.https.rsplit(':', 1)[1]
            page = exporter.probe(before.https)
            file.write(pin('pinned', fingerprint(page)))
            check_reloads(exporter)
            page = exporter.probe(before.https, module='pinned')
            assert page.value('probe_success') == '1', page.text
        with Sim(listen=('https://127.0.0.1:' + port,)) as after:
            for again in range(2):
                check_refused(exporter, after, 'tls_fingerprint_mismatch',
                              module='pinned')
            page = exporter.probe(after.https)
            assert page.value('probe_success') == '1', page.text


@test
def what_one_policy_took_is_nothing_to_another():
    # Neither its open connections nor its sessions.
    with authority() as ca, Cases() as cases:
        policies = (
            ('tls: {verify: fingerprint, fingerprint_sha256: %s}' % WRONG,
             'tls_fingerprint_mismatch'),
            ('tls: {verify: ca, ca_file: %s}' % ca.file,
             'tls_verification_failed'),
        )
        for version in ('1.2', '1.3'):
            for policy, reason in policies:
                with cases.row('%s, TLS %s' % (reason, version)), \
                        written(module('coda56', LONE) +
                                '  strict: {%s, %s}' % (LONE, policy)) \
                        as file, Sim('--tls=' + version, KEEPS) as sim, \
                        Exporter(file.option) as exporter:
                    exporter.probe(sim.https)
                    before = sim.report_counters()
                    assert before['connections_open'] == 1, before
                    for again in range(2):
                        check_refused(exporter, sim, reason, module='strict')
                    after = sim.report_counters()
                    assert after['handshakes_resumed'] == \
                        before['handshakes_resumed'], after
                    # Nor did it cost the other anything.
                    page = exporter.probe(sim.https)
                    assert page.value('probe_success') == '1', page.text
                    assert sim.report_counters()['connections'] == \
                        after['connections']


@test
def whatever_parts_modules_parts_their_connections():
    texts = ('source_address: ' + loopback_address(),
             'tls: {server_name: modem.example}',
             'tls: {min_version: TLS1.2}')
    with Sim(KEEPS) as sim, Cases() as cases:
        for text in texts:
            with cases.row(text), \
                    written(module('coda56', LONE) +
                            '  other: {%s, %s}' % (LONE, text)) as file, \
                    Exporter(file.option) as exporter:
                sim.reset()
                counters = []
                for name in ('coda56', 'other', 'coda56', 'other'):
                    page = exporter.probe(sim.https, module=name)
                    assert page.value('probe_success') == '1', page.text
                    counters.append(sim.report_counters())
                assert [c['handshakes_full'] for c in counters] == \
                    [c['connections'] for c in counters] == [1, 2, 2, 2], \
                    counters


@test
def certificates_of_an_authority_are_taken():
    with authority() as ca, Cases() as cases:
        for names, more in (('IP:127.0.0.1', ''),
                            ('DNS:modem.example',
                             ', server_name: modem.example'),
                            ('DNS:*.modem.example',
                             ', server_name: a.modem.example')):
            text = module('strict', LONE, 'tls: {verify: ca, ca_file: %s%s}' %
                          (ca.file, more))
            for version in ('1.2', '1.3'):
                with cases.row('%s, TLS %s' % (names, version)), \
                        written(text) as file, \
                        Sim('--certificate=' + ca.modem('modem', 'ca', names),
                            '--tls=' + version, KEEPS) as sim, \
                        Exporter(file.option) as exporter:
                    for again in range(3):
                        page = exporter.probe(sim.https, module='strict')
                        assert page.value('probe_success') == '1', page.text
                    counters = sim.report_counters()
                    assert counters['connections'] == 1, counters
                    assert counters['handshakes_full'] == 1, counters


@test
def a_certificate_of_the_chain_may_be_pinned():
    with authority() as ca, Cases() as cases:
        ca.certificate('middle', 'ca', authority=True)
        certificate = ca.modem('modem', 'middle', 'IP:127.0.0.1')
        stranger = ca.modem('stranger', 'ca', 'IP:127.0.0.1')
        for name in ('middle', 'modem'):
            with cases.row(name), written(module(
                    'strict', 'tls: {verify: ca, ca_file: %s}' %
                    ca.path(name + '.crt'))) as file, \
                    Sim('--certificate=' + certificate) as sim, \
                    Sim('--certificate=' + stranger) as other, \
                    Exporter(file.option) as exporter:
                page = exporter.probe(sim.https, module='strict')
                assert page.value('probe_success') == '1', page.text
                check_refused(exporter, other, 'tls_verification_failed',
                              module='strict')


@test
def all_other_certificates_are_not():
    with authority() as ca, authority() as other, Cases() as cases:
        gone = ca.path('gone.pem')
        shutil.copy(ca.file, gone)
        good = ca.modem('good', 'ca', 'IP:127.0.0.1')
        text = module('strict', 'tls: {verify: ca, ca_file: %s}' % ca.file) + \
            ''.join('  %s: {tls: {verify: ca, ca_file: %s%s}}\n' % row
                    for row in (('named', ca.file,
                                 ', server_name: modem.example'),
                                ('other', other.file, ''),
                                ('gone', gone, '')))
        with written(text) as file, Exporter(file.option) as exporter:
            os.unlink(gone)
            for title, name, certificate, why in (
                    ('of another name', 'named', good, 'ostname mismatch'),
                    ('of another address', 'strict',
                     ca.modem('address', 'ca', 'IP:127.0.0.2'),
                     'IP address mismatch'),
                    ('of no address', 'strict',
                     ca.modem('name', 'ca', 'DNS:modem.example'),
                     'IP address mismatch'),
                    ('of another authority', 'other', good, 'issuer'),
                    ('expired', 'strict', ca.modem('old', 'ca', days=-1),
                     'expired'),
                    ('of its own', 'strict', None, 'self-signed'),
                    ('without authority', 'gone', good, 'can be read')):
                args = ['--certificate=' + certificate] if certificate else []
                with cases.row(title), Sim(*args) as sim:
                    event = check_refused(
                        exporter, sim, 'tls_verification_failed',
                        module=name)
                    assert why in event['error'], event
                    assert 'fingerprint' in event['hint'], event


@test
def an_authority_that_changes_is_seen_without_a_reload():
    with authority() as ca, authority() as other, Cases() as cases:
        certificate = ca.modem('modem', 'ca', 'IP:127.0.0.1')
        file = other.path('used.pem')
        for version in ('1.2', '1.3'):
            shutil.copy(other.file, file)
            text = module('strict', 'tls: {verify: ca, ca_file: %s}' % file)
            with cases.row('TLS ' + version), written(text) as config, \
                    Sim('--certificate=' + certificate,
                        '--tls=' + version, KEEPS) as sim, \
                    Exporter(config.option) as exporter:
                check_refused(exporter, sim, 'tls_verification_failed',
                              module='strict')
                ca.write(file, ca.read('ca.crt'))
                page = exporter.probe(sim.https, module='strict')
                assert page.value('probe_success') == '1', page.text
                # What the former one trusted is trusted no more.
                other.write(file, other.read('ca.crt'))
                check_refused(exporter, sim, 'tls_verification_failed',
                              module='strict')
                # Nobody waits for what a pipe may bring.
                os.unlink(file)
                os.mkfifo(file)
                check_refused(exporter, sim, 'tls_verification_failed',
                              module='strict')
                os.unlink(file)


@test
def a_zone_is_no_part_of_what_a_certificate_is_for():
    # Linux does not connect to [::1%lo]; what counts is that it is tried.
    with authority() as ca, \
            written(module('strict', 'tls: {verify: ca, ca_file: %s}' %
                           ca.file)) as file, \
            Sim(listen=('https://[::1]:0',)) as sim, \
            Exporter(file.option) as exporter:
        page = exporter.probe(sim.https.replace('::1', '::1%lo'),
                              module='strict', timeout=PATIENCE)
        reason = page.labels('probe_failure_info')['reason']
        assert reason in ('unreachable', 'tls_verification_failed'), reason


@test
def the_name_of_the_module_is_asked_for():
    with written(module('named', 'tls: {server_name: modem.example}')) as file:
        with Sim() as sim, Exporter(file.option) as exporter:
            # RFC 6066, 3: an address is no name.
            for name, server_name in (('coda56', ''),
                                      ('named', 'modem.example')):
                exporter.probe(sim.https, module=name)
                counters = sim.report_counters()
                assert counters['server_name'] == server_name, counters


@test
def an_old_version_is_refused_if_the_module_says_so():
    versions = ('1.0', '1.1', '1.2', '1.3')
    text = 'modules:\n' + ''.join(
        '  at-least-%s: {tls: {min_version: TLS%s}}\n' % (v, v)
        for v in versions)
    with written(text) as file, Exporter(file.option) as exporter, \
            Cases() as cases:
        for spoken in versions:
            with Sim('--tls=' + spoken) as sim:
                for least in versions:
                    with cases.row('%s at least %s' % (spoken, least)):
                        page = exporter.probe(sim.https,
                                              module='at-least-' + least)
                        if spoken >= least:
                            assert page.value('probe_success') == '1'
                        else:
                            contract.check_dead(page, 'tls_handshake_failed')


@test
def a_modem_is_asked_from_the_address_of_the_module():
    source = loopback_address()
    with written(module('coda56', LONE) + '  mine: {%s, source_address: %s}' %
                 (LONE, source)) as file, \
            Sim(KEEPS) as sim, Exporter(file.option) as exporter:
        for url in (sim.https, sim.http):
            # What is seen is the last connection; the third probe makes none.
            for name, client in (('coda56', '127.0.0.1'), ('mine', source),
                                 ('coda56', source)):
                page = exporter.probe(url, module=name)
                assert page.value('probe_success') == '1', page.text
                assert sim.report_counters()['client'] == client


@test
def an_address_that_cannot_be_connected_from_is_told_of():
    with Sim() as sim, Cases() as cases:
        for source in (ELSEWHERE, '"2001:db8::1"', '"::1"'):
            with cases.row(source), \
                    written(module('mine', 'source_address: ' + source)) \
                    as file, Exporter(file.option) as exporter:
                for url in (sim.https, sim.http):
                    page = exporter.probe(url, module='mine')
                    contract.check_dead(page, 'unreachable')
                    event = exporter.wait_event(reason='unreachable')
                    assert 'from %s: ' % source.strip('"') in \
                        event['error'], event
        assert sim.report_counters()['connections'] == 0


if __name__ == '__main__':
    main()
