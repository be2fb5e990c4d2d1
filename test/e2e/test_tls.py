#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLS as modems speak it: old versions, short keys, own certificates."""

import datetime
import hashlib
import re
import ssl

from harness import Cases, Exporter, Sim, host_and_port, main, test

# As modem-sim is told, and as OpenSSL names it.
VERSIONS = {'1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2',
            '1.3': 'TLSv1.3'}
KEYS = ('ec256', 'rsa1024', 'rsa2048')


@test
def every_version_and_key_is_spoken():
    with Exporter() as exporter, Cases() as cases:
        for version, name in VERSIONS.items():
            for key in KEYS:
                with cases.row('TLS %s, %s' % (version, key)), \
                        Sim('--tls=' + version, '--key=' + key) as sim:
                    page = exporter.probe(sim.https)
                    assert page.value('probe_success') == '1', page.text
                    info = page.labels('probe_tls_info')
                    assert info['version'] == name, info
                    assert info['cipher'], info


@test
def the_cipher_is_named_as_openssl_names_it():
    with Sim('--tls=1.3') as sim, Exporter() as exporter:
        cipher = exporter.probe(sim.https).labels('probe_tls_info')['cipher']
        assert cipher.startswith('TLS_') and cipher.isupper(), cipher
    with Sim('--tls=1.2', '--key=ec256') as sim, Exporter() as exporter:
        cipher = exporter.probe(sim.https).labels('probe_tls_info')['cipher']
        assert cipher.startswith('ECDHE-ECDSA-'), cipher


@test
def the_certificate_is_described_so_that_it_can_be_pinned():
    with Sim() as sim, Exporter() as exporter:
        host, port = host_and_port(sim.https).split(':')
        der = ssl.PEM_cert_to_DER_cert(
            ssl.get_server_certificate((host, int(port))))
        page = exporter.probe(sim.https)
        info = page.labels('probe_tls_info')
        assert set(info) == {'version', 'cipher', 'fingerprint_sha256'}
        assert info['fingerprint_sha256'] == hashlib.sha256(der).hexdigest()
        # UTCTime (tag 0x17), notBefore and notAfter: X.690, RFC 5280.
        not_after = re.findall(rb'\x17\x0d(\d{12})Z', der)[1]
        expiry = datetime.datetime.strptime(
            not_after.decode() + '+0000', '%y%m%d%H%M%S%z')
        assert page.value('probe_tls_certificate_expiry_timestamp_seconds') \
            == str(int(expiry.timestamp()))


@test
def the_certificate_is_described_if_every_page_fails():
    with Sim('--behave=status=500') as sim, Exporter() as exporter:
        page = exporter.probe(sim.https)
        assert page.value('probe_success') == '0'
        assert page.samples('probe_tls_info')
        assert page.samples('probe_tls_certificate_expiry_timestamp_seconds')


@test
def plain_http_shows_no_tls():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe(sim.http)
        assert page.value('probe_success') == '1'
        assert not page.samples('probe_tls_info')
        assert not page.samples(
            'probe_tls_certificate_expiry_timestamp_seconds')


@test
def a_body_cut_without_goodbye_is_still_cut():
    # An end without close_notify is forgiven; missing bytes are not.
    with Sim() as sim, Exporter() as exporter:
        for cut in ('cut', 'cut-unlengthed', 'cut-head'):
            sim.behave('no-close-notify', 'dsinfo,' + cut)
            page = exporter.probe(sim.https)
            assert page.labels('probe_failure_info') == {
                'reason': 'truncated'}, cut


if __name__ == '__main__':
    main()
