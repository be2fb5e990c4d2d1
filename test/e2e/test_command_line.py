#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Flags, exit statuses and listeners."""

import contextlib
import os
import re
import socket

from harness import (Cases, Exporter, Program, Sim, Skip, call,
                     exporter_command, main, test, version, wait_until,
                     wrapper)

FLAGS = ('--web.listen-address', '--web.systemd-socket', '--web.config.file',
         '--web.external-url', '--web.route-prefix',
         '--web.telemetry-path', '--web.max-probes',
         '--web.max-connections', '--config.file', '--config.check',
         '--web.disable-config', '--web.disable-debug', '--history.limit',
         '--modem.target', '--modem.module', '--target.allow',
         '--target.deny', '--dns.resolv-conf', '--timeout-offset',
         '--log.level', '--log.format', '--module', '--format',
         '--disable-sandbox', '--list-metrics',
         '--version', '--help')

# Wrong usage: what the line on stderr must speak of.
WRONG = {
    '--nosuch': 'nosuch',
    '--nosuch=1': 'nosuch',
    '-x': 'x',
    'operand': 'operand',
    '--web.listen-address': 'web.listen-address',
    '--web.listen-address=': 'web.listen-address',
    '--web.listen-address=127.0.0.1': 'web.listen-address',
    '--web.listen-address=127.0.0.1:x': 'web.listen-address',
    '--web.listen-address=127.0.0.1:65536': 'web.listen-address',
    '--web.listen-address=127.0.0.1:-1': 'web.listen-address',
    '--web.systemd-socket=yes': 'web.systemd-socket',
    '--web.external-url=example.org': 'web.external-url',
    '--web.external-url=ftp://example.org/': 'web.external-url',
    '--web.external-url=http://example.org/?x': 'web.external-url',
    '--web.external-url=http://example.org/a b': 'web.external-url',
    '--web.route-prefix=/a?b': 'web.route-prefix',
    '--web.route-prefix=/a//b': 'web.route-prefix',
    '--web.config.file=/nonexistent/web.yml': 'nonexistent/web.yml',
    '--web.config.file=/': '/: ',
    '--web.telemetry-path=': 'web.telemetry-path',
    '--web.telemetry-path=own': 'web.telemetry-path',
    '--web.max-connections=0': 'web.max-connections',
    '--web.max-probes=many': 'web.max-probes',
    '--web.max-probes=-1': 'web.max-probes',
    '--web.max-probes=1x': 'web.max-probes',
    '--web.max-probes=': 'web.max-probes',
    '--web.max-probes=99999999999999999999': 'web.max-probes',
    '--modem.target=http://user@host/x': 'modem.target',
    '--modem.target=1.2.3': 'modem.target',
    '--modem.module=nosuch': 'modem.module',
    '--target.allow=nonsense': 'target.allow',
    '--target.allow=10.0.0.0/33': 'target.allow',
    '--target.allow=10.0.0/8': 'target.allow',
    '--target.deny=::1/129': 'target.deny',
    '--target.deny=::ffff:10.0.0.0/104': 'target.deny',
    '--module=full': 'module',
    '--format=json': 'format',
    '--list-metrics=x': 'list-metrics',
    '--config.file': 'config.file',
    '--config.file=/nonexistent': '/nonexistent',
    '--config.check=yes': 'config.check',
    '--web.disable-config=yes': 'web.disable-config',
    '--web.config.file': 'web.config.file',
    '--web.disable-debug=yes': 'web.disable-debug',
    '--disable-sandbox=yes': 'disable-sandbox',
    '--history.limit=-1': 'history.limit',
    '--history.limit=10001': 'history.limit',
    '--timeout-offset=-1': 'timeout-offset',
    '--timeout-offset=abc': 'timeout-offset',
    '--timeout-offset=nan': 'timeout-offset',
    '--timeout-offset=inf': 'timeout-offset',
    '--log.level=loud': 'log.level',
    '--log.level=': 'log.level',
    '--log.format=xml': 'log.format',
    '--version=': 'version',
    '--help=': 'help',
}


@test
def wrong_usage_is_said_in_one_line():
    with Cases() as cases:
        for arg, topic in WRONG.items():
            with cases.row(arg):
                status, out, err = call(arg)
                assert status == 2, (status, out, err)
                assert out == '', out
                assert err.endswith('\n') and err.count('\n') == 1, err
                assert topic in err, err


@test
def wrong_usage_is_found_behind_right_usage():
    status, out, err = call('--web.listen-address=127.0.0.1:0',
                            '--log.level', 'loud')
    assert status == 2 and 'log.level' in err, (status, out, err)


@test
def help_lists_every_flag():
    status, out, err = call('--help')
    assert (status, err) == (0, ''), (status, err)
    with Cases() as cases:
        for flag in FLAGS:
            with cases.row(flag):
                assert re.search(r'(^|\s)%s\b' % re.escape(flag), out, re.M)


