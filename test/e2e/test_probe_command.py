#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`coda56-exporter probe TARGET`: one probe, printed."""

import calendar
import json
import os
import pty
import re
import subprocess
import time
from unittest import mock

import contract
from exposition import Page, as_openmetrics
from harness import (Cases, PATIENCE, Sim, Skip, call, environment,
                     exporter_command, main, read_log, test, wrapper)

ALONE = '--dns.resolv-conf=/nonexistent'

# Arguments behind `probe`: what the line on stderr must speak of.
WRONG = {
    (): 'TARGET',
    ('--format=json',): 'TARGET',
    ('127.0.0.1', '127.0.0.2'): '127.0.0.2',
    ('127.0.0.1', 'operand'): 'operand',
    ('',): 'probe',
    ('http://user@host/',): 'user@host',
    ('127.0.0.1/path',): '127.0.0.1/path',
    ('1.2.3',): '1.2.3',
    ('127.0.0.1:0',): '127.0.0.1:0',
    ('127.0.0.1', '--format=xml'): 'format',
    ('127.0.0.1', '--format='): 'format',
    ('127.0.0.1', '--format'): 'format',
    ('127.0.0.1', '--format=json', '--format=text'): 'format',
    ('127.0.0.1', '--module=nosuch'): 'module',
    ('127.0.0.1', '--nosuch'): 'nosuch',
    ('127.0.0.1', '-x'): '-x',
    ('127.0.0.1', '--web.listen-address=:0'): 'web.listen-address',
    ('127.0.0.1', '--modem.target=127.0.0.1'): 'modem.target',
    ('127.0.0.1', '--modem.module=full'): 'modem.module',
    ('127.0.0.1', '--target.deny=x'): 'target.deny',
}


def probe(*args):
    return call('probe', *(args + (ALONE,)))


def probe_json(*args):
    status, out, err = probe('--format=json', *args)
    return status, json.loads(out, parse_float=str, parse_int=str), err


def check_error(err, reason):
    """One line of the log says what is wrong."""
    lines = [read_log(line) for line in err.splitlines()]
    assert [line.get('reason') for line in lines] == [reason], err


@test
def wrong_usage_is_said_in_one_line():
    with Cases() as cases:
        for args, topic in WRONG.items():
            with cases.row(repr(args)):
                status, out, err = call('probe', *args)
                assert status == 2, (status, out, err)
                assert out == '', out
                assert err.endswith('\n') and err.count('\n') == 1, err
                assert topic in err, err


@test
def a_healthy_modem_is_printed_and_the_status_is_0():
    with Sim() as sim:
        for url in sim.urls:
            status, out, err = probe(url)
            assert (status, err) == (0, ''), (status, err)
            page = Page(out)
            assert list(page.families) == [
                f.name for f in
                contract.healthy_families(tls=url == sim.https)]
            assert sim.report_counters()['requests_total'] == 6
            sim.reset()


@test
def the_formats_say_the_same():
    def without_times(text):
        return [line for line in text.split('\n')
                if '_duration_seconds' not in line or line[0] == '#']

    with Sim() as sim:
        text = probe(sim.https, '--format', 'text', '--module=full')[1]
        assert list(Page(text).families) == [
            f.name for f in contract.full_families(tls=True)]
        status, out, err = probe('--module=full', sim.https,
                                 '--format=openmetrics')
        assert (status, err) == (0, ''), (status, err)
        assert without_times(out) == without_times(as_openmetrics(text))


@test
def json_says_what_was_asked_and_what_came():
    before = int(time.time())
    with Sim() as sim:
        status, answer, err = probe_json(sim.https, '--module=full')
        assert (status, err) == (0, ''), (status, err)
        assert answer['target'] == sim.https
        assert answer['module'] == 'full'
        assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ',
                            answer['time']), answer['time']
        when = calendar.timegm(time.strptime(answer['time'],
                                             '%Y-%m-%dT%H:%M:%SZ'))
        assert before <= when <= time.time(), answer['time']
        assert answer['success'] is True
        assert 'reason' not in answer
        assert 0 < float(answer['duration_seconds']) < PATIENCE
        assert [e['endpoint'] for e in answer['endpoints']] == \
            list(contract.ALL_PAGES)
        for row in answer['endpoints']:
            assert row['success'] is True and 'reason' not in row, row
            assert 0 < float(row['duration_seconds']) <= \
                float(answer['duration_seconds']), row
            assert int(row['response_bytes']) > 0, row
            assert row['age_seconds'] == row['rejected_values'] == '0', row


