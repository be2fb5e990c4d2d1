#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Addresses that must not be asked: 403, and not a packet to them."""

import socket

from harness import (Cases, Exporter, FACTOR, Sim, isolated, main,
                     probe_path, test)


class Bystander:
    """Listens where nobody may connect to."""

    def __init__(self, address):
        self.socket = socket.create_server((address, 0))
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.socket.close()

    def check_alone(self):
        # The kernel has accepted by the time that a client is connected.
        self.socket.setblocking(False)
        try:
            self.socket.accept()
        except BlockingIOError:
            return
        raise AssertionError('somebody connected')


def check_denied(exporter, target):
    answer = exporter.ask(probe_path(target))
    assert answer.status == 403, (answer.status, answer.text)


@test
def an_address_that_is_not_allowed_is_denied():
    with Bystander('127.45.0.1') as bystander, \
            Exporter('--target.allow=127.44.0.0/16') as exporter, \
            Cases() as cases:
        for form in ('127.45.0.1:%d', 'http://127.45.0.1:%d',
                     'https://127.45.0.1:%d/', '[::ffff:127.45.0.1]:%d',
                     'http://[::ffff:7f2d:1]:%d'):
            with cases.row(form):
                check_denied(exporter, form % bystander.port)
        with cases.row('nobody connected'):
            bystander.check_alone()


@test
def an_allowed_address_is_asked():
    with Sim(listen=('https://127.44.7.7:0',)) as sim, \
            Exporter('--target.allow=127.44.0.0/16') as exporter:
        assert exporter.probe(sim.https).value('probe_success') == '1'
        check_denied(exporter, '127.0.0.1')
        check_denied(exporter, '[::1]')


@test
def several_networks_can_be_allowed():
    with Sim(listen=('http://127.44.7.7:0', 'http://127.45.7.7:0',
                     'http://[::1]:0')) as sim, \
            Exporter('--target.allow=127.44.0.0/16',
                     '--target.allow=127.45.7.7',
                     '--target.allow', '::1/128') as exporter:
        for url in sim.urls:
            assert exporter.probe(url).value('probe_success') == '1', url
        check_denied(exporter, 'http://127.45.7.8')


@test
def denying_wins_over_allowing():
    with Sim(listen=('http://127.44.7.7:0', 'http://127.44.7.8:0')) as sim, \
            Bystander('127.44.9.9') as bystander, \
            Exporter('--target.allow=127.44.0.0/16',
                     '--target.deny=127.44.7.8/32',
                     '--target.deny=127.44.9.0/24') as exporter:
        allowed, denied = sim.urls
        assert exporter.probe(allowed).value('probe_success') == '1'
        check_denied(exporter, denied)
        check_denied(exporter, '127.44.9.9:%d' % bystander.port)
        bystander.check_alone()
        assert set(sim.report_counters()['addresses']) and \
            sim.report_counters()['addresses']['127.44.7.8'][
                'connections'] == 0


@test
def head_is_denied_too():
    with Exporter('--target.allow=127.44.0.0/16') as exporter:
        answer = exporter.ask(probe_path('127.45.0.1'), method='HEAD')
        assert answer.status == 403


@test
def by_default_loopback_is_allowed():
    with Sim(listen=('http://127.0.0.1:0', 'http://127.255.3.2:0',
                     'http://[::1]:0')) as sim, Exporter() as exporter:
        for url in sim.urls:
            assert exporter.probe(url).value('probe_success') == '1', url


@test
@isolated
def by_default_public_and_metadata_addresses_are_denied():
    with Exporter() as exporter, Cases() as cases:
        for target in ('198.51.100.1', '8.8.8.8', '0.0.0.0',
                       '169.254.169.254', '224.0.0.1', '255.255.255.255',
                       '172.32.0.1', '11.0.0.1', '[2001:db8::1]',
                       '[fd00:ec2::254]', '[::]', '[ff02::1]',
                       '[::ffff:198.51.100.1]', '[::ffff:169.254.169.254]',
                       '[64:ff9b::7f00:1]'):
            with cases.row(target):
                check_denied(exporter, target)


@test
@isolated
def by_default_private_addresses_are_allowed():
    # Nothing answers there; what counts is that they may be asked.
    with Exporter() as exporter, Cases() as cases:
        for target in ('10.0.0.1', '172.16.0.1', '172.31.255.254',
                       '192.168.100.1', '100.64.0.1', '169.254.1.1',
                       '[fd00::1]', '[fe80::1%lo]'):
            with cases.row(target):
                page = exporter.probe(target, timeout=2 * FACTOR)
                assert page.value('probe_success') == '0'


if __name__ == '__main__':
    main()
