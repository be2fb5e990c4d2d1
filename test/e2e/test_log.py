#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is logged: a line per failed probe, none per successful one."""

import json
import re
import socket
import subprocess

from client import ask
from harness import (Exporter, PATIENCE, Sim, exporter_command, host_and_port,
                     main, probe_path, test)


@test
def a_line_has_time_level_and_message():
    with Exporter() as exporter:
        event = exporter.wait_event(msg='listening')
        assert re.fullmatch(
            r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', event['time']), event
        assert event['level'] == 'info', event
        assert re.fullmatch(r'127\.0\.0\.1:[1-9]\d*', event['address']), event


@test
def a_failed_probe_is_one_line_and_a_successful_one_none():
    with Sim() as good, Sim('--behave=dsinfo,status=500') as bad, \
            Exporter() as exporter:
        exporter.probe(good.https)
        exporter.ask('/')
        exporter.page('/metrics')
        exporter.ask('/nosuch')
        exporter.probe(bad.https)
        event = exporter.wait_event(reason='http_status')
        # Lines come in the order of what they tell, so this was the first.
        assert exporter.events() == [event], exporter.events()
        assert event['level'] in ('info', 'warn'), event
        assert host_and_port(bad.https) in event['target'], event
        assert event['module'] == 'coda56', event


@test
def each_failed_probe_is_one_line_whatever_failed():
    with Sim() as sim, Exporter() as exporter:
        reasons = []
        for rules, reason in (
                (('cut',), 'truncated'),
                (('handshake-close',), 'tls_handshake_failed'),
                (('usinfo,login', 'dsinfo,reset'), 'connection_reset')):
            sim.behave(*rules)
            exporter.probe(sim.https)
            exporter.wait_event(reason=reason)
            reasons.append(reason)
        exporter.probe('modem.invalid')
        exporter.wait_event(reason='resolve_failed')
        assert [event.get('reason') for event in exporter.events()] == \
            reasons + ['resolve_failed'], exporter.events()


@test
def a_probe_for_metrics_is_logged_alike():
    with Sim('--behave=status=500') as sim, \
            Exporter('--modem.target=' + sim.https) as exporter:
        exporter.page('/metrics')
        event = exporter.wait_event(reason='http_status')
        assert host_and_port(sim.https) in event['target'], event
        assert exporter.events() == [event], exporter.events()


@test
def an_extra_page_that_fails_is_no_failed_probe():
    with Sim('--behave=getSysInfo,status=404') as sim, \
            Exporter() as exporter:
        assert exporter.probe(sim.https).value('probe_success') == '1'
        sim.behave('close')
        exporter.probe(sim.https)
        event = exporter.wait_event(reason='connection_reset')
        assert exporter.events() == [event], exporter.events()


@test
def debugging_adds_lines_and_repeats_none():
    with Sim('--behave=status=500') as sim, \
            Exporter('--log.level=debug') as exporter:
        exporter.probe(sim.https)
        exporter.wait_event(reason='http_status')
        said = [e for e in exporter.events()
                if e['level'] in ('info', 'warn') and 'reason' in e]
        assert len(said) == 1, exporter.events()


@test
def what_a_modem_sends_cannot_forge_a_line():
    # Control bytes in what is not HTTP; a line is ASCII in any case.
    with Sim('--behave=not-http') as sim, Exporter() as exporter:
        exporter.probe(sim.http)
        exporter.wait_event(reason='http_protocol')
        for line in exporter.lines('stderr'):
            assert line.isascii() and line.isprintable(), line
        assert len(exporter.events()) == 1, exporter.events()


@test
def what_stands_in_a_page_cannot_forge_a_line():
    with Sim() as sim, Exporter() as exporter:
        sim.serve('dsinfo', b'\x1b[31m\ntime=1 level=info msg=listening '
                  b'address=127.0.0.1:1\n"\\\xff\x00\r\n')
        exporter.probe(sim.http)
        event = exporter.wait_event(reason='not_json')
        assert exporter.events() == [event], exporter.events()
        for line in exporter.lines('stderr'):
            assert line.isascii() and line.isprintable(), line


@test
def what_a_client_sends_cannot_forge_a_line():
    with Exporter() as exporter:
        exporter.ask('/x%0atime=1%20level=info%20msg=listening')
        exporter.ask('/probe?target=%0alevel%3dinfo')
        exporter.ask('/-/healthy', headers={'X': 'a\x07b'})
        exporter.probe('a-b.invalid')
        event = exporter.wait_event(reason='resolve_failed')
        assert 'a-b.invalid' in event['target'], event
        assert exporter.events()[-1] == event
        for line in exporter.lines('stderr'):
            assert line.isascii() and line.isprintable(), line


@test
def json_has_the_same_events():
    events = {}
    for form in ('logfmt', 'json'):
        with Sim('--behave=status=500') as sim, \
                Exporter('--log.format=' + form) as exporter:
            exporter.probe(sim.https)
            exporter.wait_event(reason='http_status')
            exporter.process.terminate()
            assert exporter.wait_exit() == 0
            events[form] = [list(e) for e in exporter.events()]
            started = exporter.wait_event(msg='coda56-exporter')
            assert started['max_probes'] == '512', started
            assert started['level'] == 'info', started
            assert re.fullmatch(
                r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z', started['time'])
    assert events['json'] == events['logfmt'] != [], events


@test
def json_is_json_whatever_a_modem_sends():
    with Sim() as sim, Exporter('--log.format=json',
                                '--log.level=debug') as exporter:
        for body in (b'\x1b[31m\n{"level":"info"}\n"\\\xff\x00\r\n',
                     b'\x80\xc2\x9b"', bytes(range(256)),
                     '\u2028\U0001f600'.encode(), b'"' * 4000):
            sim.serve('dsinfo', body)
            exporter.probe(sim.http)
            sim.behave('not-http')
            exporter.probe(sim.http)
        exporter.process.terminate()
        assert exporter.wait_exit() == 0
        lines = [line for line in exporter.lines('stderr')
                 if line.startswith('{')]
        failed = [e for e in map(json.loads, lines)
                  if e['msg'] == 'probe failed']
        assert len(failed) == 10, lines
        for line in lines:
            assert line.isascii() and line.isprintable(), line


@test
def nobody_who_reads_the_log_stops_nobody():
    with socket.socket() as nobody:
        nobody.bind(('127.0.0.1', 0))
        path = probe_path('http://127.0.0.1:%d' % nobody.getsockname()[1])
        process = subprocess.Popen(
            exporter_command('--web.listen-address=127.0.0.1:0',
                             '--dns.resolv-conf=/nonexistent'),
            stderr=subprocess.PIPE, text=True)
        try:
            address = None
            while not address:
                address = re.search(r'msg=listening address=(\S+):(\d+)',
                                    process.stderr.readline())
            address = address[1], int(address[2])
            # More than a pipe holds, which is 64 KiB or less.
            for again in range(300):
                assert ask(address, path, PATIENCE).status == 200
            assert ask(address, '/-/healthy', PATIENCE).status == 200
            process.terminate()
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
            process.communicate()


if __name__ == '__main__':
    main()