@test
def json_has_the_samples_of_the_metrics():
    with Sim() as sim:
        page = Page(probe(sim.https, '--module=full')[1])
        answer = probe_json(sim.https, '--module=full')[1]
    with Cases() as cases:
        for table, prefix, begin, label in (
                ('downstream', 'modem_downstream_', '', 'channel'),
                ('upstream', 'modem_upstream_', '', 'channel'),
                ('ofdm', 'modem_ofdm_', '', 'channel'),
                ('ofdma', 'modem_ofdma_', '', 'channel'),
                ('link', 'modem_link_', '', 'port'),
                ('priority', 'modem_event_log_', 'entries', 'priority'),
                ('occurrence', 'modem_event_log_', 'events', 'event'),
                ('latest', 'modem_event_log_', 'latest', 'priority')):
            found = {(prefix + key, row[label], value)
                     for row in answer[table] for key, value in row.items()
                     if prefix + key in page.families and key != 'lock'}
            wanted = {(s.name, s.labels[label], s.value)
                      for name in page.families
                      if name.startswith(prefix + begin)
                      for s in page.samples(name) if list(s.labels) == [label]}
            with cases.row(table):
                assert found and found == wanted, found ^ wanted
        lock = answer['ofdm'][0]['lock']
        assert lock == {s.labels['stage']: s.value
                        for s in page.samples('modem_ofdm_lock')
                        if s.labels['channel'] ==
                        answer['ofdm'][0]['channel']}
        (system,), (init,), (wan,) = (answer[table] for table in
                                      ('system', 'init', 'wan'))
        assert system['uptime'] == page.value('modem_uptime')
        assert system['system_time'] == page.value('modem_system_time')
        for row, name in ((system, 'modem_info'), (wan, 'modem_wan_info'),
                          (init, 'modem_docsis_bpi_info')):
            assert page.labels(name).items() <= row.items(), name
        assert init['init_success']['registration'] == '1'
        assert wan['dhcp_lease_seconds'] == \
            page.value('modem_wan_dhcp_lease_seconds')
        assert len(answer['event']) == 20
        assert not [row for row in answer['event'] if 'CM-MAC' in row['text']]


def columns(table, title):
    """The rows of a table, cut where its headings begin or end."""
    lines = table.split('\n%s\n' % title)[1].split('\n\n')[0].splitlines()
    return [re.split(r'  +', line.strip()) for line in lines]


@test
def a_table_has_the_verdict_and_every_channel():
    low = json.dumps([{'channelId': str(n), 'frequency': str(n * 10 ** 8),
                       'modulation': '2', 'signalStrength': power,
                       'snr': '38.5'}
                      for n, power in enumerate(('0.1', '-10.1', '-16'), 1)])
    with Sim() as sim:
        status, out, err = probe(sim.http, '--format=table', '--module=full')
        assert (status, err) == (0, ''), (status, err)
        assert '\nThe line works, and is worth a look.\n' in out, out
        assert 'T3 and T4 time-outs within the last hour: 0' in out, out
        assert len(columns(out, 'Downstream channels')) == 1 + 32
        assert len(columns(out, 'Event log')) == 1 + 20
        assert '  Firmware          7.3.5.3.2b1\n' in out, out
        sim.serve('dsinfo', low.encode())
        status, out, err = probe(sim.http, '--format=table')
    assert '\nThe line is in trouble, and users will notice.\n' in out, out
    assert '\n!! Downstream power is out of range on 2 of 3 channels, worst ' \
        'on channel 3 with\n   -16 dBmV; -7 to 7 is good.\n' in out, out
    rows = columns(out, 'Downstream channels')
    assert rows[0] == ['Channel', 'MHz', 'Power, dBmV', 'SNR, dB',
                       'Modulation'], rows
    assert rows[1:] == [['1', '100', '0.10', '38.50', '256QAM'],
                        ['2', '200', '-10.10 !', '38.50', '256QAM'],
                        ['3', '300', '-16.00 !!', '38.50', '256QAM']], rows


def print_on_terminal(*args):
    """What a command writes if its standard output is a terminal; no more
    than one holds that is read only afterwards."""
    try:
        ours, theirs = pty.openpty()
    except OSError as why:
        raise Skip('needs a terminal: %s' % why)
    with os.fdopen(ours, 'rb', buffering=0) as reader, \
            os.fdopen(theirs, 'wb', buffering=0) as terminal:
        call(*args, stdout=terminal)
        terminal.write(b'END')
        out = b''
        while not out.endswith(b'END'):
            out += reader.read(65536)
    return out


@test
def a_table_is_coloured_on_a_terminal_alone():
    row = {'channelId': '1', 'frequency': '100000000', 'snr': '34',
           'signalStrength': '1', 'modulation': '2'}
    with Sim() as sim, Cases() as cases:
        sim.serve('dsinfo', json.dumps([row]).encode())
        args = 'probe', sim.http, '--format=table', ALONE
        for environ, coloured in (({}, True), ({'NO_COLOR': ''}, True),
                                  ({'NO_COLOR': '1'}, False)):
            with cases.row(repr(environ)), mock.patch.dict(os.environ):
                os.environ.pop('NO_COLOR', None)
                os.environ.update(environ)
                out = print_on_terminal(*args)
                assert (b'\x1b[33m34.00 ~ \x1b[0m' in out) == coloured, out
                assert coloured or b'\x1b' not in out, out
                assert b'is worth a look' in out, out
        assert '\x1b' not in call(*args)[1]


