#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Addresses that must not be asked: 403, and not a packet to them."""

import contextlib
import socket
import sys

import contract
from configuration import check_reloads, written
from harness import (Cases, Exporter, FACTOR, Sim, Skip, TIMEOUT_HEADER,
                     isolated, low_ports, main, probe_path, test)
from nameserver import Nameserver
from puppet import Puppet, answering

ALLOW = '--target.allow=127.44.0.0/16'
# Whom nobody may connect to, by whatever name.  The unspecified address means
# this machine: hence its loopback, which must not be somebody else's.
DENIED = ('127.45.0.1', '127.0.0.1', '::1')


class Bystander:
    """Listens where nobody may connect to, on one port of all addresses."""

    def __init__(self, *addresses):
        for attempt in range(100):
            self._sockets = []
            self.port = 0
            try:
                for address in addresses:
                    self._listen(address)
                return
            except OSError as why:
                self.close()
                error = why
        raise error

    def _listen(self, address):
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        self._sockets.append(socket.create_server((address, self.port),
                                                  family=family))
        self.port = self._sockets[0].getsockname()[1]

    def close(self):
        for sock in self._sockets:
            sock.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.close()

    def connections(self):
        """So many since the last call."""
        count = 0
        # The kernel has accepted by the time that a client is connected.
        for sock in self._sockets:
            sock.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    sock.accept()[0].close()
                    count += 1
        return count

    def check_alone(self):
        assert self.connections() == 0, 'somebody connected'


def check_denied(exporter, target):
    answer = exporter.ask(probe_path(target))
    assert answer.status == 403, (answer.status, answer.text)


NAMES = {
    'denied.test': '127.45.0.1',
    'localhost': ['127.0.0.1', '::1'],
    'mapped.test': '::ffff:127.45.0.1',
    'compatible.test': '::127.45.0.1',
    'translated.test': '64:ff9b::127.45.0.1',
    'six.test': '::1',
    'zero.test': '0.0.0.0',
    'zeros.test': '::',
    'several.test': ['127.45.0.1', '::1', '127.0.0.1'],
}

# What somebody might write to get there, with PORT for the port: addresses
# that are understood, and denied.
ADDRESSES = (
    '127.45.0.1:PORT',
    'http://127.45.0.1:PORT',
    'https://127.45.0.1:PORT/',
    'HTTP://127.45.0.1:PORT',
    '127.0.0.1:PORT',
    '[::1]:PORT',
    'http://[0:0:0:0:0:0:0:1]:PORT',
    # IPv4 in IPv6: mapped.
    '[::ffff:127.45.0.1]:PORT',
    'http://[::ffff:127.45.0.1]:PORT',
    'http://[::FFFF:7f2d:1]:PORT',
    'http://[0:0:0:0:0:ffff:127.45.0.1]:PORT',
    # This machine.
    '0.0.0.0:PORT',
    'http://0.0.0.0:PORT',
    'http://[::]:PORT',
    'http://[::0.0.0.0]:PORT',
    'http://[::ffff:0.0.0.0]:PORT',
    # Names.
    'denied.test:PORT',
    'http://denied.test:PORT',
    'http://DENIED.Test.:PORT/',
    'http://localhost:PORT',
    'http://localhost.:PORT',
    'http://mapped.test:PORT',
    'http://six.test:PORT',
    'http://zero.test:PORT',
    'http://zeros.test:PORT',
    'http://several.test:PORT',
)

# The same by way of a translator: compatible, SIIT, NAT64, 6to4, ISATAP.
TRANSLATED = (
    'http://[::127.45.0.1]:PORT',
    'http://[::7f2d:1]:PORT',
    'http://[::ffff:0:127.45.0.1]:PORT',
    'http://[64:ff9b::127.45.0.1]:PORT',
    'http://[64:ff9b:1::7f2d:1]:PORT',
    'http://[2002:7f2d:1::]:PORT',
    'http://[2002:7f2d:1::1]:PORT',
    'http://[fe80::5efe:127.45.0.1]:PORT',
    'http://compatible.test:PORT',
    'http://translated.test:PORT',
)