@test
def every_flag_of_the_help_is_tried_here():
    # One that is new there is to be tried wrongly too, unless any text at all
    # is right for it.
    out = call('--help')[1]
    known = set(re.findall(r'^  (--[^=\s]+)', out, re.M))
    assert known == set(FLAGS), known ^ set(FLAGS)
    untried = known - {arg.split('=')[0] for arg in WRONG}
    assert untried == {'--dns.resolv-conf'}, untried


@test
def help_fits_a_terminal():
    long = [line for line in call('--help')[1].split('\n') if len(line) > 80]
    assert not long, long


@test
def help_names_the_defaults():
    out = call('--help')[1]
    for default in (':8000', '/metrics', '512', 'coda56', '0.5', 'info',
                    '/etc/resolv.conf', '10.0.0.0/8', '169.254.169.254'):
        assert default in out, default


@test
def version_is_told():
    status, out, err = call('--version')
    assert (status, err) == (0, ''), (status, err)
    assert version() in out.splitlines()[0]


@test
def values_may_stand_apart():
    with Sim() as sim, Exporter(
            '--web.listen-address', '127.0.0.1:0', '--web.telemetry-path',
            '/own', '--modem.target', sim.https, '--log.level',
            'debug') as exporter:
        assert exporter.page('/own').value('probe_success') == '1'


@test
def it_listens_on_every_address_given():
    with Exporter('--web.listen-address=127.0.0.1:0',
                  '--web.listen-address=127.44.3.2:0',
                  '--web.listen-address=[::1]:0') as exporter:
        hosts = [host for host, port in exporter.addresses]
        assert hosts == ['127.0.0.1', '127.44.3.2', '::1'], hosts
        for address in list(exporter.addresses):
            exporter.addresses = [address]
            assert exporter.ask('/-/ready').status == 200, address


@test
def a_host_of_two_families_has_one_port():
    with Exporter('--web.listen-address=localhost:0',
                  listeners=2) as exporter:
        (first, port), (second, other) = exporter.addresses
        assert (first, second, port) == ('127.0.0.1', '::1', other), \
            exporter.addresses
        for host in (first, second):
            exporter.addresses = [(host, port)]
            assert exporter.ask('/-/ready').status == 200, host


@test
def the_port_alone_is_every_address():
    if not socket.has_dualstack_ipv6():
        raise Skip('no IPv6')
    with Exporter('--web.listen-address=:0', listeners=2) as exporter:
        port = exporter.addresses[0][1]
        assert exporter.addresses == [('0.0.0.0', port), ('::', port)], \
            exporter.addresses
        for host in ('127.0.0.1', '127.44.3.2', '::1'):
            exporter.addresses = [(host, port)]
            assert exporter.ask('/-/ready').status == 200, host


@test
def a_port_that_is_taken_is_said_to_be():
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        status, out, err = call('--web.listen-address=127.0.0.1:%d' % port)
    assert status == 1, (status, out, err)
    assert out == '', out
    lines = [line for line in err.splitlines()
             if '127.0.0.1:%d' % port in line]
    assert len(lines) == 1 and re.search('(?i)in use', lines[0]), err


@test
def one_port_that_is_taken_is_one_too_many():
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        status, out, err = call('--web.listen-address=127.0.0.1:0',
                                '--web.listen-address=127.0.0.1:%d' % port)
    assert status == 1, (status, out, err)
    assert '127.0.0.1:%d' % port in err, err


def open_files(process):
    """What the descriptors of a process are, by their numbers."""
    directory = '/proc/%d/fd' % process.pid
    found = {}
    for number in os.listdir(directory):
        with contextlib.suppress(FileNotFoundError):
            found[int(number)] = os.readlink(os.path.join(directory, number))
    return found


@test
def what_is_closed_at_the_start_becomes_no_socket():
    if wrapper() or not os.path.isdir('/proc/self/fd'):
        raise Skip('needs /proc, and no wrapper around')
    program = Program(['sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'] +
                      exporter_command('--web.listen-address=127.0.0.1:0'))
    program.start()
    try:
        found = wait_until(lambda: [
            f for f in [open_files(program.process)]
            if any(name.startswith('socket:') for name in f.values())],
            'it is to listen')[0]
        assert [found.get(n) for n in range(3)] == ['/dev/null'] * 3, found
    finally:
        program.finish(program.process.terminate, False)


@test
def the_resolv_conf_of_the_system_is_the_default():
    # No name is asked for here, so nobody is asked.
    with Sim() as sim, \
            Exporter('--dns.resolv-conf=/etc/resolv.conf') as exporter:
        assert exporter.probe(sim.https).value('probe_success') == '1'


if __name__ == '__main__':
    main()