@test
def a_table_of_a_dead_modem_says_why():
    with Sim('--behave=refuse') as sim:
        status, out, err = probe(sim.http, '--format=table')
        assert status == 1, (status, err)
        check_error(err, 'connect_refused')
    assert '\nThe probe failed: connect_refused\n' in out, out
    assert 'check port and scheme; a modem refuses while it boots' in out, out
    assert '\nToo little could be read to judge the line.\n' in out, out
    assert 'Pages asked for' not in out, out


@test
def a_failed_probe_is_printed_and_the_status_is_1():
    with Sim('--behave=dsinfo,status=500') as sim:
        for form in ('text', 'openmetrics', 'json'):
            status, out, err = probe(sim.http, '--format=' + form)
            assert status == 1, (status, err)
            check_error(err, 'http_status')
        status, out, err = probe(sim.http)
        page = Page(out)
        assert page.value('probe_success') == '0'
        assert page.labels('probe_failure_info') == {'reason': 'http_status'}
        assert page.samples('modem_upstream_power')
        answer = probe_json(sim.http)[1]
        assert answer['success'] is False
        assert answer['reason'] == 'http_status'
        row = answer['endpoints'][0]
        assert (row['success'], row['reason']) == (False, 'http_status'), row
        assert answer['downstream'] == [] and answer['upstream']


@test
def an_extra_page_that_fails_is_no_failure():
    with Sim('--behave=status_log,status=404') as sim:
        status, answer, err = probe_json(sim.http, '--module=full')
        assert (status, err) == (0, ''), (status, err)
        assert answer['success'] is True
        assert answer['endpoints'][-1]['reason'] == 'http_status'
        assert answer['event'] == answer['occurrence'] == []


@test
def who_is_not_there_is_told_with_a_reason():
    with Sim('--behave=refuse') as sim:
        status, answer, err = probe_json(sim.http)
        assert (status, answer['reason']) == (1, 'connect_refused')
        check_error(err, 'connect_refused')


@test
def names_that_do_not_exist_are_told():
    status, answer, err = probe_json('nosuch.invalid')
    assert (status, answer['reason']) == (1, 'resolve_failed')
    check_error(err, 'resolve_failed')
    assert answer['target'] == 'https://nosuch.invalid:443'


@test
def who_may_not_be_asked_is_denied():
    with Sim() as sim:
        for args in (('--target.deny=127.0.0.0/8',),
                     ('--target.allow=10.0.0.0/8',)):
            status, out, err = probe(sim.http, *args)
            assert status == 1, (status, err)
            page = Page(out)
            assert page.labels('probe_failure_info') == {'reason': 'denied'}
            check_error(err, 'denied')
        assert sim.report_counters()['connections'] == 0


@test
def the_target_has_one_spelling():
    with Sim('--behave=refuse') as sim:
        url = sim.http
        answer = probe_json(url.replace('http', 'HTTP') + '/')[1]
        assert answer['target'] == url, answer['target']


@test
def an_answer_that_cannot_be_written_is_a_failure():
    with Sim() as sim, open('/dev/full', 'w') as full:
        status, out, err = call('probe', sim.http, ALONE, stdout=full)
        assert status == 1, (status, err)
        assert err.count('\n') == 1, err
        # More than is written at once.
        assert call('--list-metrics', stdout=full)[0] == 1


@test
def an_answer_to_nobody_is_a_failure():
    if wrapper():
        raise Skip('a wrapper takes the descriptor for itself')
    with Sim() as sim:
        done = subprocess.run(['sh', '-c', 'exec "$@" >&-', 'sh'] +
                              exporter_command('probe', sim.http, ALONE),
                              env=environment(), stderr=subprocess.PIPE,
                              timeout=PATIENCE)
        assert done.returncode == 1, done.stderr


@test
def a_reader_who_leaves_early_is_survived():
    with Sim() as sim:
        reading, writing = os.pipe()
        os.close(reading)
        try:
            status, out, err = call('probe', sim.http, ALONE,
                                    stdout=writing)
        finally:
            os.close(writing)
        assert status == 1, (status, err)


@test
def metrics_are_listed_in_markdown():
    status, out, err = call('--list-metrics')
    assert (status, err) == (0, ''), (status, err)
    rows = [line.split(' | ') for line in out.splitlines()]
    assert out.splitlines()[:2] == ['| metric | type | labels | meaning |',
                                    '| --- | --- | --- | --- |']
    names = [row[0].strip('|` ') for row in rows[2:]]
    types = dict(zip(names, (row[1] for row in rows[2:])))
    with Cases() as cases:
        for family in contract.full_families(tls=True):
            with cases.row(family.name):
                assert names.count(family.name) == 1
                assert types[family.name] == (
                    'info' if family.name.endswith('_info')
                    else family.type)
    assert call('probe', '--list-metrics')[:2] == (0, out)


@test
def help_is_given_for_both_commands():
    for args in (('--help',), ('probe', '--help')):
        status, out, err = call(*args)
        assert (status, err) == (0, ''), (status, err)
        assert 'probe TARGET' in out and '--format' in out, out


if __name__ == '__main__':
    main()