# What is not understood, on purpose.
SPELLINGS = (
    'http://0x7f2d0001:PORT',
    '0x7f2d0001',
    'http://0x7f.0x2d.0.1:PORT',
    'http://127.45.0.0x1:PORT',
    'http://2133655553:PORT',
    '2133655553',
    'http://017713200001:PORT',
    'http://0177.055.0.1:PORT',
    '0177.055.0.1',
    'http://127.45.0.01:PORT',
    'http://127.45.1:PORT',
    '127.45.1',
    'http://127.2949121:PORT',
    'http://127.45.0.257:PORT',
    'http://127.45.0.1.:PORT',
    '127.45.0.1..:PORT',
    'http://0:PORT',
    'http://00.0.0.0:PORT',
    '::ffff:127.45.0.1',
    'http://::1:PORT',
    'http://[127.45.0.1]:PORT',
    'http://[denied.test]:PORT',
    'http://[::ffff:127.45.0.1%lo]:PORT',
    'http://[::ffff:127.45.0.256]:PORT',
    'http://[::ffff:0x7f.45.0.1]:PORT',
    # Digits and dots of other scripts, which IDNA would take for ours.
    'http://\uff11\uff12\uff17.45.0.1:PORT',
    'http://127\u300245\u30020\u30021:PORT',
    'http://\u2460\u2461\u2466.45.0.1:PORT',
    'http://d\u00e9nied.test:PORT',
    'http://denied\u3002test:PORT',
    'http://denied\u00ad.test:PORT',
    # Escapes that a second decoder would decode.
    'http://%31%32%37.45.0.1:PORT',
    'http://127%2e45%2e0%2e1:PORT',
    'http://denied%2etest:PORT',
    'http://127.44.0.1%2f@127.45.0.1:PORT',
    'http://127.44.0.1%00.test:PORT',
    'http://[%3a%3a1]:PORT',
    # Two hosts: which is it?
    'http://127.44.0.1@127.45.0.1:PORT/',
    'http://127.44.0.1:80@127.45.0.1:PORT',
    'http://a:b@127.45.0.1:PORT',
    '127.44.0.1@127.45.0.1:PORT',
    'http://127.44.0.1\\@127.45.0.1:PORT/',
    'http://127.45.0.1:PORT\\@127.44.0.1/',
    'http:\\\\127.45.0.1:PORT',
    'http://127.44.0.1#@127.45.0.1:PORT',
    'http://127.44.0.1?@127.45.0.1:PORT',
    'http://127.44.0.1/@127.45.0.1:PORT',
    'http://127.44.0.1 127.45.0.1:PORT',
    'http://127.44.0.1,127.45.0.1:PORT',
    'http://127.44.0.1;127.45.0.1:PORT',
    'http://127.44.0.1:80:PORT',
    'http://127.44.0.1\r\nHost: 127.45.0.1:PORT',
    'http://127.44.0.1\t127.45.0.1:PORT',
    ' 127.45.0.1:PORT',
    '127.45.0.1:PORT\n',
    'http://http://127.45.0.1:PORT',
    '//127.45.0.1:PORT',
    'ftp://127.45.0.1:PORT',
    'gopher://127.45.0.1:PORT',
    'file:///dev/null',
    # More than a host and a port.
    'http://127.45.0.1:PORT/data/dsinfo.asp',
    'http://127.45.0.1:PORT/?a=b',
    'http://127.45.0.1:PORT?',
    'http://127.45.0.1:PORT#a',
    'http://127.45.0.1:0',
    'http://127.45.0.1:99999',
    'http://127.45.0.1:65536',
    'http://127.45.0.1:-1',
    'http://127.45.0.1:+PORT',
    'http://127.45.0.1:0xPORT',
    'http://127.45.0.1:PORT ',
    'http://127.45.0.1:',
)

# With an interface, which this machine has or not.
ZONES = ('http://[fe80::1%25lo]:PORT', 'http://[fe80::1%lo]:PORT',
         'http://[::1%lo]:PORT', 'http://[::1%1]:PORT',
         'http://[::1%25lo]:PORT', 'http://[::%lo]:PORT',
         'http://[fe80::1%127.45.0.1]:PORT')


@contextlib.contextmanager
def check_alone():
    """Gives a function that checks what becomes of targets, in a table."""
    with Nameserver(NAMES) as server, Bystander(*DENIED) as bystander, \
            Exporter(ALLOW, server.option) as exporter, Cases() as cases:
        def check(targets, *statuses):
            for target in targets:
                with cases.row(repr(target)):
                    path = probe_path(target.replace('PORT',
                                                     str(bystander.port)))
                    answer = exporter.ask(path,
                                          headers={TIMEOUT_HEADER: FACTOR})
                    assert answer.status in statuses, (answer.status,
                                                       answer.text)
                    assert answer.status != 200 or \
                        'reason="resolve_failed"' in answer.text, answer.text
                    bystander.check_alone()
        yield check


@test
@low_ports
def no_spelling_of_a_denied_address_gets_there():
    with check_alone() as check:
        check(ADDRESSES, 403)
        check(SPELLINGS, 400)
        # No such interface, or one with an address that is denied.
        check(ZONES, 403, 200)


@test
@isolated
def no_translator_gets_there():
    with check_alone() as check:
        check(TRANSLATED, 403)


@test
def bystanders_hear_of_who_does_get_there():
    with Bystander(*DENIED) as bystander, \
            Exporter('--target.allow=127.45.0.1') as exporter:
        exporter.probe('http://127.45.0.1:%d' % bystander.port,
                       timeout=2 * FACTOR)
        assert bystander.connections() > 0


