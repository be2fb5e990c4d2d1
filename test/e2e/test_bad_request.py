#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Requests that are the client's fault: 400 and one line that says why.

That the line is one, is text and is printable is checked for every answer.
"""

import re

from harness import (Cases, Exporter, Sim, TIMEOUT_HEADER, host_and_port,
                     main, probe_path, test)

# Query: what the line must speak of. HOST is that of a modem that counts.
QUERIES = {
    '': 'target',
    '?': 'target',
    '?target': 'target',
    '?target=': 'target',
    '?target=&module=coda56': 'target',
    '?module=coda56': 'target',
    '?target=HOST&target=HOST': 'target|twice|repeat',
    '?target=HOST&target=': 'target|twice|repeat',
    '?target=HOST&module=coda56&module=coda56': 'module|twice|repeat',
    '?target=HOST&colour=red': 'colour',
    '?target=HOST&colour': 'colour',
    '?target=HOST&TARGET=HOST': 'TARGET',
    '?target=HOST&module=nosuch': "'nosuch'; there are coda56, full, gentle",
    '?target=HOST&module=': 'module',
    '?target=HOST&debug=maybe': 'debug',
    '?target=%zz': '%|escape',
    '?target=%': '%|escape',
    '?target=%4': '%|escape',
    '?target=127.0.0.1%g0': '%|escape',
    '?target=HOST%00': '',
    '?target=HOST%0a': '',
    '?target=HOST%0d%0aX-Evil:%201': '',
    '?target=%07HOST': '',
    '?target=HOST%7f': '',
    '?target=HOST&module=coda56%00': '',
}

TARGETS = (
    'http://user@HOST/x',
    'http://user@HOST',
    'http://user:secret@HOST/',
    'http://HOST/data/dsinfo.asp',
    'HOST/data',
    'HOST//',
    'HOST?x=1',
    'HOST#x',
    'HOST/#',
    ' HOST',
    'HOST ',
    'HOST HOST',
    'HOST,HOST',
    'ftp://HOST',
    '//HOST',
    '://HOST',
    'http://',
    'http://http://HOST',
    '/',
    ':443',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '127.0.0.1:4294967739',
    '127.0.0.1:-1',
    '127.0.0.1:+443',
    '127.0.0.1:https',
    '127.0.0.1:443:443',
    # What inet_aton() would take for some address.
    '0x7f000001',
    '0x7f.1',
    '127.0.0.0x1',
    '0177.0.0.1',
    '127.0.0.01',
    '2130706433',
    '1.2.3',
    '127.1',
    '1.2.3.4.5',
    '256.1.1.1',
    '127.0.0.',
    '.127.0.0.1',
    # IPv6
    '::1',
    'fd00::1',
    '[::1',
    '::1]',
    '[]',
    '[::g]',
    '[::1]x',
    '[::1]:0',
    '[127.0.0.1]',
    # Names
    '.',
    'a..b',
    'mo dem.lan',
    'modem!.lan',
    'm\u00f6dem.lan',
    'x' * 64 + '.lan',
    'x.' * 127 + 'lan',
    'x' * 5000,
)

TIMEOUTS = ('0', '0.0', '-1', '-0.5', 'abc', 'nan', 'NaN', 'inf', '+Inf',
            'Infinity', '1s', '1,5', '1 2', '0x10', '.', '1e999')


def check_refused(exporter, path, topic='', headers=None):
    answer = exporter.ask(path, headers=headers)
    assert answer.status == 400, (answer.status, answer.text)
    assert re.search(topic, answer.text), answer.text


def check_untouched(sim):
    seen = sim.report_counters()
    assert seen['connections'] == 0, seen


@test
def bad_queries_are_refused():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for query, topic in QUERIES.items():
            with cases.row(query):
                check_refused(exporter, '/probe' + query.replace(
                    'HOST', host_and_port(sim.https)), topic)
        with cases.row('nobody was asked'):
            check_untouched(sim)


@test
def bad_targets_are_refused():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for target in TARGETS:
            with cases.row(repr(target)):
                check_refused(exporter, probe_path(target.replace(
                    'HOST', host_and_port(sim.http))))
        with cases.row('nobody was asked'):
            check_untouched(sim)


@test
def bad_timeouts_are_refused():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for timeout in TIMEOUTS:
            with cases.row(repr(timeout)):
                check_refused(exporter, probe_path(sim.https),
                              '(?i)timeout', {TIMEOUT_HEADER: timeout})
        with cases.row('nobody was asked'):
            check_untouched(sim)


@test
def head_is_refused_alike():
    with Exporter() as exporter:
        assert exporter.ask('/probe', method='HEAD').status == 400
        assert exporter.ask('/probe?target=1.2.3',
                            method='HEAD').status == 400


@test
def spellings_of_one_target_are_accepted():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        host = host_and_port(sim.http)
        for query in ('target=http://' + host, 'target=http%3A%2F%2F' + host,
                      'target=http%3a%2f%2f' + host + '%2F',
                      'module=coda56&target=http://' + host,
                      'target=HTTP://' + host,
                      'target=http://[::ffff:127.0.0.1]:' +
                      host.split(':')[1]):
            with cases.row(query):
                page = exporter.page('/probe?' + query)
                assert page.value('probe_success') == '1', page.text


@test
def a_refused_request_is_not_logged_as_a_probe():
    with Exporter() as exporter:
        check_refused(exporter, '/probe?target=1.2.3')
        assert not [e for e in exporter.events() if 'reason' in e], \
            exporter.events()


if __name__ == '__main__':
    main()
