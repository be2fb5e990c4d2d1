#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A modem that writes what it likes into every field of every page: no text
breaks the page, or another series."""

import contextlib
import json
import os
import pty
import re
import subprocess

import contract
from exposition import Page, as_openmetrics
from harness import (Cases, Exporter, PATIENCE, Sim, call, exporter_command,
                     main, probe_path, test)

OPENMETRICS = {'Accept': 'application/openmetrics-text'}

# Every field that is read as a text, and those that are not.
FIELDS = {
    'dsinfo': ('portId', 'frequency', 'modulation', 'signalStrength', 'snr',
               'dsoctets', 'correcteds', 'uncorrect', 'channelId'),
    'usinfo': ('portId', 'frequency', 'bandwidth', 'modtype', 'scdmaMode',
               'signalStrength', 'channelId'),
    'dsofdminfo': ('receive', 'ffttype', 'Subcarr0freqFreq', 'plclock',
                   'ncplock', 'mdc1lock', 'plcpower', 'SNR', 'dsoctets',
                   'correcteds', 'uncorrect'),
    'usofdminfo': ('uschindex', 'state', 'frequency', 'digAtten',
                   'digAttenBo', 'channelBw', 'repPower', 'repPower1_6',
                   'fftVal'),
    'getCmDocsisWan': ('Configname', 'NetworkAccess', 'CmIpAddress',
                       'CmNetMask', 'CmGateway', 'CmIpLeaseDuration'),
    'getSysInfo': ('hwVersion', 'swVersion', 'serialNumber', 'rfMac',
                   'systemUptime', 'systemTime'),
    'getCMInit': ('hwInit', 'findDownstream', 'ranging', 'dhcp', 'timeOfday',
                  'downloadCfg', 'registration', 'bpiStatus',
                  'networkAccess', 'trafficStatus'),
    'getLinkStatus': ('LinkStatus', 'LinkDuplex', 'LinkSpeed'),
    'system_model': ('modelName', 'vendorname'),
    'status_log': ('index', 'time', 'type', 'priority', 'event'),
}
# With one of these the row's other fields are shown.
GOOD = {'plclock': 'YES', 'state': 'OPERATE', 'systemUptime': '1h:02m:03s'}

TEXTS = {
    'quotes': b'a"b" "',
    'backslashes': b'a\\\\b\\\\\\\\',
    'newlines': b'a\\nb\\n\\nc',
    'carriage returns': b'a\\rb\\r\\nc',
    'comments': b'x\\n# TYPE modem_downstream_power counter\\n# EOF\\n',
    'samples': b'x\\"} 1\\nprobe_success 0\\nmodem_uptime{a=\\"',
    'NUL': b'a\\u0000b',
    'raw NUL': b'a\x00b',
    'control bytes': b'a\x01\x02\x1b[31m\x7fb',
    'invalid UTF-8': b'a\xff\xfe\xc3b\xe2\x82',
    'overlong UTF-8': b'\xc0\xaf\xed\xa0\x80x',
    'lone surrogates': b'a\\ud800b\\udc00',
    'line separators': 'a\u2028b\u0085c'.encode(),
    'braces': b'{a=\\"b\\"} 7',
    'BPI': b'AUTH:\\"\\n# EOF, TEK:\\\\',
    'one of 1 MB': b'm' * 1000000,
}
TEXTS['quotes'] = TEXTS['quotes'].replace(b'"', b'\\"')


def body(page, text, field=None):
    """A page whose fields, or whose one field, hold a text."""
    members = [b'"%s":"%s"' % (
        name.encode(), GOOD[name].encode() if name in GOOD and field != name
        else text if field in (None, name) else b'7')
        for name in FIELDS[page]]
    return b'[{' + b','.join(members) + b'}]\n'


def others(page, endpoint):
    """What is shown of all pages but one."""
    pages = dict(contract.MODEM, **contract.MORE)
    names = [f.name for other in pages if other != endpoint
             for f in pages[other] if f.name != 'modem_info']
    return [(name, [(s.labels, s.value) for s in page.samples(name)])
            for name in names if name in page.families]


def without_times(text):
    return [line for line in text.split('\n')
            if '_duration_seconds' not in line or line[0] == '#']


def check(exporter, sim, endpoint, healthy):
    path = probe_path(sim.http, module='full')
    # Page() takes nothing that was not promised.
    page = exporter.page(path)
    assert others(page, endpoint) == others(healthy, endpoint)
    known = [f.name for f in contract.full_families(tls=False)]
    assert set(page.families) <= set(known) | {
        'probe_failure_info', 'probe_endpoint_failure_info'}
    answer = exporter.ask(path, headers=OPENMETRICS)
    assert without_times(answer.text) == \
        without_times(as_openmetrics(page.text))
    return page


def check_all(endpoint):
    with Sim() as sim, Exporter() as exporter:
        healthy = exporter.probe(sim.http, module='full')
        with Cases() as cases:
            for name, text in TEXTS.items():
                with cases.row(name):
                    if len(text) * len(FIELDS[endpoint]) < 1000000:
                        sim.serve(endpoint, body(endpoint, text))
                        page = check(exporter, sim, endpoint, healthy)
                        assert page.value('probe_endpoint_success',
                                          endpoint=endpoint) == '1'
                        continue
                    for field in FIELDS[endpoint]:
                        sim.serve(endpoint, body(endpoint, text, field))
                        page = check(exporter, sim, endpoint, healthy)
                        assert len(page.text) < 200000, field


@test
def dsinfo_may_say_what_it_likes():
    check_all('dsinfo')


@test
def usinfo_may_say_what_it_likes():
    check_all('usinfo')


@test
def dsofdminfo_may_say_what_it_likes():
    check_all('dsofdminfo')


@test
def usofdminfo_may_say_what_it_likes():
    check_all('usofdminfo')


@test
def getCmDocsisWan_may_say_what_it_likes():
    check_all('getCmDocsisWan')


@test
def getSysInfo_may_say_what_it_likes():
    check_all('getSysInfo')


@test
def getCMInit_may_say_what_it_likes():
    check_all('getCMInit')


@test
def getLinkStatus_may_say_what_it_likes():
    check_all('getLinkStatus')


@test
def system_model_may_say_what_it_likes():
    check_all('system_model')


@test
def status_log_may_say_what_it_likes():
    check_all('status_log')


@test
def one_field_may_say_what_it_likes():
    # The others of its row are shown as ever.
    text = TEXTS['samples']
    with Sim() as sim, Exporter() as exporter:
        healthy = exporter.probe(sim.http, module='full')
        with Cases() as cases:
            for endpoint, fields in FIELDS.items():
                for field in fields:
                    with cases.row('%s, %s' % (endpoint, field)):
                        sim.serve(endpoint, body(endpoint, text, field))
                        check(exporter, sim, endpoint, healthy)


@test
def json_holds_every_text():
    small = {name: text for name, text in TEXTS.items() if len(text) < 1000}
    with Sim() as sim, Cases() as cases:
        def probe():
            status, out, err = call('probe', sim.http, '--module=full',
                                    '--format=json',
                                    '--dns.resolv-conf=/nonexistent')
            assert (status, err) == (0, ''), (status, err)
            return json.loads(out)

        healthy = probe()
        for name, text in small.items():
            for endpoint, table, key in (
                    ('dsinfo', 'downstream', 'modulation'),
                    ('usinfo', 'upstream', 'mode'),
                    ('dsofdminfo', 'ofdm', 'fft'),
                    ('usofdminfo', 'ofdma', 'fft'),
                    ('getCmDocsisWan', 'wan', 'config_name'),
                    ('getSysInfo', 'system', 'software_version'),
                    ('system_model', 'system', 'model'),
                    ('status_log', 'event', 'text')):
                with cases.row('%s, %s' % (name, endpoint)):
                    sim.serve(endpoint, body(endpoint, text))
                    answer = probe()
                    assert list(answer) == list(healthy)
                    row = answer[table][0]
                    assert row[key].startswith(('a', 'x', '{', 'AUTH',
                                                '\ufffd')), row
                    for other in ('downstream', 'upstream', 'ofdma', 'link'):
                        assert other == table or \
                            answer[other] == healthy[other], other


@test
def the_texts_themselves_come_through():
    shown = {
        'quotes': 'a"b" "', 'backslashes': 'a\\b\\\\', 'newlines': 'a\nb\n\nc',
        'NUL': 'a\ufffdb', 'raw NUL': 'a\ufffdb',
        'control bytes': 'a\ufffd\ufffd\ufffd[31m\x7fb',
        'invalid UTF-8': 'a\ufffd\ufffd\ufffdb\ufffd',
        'overlong UTF-8': '\ufffd' * 5 + 'x',
        'lone surrogates': 'a\ufffdb\ufffd',
        'line separators': 'a\u2028b\u0085c',
    }
    with Sim() as sim, Cases() as cases:
        for name, text in shown.items():
            with cases.row(name):
                sim.serve('system_model', body('system_model', TEXTS[name]))
                out = call('probe', sim.http, '--module=full',
                           '--dns.resolv-conf=/nonexistent')[1]
                assert Page(out).labels('modem_info')['model'] == text


def print_to_terminal(*args, **environ):
    """What the exporter writes to a terminal, as a program would read it."""
    master, slave = pty.openpty()
    with open(master, 'rb', closefd=True) as screen:
        process = subprocess.Popen(exporter_command(*args), stdout=slave,
                                   stdin=subprocess.DEVNULL,
                                   env=dict(os.environ, **environ))
        os.close(slave)
        shown = b''
        # Linux says EIO at the end.
        with contextlib.suppress(OSError):
            for piece in iter(lambda: os.read(master, 65536), b''):
                shown += piece
        assert process.wait(PATIENCE) == 0
    return shown.decode('ascii').replace('\r\n', '\n')


@test
def no_text_is_a_command_to_a_terminal():
    text = 'a\x1b[31m\x9b32m\x07\x7f\t\u202e\\"'
    args = ('--module=full', '--dns.resolv-conf=/nonexistent')
    with Sim() as sim, Cases() as cases:
        sim.serve('system_model', body(
            'system_model', json.dumps(text)[1:-1].encode()))
        for form in ('text', 'openmetrics', 'json'):
            with cases.row(form):
                command = ('probe', sim.http, '--format=' + form) + args
                piped = call(*command)[1]
                shown = print_to_terminal(*command)
                assert set(shown) <= set(map(chr, range(32, 127))) | {'\n'}
                assert piped.count('\n') == shown.count('\n')
                if form == 'json':
                    found = [json.loads(out)['system'][0]['model']
                             for out in (piped, shown)]
                elif form == 'text':
                    found = [Page(out).labels('modem_info')['model']
                             for out in (piped, shown)]
                else:
                    continue
                assert found[0] == text, found
                # JSON has escapes of its own for the C0 controls.
                assert found[1] in (
                    'a\\x1b[31m\\xc2\\x9b32m\\x07\\x7f\\x09'
                    '\\xe2\\x80\\xae\\"',
                    'a\x1b[31m\\xc2\\x9b32m\x07\\x7f\t'
                    '\\xe2\\x80\\xae\\"'), found


@test
def a_table_is_coloured_on_a_terminal_alone():
    text = 'a\x1b[31m\x9b32m\x07\x7f\t\u202e\\"'
    colour = r'\x1b\[[0-9;]*m'
    with Sim() as sim:
        sim.serve('system_model', body(
            'system_model', json.dumps(text)[1:-1].encode()))
        command = ('probe', sim.http, '--format=table', '--module=full',
                   '--dns.resolv-conf=/nonexistent')
        piped = call(*command)[1]
        plain = print_to_terminal(*command, NO_COLOR='1')
        coloured = print_to_terminal(*command, NO_COLOR='')
    assert '\x1b[33m' in coloured, coloured
    for shown in (piped, plain, re.sub(colour, '', coloured)):
        assert set(shown) <= set(map(chr, range(32, 127))) | {'\n'}, shown
        assert r'a\x1b[31m\xc2\x9b32m\x07\x7f\x09\xe2\x80\xae\"' in shown, \
            shown


if __name__ == '__main__':
    main()