@test
@low_ports
def of_several_addresses_none_that_is_denied_is_asked():
    with Sim(listen=('http://127.44.7.7:0',)) as sim, \
            Nameserver({'both.test': ['127.45.0.1', '::1', '127.44.7.7',
                                      '127.0.0.1']}) as server, \
            Exporter(ALLOW, server.option) as exporter:
        page = exporter.probe(sim.http.replace('127.44.7.7', 'both.test'))
        assert page.value('probe_success') == '1', page.text
        places = sim.report_counters()['addresses']
        assert places['127.44.7.7']['connections'] > 0, places


@test
@low_ports
def a_name_that_moves_is_followed_nowhere():
    # DNS rebinding: the answer to the first question alone may be asked.
    def moving():
        asked = server.questions.count(('moving.test', 'A'))
        return ['127.44.7.8' if asked == 1 else '127.45.0.1']

    for behaviour in ('length', 'reset-second', 'close'):
        with Sim('--behave=length', '--behave=' + behaviour,
                 listen=('http://127.44.7.8:0',)) as sim, \
                Nameserver({'moving.test': moving}) as server, \
                Exporter(ALLOW, '--target.allow=127.0.0.1',
                         server.option) as exporter:
            port = int(sim.http.rsplit(':', 1)[1])
            target = 'http://moving.test:%d' % port
            with socket.create_server(('127.45.0.1', port)) as listener:
                # With connections that are replaced in the midst of it, too.
                page = exporter.probe(target)
                assert (page.value('probe_success') == '1') == \
                    (behaviour != 'close'), page.text
                seen = sim.report_counters()
                assert seen['connections'] > (behaviour != 'length'), seen
                # A connection that was kept does not help.
                for again in range(2):
                    check_denied(exporter, target)
                after = sim.report_counters()
                assert after['requests_total'] == seen['requests_total']
                listener.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    listener.accept()
                    raise AssertionError('somebody connected')


@test
def no_redirect_gets_anywhere():
    with Bystander(*DENIED) as bystander, Exporter(ALLOW) as exporter, \
            Cases() as cases:
        for status in range(300, 309):
            answer = 'HTTP/1.1 %d Elsewhere\r\n' \
                'Location: http://127.45.0.1:%d/data/dsinfo.asp\r\n' \
                'Content-Length: 0\r\n\r\n' % (status, bystander.port)
            with cases.row(status), Puppet(answering(answer.encode()),
                                           '127.44.0.1') as puppet:
                page = exporter.probe('http://' + puppet.address)
                contract.check_silent(page, 'redirect')
                assert puppet.connections == len(contract.PAGES)
                bystander.check_alone()


@test
def what_a_reload_denies_is_asked_no_more():
    text = 'targets: {allow: [127.44.0.0/16, 127.0.0.0/8], deny: [%s]}'
    with written(text % '') as file, \
            Sim('--behave=length', listen=('http://127.44.7.9:0',
                                           'https://127.44.7.9:0')) as sim, \
            Exporter(file.option) as exporter:
        for url in sim.urls:
            assert exporter.probe(url).value('probe_success') == '1'
        before = sim.report_counters()
        assert before['connections_open'] > 0, before
        file.write(text % '127.44.7.9')
        check_reloads(exporter)
        for url in sim.urls:
            check_denied(exporter, url)
        after = sim.report_counters()
        for name in ('requests_total', 'connections'):
            assert after[name] == before[name], (before, after)
        file.write(text % '')
        check_reloads(exporter)
        for url in sim.urls:
            assert exporter.probe(url).value('probe_success') == '1'


@test
def an_answer_that_is_kept_is_not_told_of_a_denied_address():
    text = 'modules: {coda56: {min_interval: 1h}}\n' \
        'targets: {allow: [127.0.0.0/8], deny: [%s]}'
    with written(text % '') as file, Sim() as sim, \
            Exporter(file.option) as exporter:
        for again in range(2):
            assert exporter.probe(sim.http).value('probe_success') == '1'
        file.write(text % '127.0.0.1')
        check_reloads(exporter)
        check_denied(exporter, sim.http)


@test
def this_machine_may_be_named_if_that_is_allowed():
    if not sys.platform.startswith('linux'):
        raise Skip('0.0.0.0 means nobody here')
    with Sim() as sim, Exporter('--target.allow=0.0.0.0') as exporter:
        page = exporter.probe(sim.http.replace('127.0.0.1', '0.0.0.0'))
        assert page.value('probe_success') == '1', page.text
        check_denied(exporter, sim.http)
    with Sim() as sim, Exporter('--target.allow=0.0.0.0/0',
                                '--target.deny=127.0.0.0/8') as exporter:
        check_denied(exporter, sim.http.replace('127.0.0.1', '0.0.0.0'))
        assert sim.report_counters()['connections'] == 0


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
