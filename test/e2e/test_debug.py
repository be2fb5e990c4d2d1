#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a probe did: debug=true, /logs, and the probes of the front page."""

import contextlib
import re
import socket
import threading

from configuration import module, written
from exposition import Page
from harness import (Cases, Exporter, FACTOR, PATIENCE, Sim, TIMEOUT_HEADER,
                     call, host_and_port, main, probe_path, test)

PAGES = 6
TEXT = 'text/plain; charset=utf-8'
LOG_MAX = 8192
LINE = re.compile(r' *\d+\.\d{6} [ -~]+')
# Seconds; where all is slow, still within the ten that a module has.
UNIT = min(FACTOR, 3)


class Debug:
    """An answer to debug=true, in its parts."""

    def __init__(self, answer):
        assert answer.status == 200, (answer.status, answer.text)
        assert answer.header('Content-Type') == TEXT, answer.headers
        parts = re.fullmatch(r'Log:\n(.*\n)\nMetrics:\n(.*\n)\n'
                             r'Configuration:\n(.*\n)', answer.text, re.S)
        assert parts, answer.text
        self.log, self.metrics, self.configuration = parts.groups()
        self.page = Page(self.metrics)
        check_log(self.log)


def check_log(log):
    """Lines in the order of their times."""
    lines = log.splitlines()
    for line in lines:
        assert LINE.fullmatch(line), line
    times = [float(line.split()[0]) for line in lines]
    assert times == sorted(times), log
    assert ' probe of ' in lines[0], lines[0]
    assert len(log) < LOG_MAX, len(log)


def debug(exporter, target, timeout=None, **parameters):
    return Debug(exporter.ask(
        probe_path(target, debug='true', **parameters),
        headers={} if timeout is None else {TIMEOUT_HEADER: timeout}))


def values(page, family):
    return [(s.key, s.value) for s in page.samples(family)]


def stored(exporter, query):
    """The log of /logs, and the line above it."""
    answer = exporter.ask('/logs?' + query)
    assert answer.status == 200, (answer.status, answer.text)
    assert answer.header('Content-Type') == TEXT, answer.headers
    title, blank, log = answer.text.partition('\n\n')
    assert blank and '\n' not in title, answer.text
    check_log(log)
    return title, log


def rows(exporter):
    """The probes of the front page: modem, module, result, link's path."""
    text = exporter.ask('/').text
    found = re.findall(r'<tr><th scope="row"><a href="/modem\?[^"]*">(.*?)'
                       r'</a></th><td><b [^>]*>[^<]*</b>(.*?)</td>'
                       r'<td>\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ</td>'
                       r'<td class="number">\d+\.\d+</td><td>(.*?)</td>'
                       r'(?:<td><a href="(.*?)">Log</a></td>)?</tr>', text)
    assert len(found) == text.count('<th scope="row">'), text
    return [(modem, module, result, link)
            for modem, result, module, link in found]


@contextlib.contextmanager
def modem(answer):
    """One that speaks plain HTTP and answers the Nth request of a connection
    with answer(N), or else closes; its URL."""
    def serve(connection):
        with connection, connection.makefile('rb') as stream:
            number = 0
            while stream.readline():
                while stream.readline() not in (b'\r\n', b''):
                    continue
                raw = answer(number)
                number += 1
                if raw is None:
                    return
                connection.sendall(raw)

    def accept():
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,),
                             daemon=True).start()

    with socket.create_server(('127.0.0.1', 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield 'http://127.0.0.1:%d' % listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(PATIENCE)


@test
def debugging_shows_what_a_probe_shows_and_how_it_came():
    with Sim() as sim, Exporter() as exporter:
        for name in ('coda56', 'full'):
            plain = exporter.probe(sim.https, module=name)
            seen = debug(exporter, sim.https, module=name)
            assert list(seen.page.families) == list(plain.families)
            for family in plain.families:
                # The simulated modem's clock runs on.
                if family.startswith('modem_') and \
                        family != 'modem_system_time':
                    assert values(seen.page, family) == \
                        values(plain, family), family
            assert 'probe of %s, module %s\n' % (sim.https, name) in seen.log
            assert seen.log.endswith(' success\n'), seen.log


@test
def the_configuration_is_that_of_the_module():
    text = module('mine', 'scheme: http', 'port: 81', 'timeout: 3s',
                  'endpoints: [dsinfo]', 'expose_identifiers: true') + \
        '  other: {port: 82}\ntargets: {allow: [127.0.0.0/8], deny: []}'
    with Sim() as sim, written(text) as file, \
            Exporter(file.option) as exporter:
        for name in ('mine', 'coda56', 'gentle'):
            shown = debug(exporter, sim.http, module=name).configuration
            modules = shown.split('targets:')[0]
            assert re.findall(r'^  (\S+):$', modules, re.M) == [name], shown
            assert ('port: 81' in shown) == (name == 'mine'), shown
            # It could be the file.
            with written(shown) as again:
                assert call('--config.check', again.option) == (0, '', '')
                with Exporter(again.option) as other:
                    assert debug(other, sim.http,
                                 module=name).configuration == shown


@test
def debugging_is_true_or_false():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        with cases.row('false'):
            page = exporter.probe(sim.http, debug='false')
            assert page.value('probe_success') == '1'
        for query in ('', 'True', 'TRUE', '1', 'yes', 'true%20', 'tru',
                      'truefalse', 'true&debug=true', 'false&debug=true'):
            with cases.row(query):
                answer = exporter.ask(probe_path(sim.http) + '&debug=' +
                                      query)
                assert answer.status == 400, answer.status
        assert sim.report_counters()['requests_total'] == PAGES


@test
def who_may_not_be_asked_may_not_with_debugging():
    with Exporter('--target.deny=127.0.0.0/8') as exporter:
        answer = exporter.ask(probe_path('127.0.0.1', debug='true'))
        assert answer.status == 403 and '127.0.0.1' in answer.text


@test
def nothing_is_shown_where_that_is_disabled():
    with Sim() as sim, Exporter('--web.disable-debug') as exporter:
        for path in (probe_path(sim.http, debug='true'), '/logs?id=1',
                     '/logs', '/logs?target=' + sim.http):
            for method in ('GET', 'HEAD'):
                assert exporter.ask(path, method).status == 404, path
        assert sim.report_counters()['connections'] == 0
        page = exporter.probe(sim.http, debug='false')
        assert page.value('probe_success') == '1'
        assert exporter.ask('/logs?id=1').status == 404
        assert rows(exporter) == [(sim.http, 'coda56', 'success', '')]
        assert '/logs' not in exporter.ask('/').text


@test
def debugging_joins_a_probe_that_runs():
    with Sim('--behave=delay=%d' % (700 * UNIT)) as sim, \
            Exporter() as exporter:
        plain = exporter.later(exporter.probe, sim.https)
        sim.wait_counter('requests_open', 1, at_least=True)
        # That it waits is known by what the first has done.
        seen = debug(exporter, sim.https)
        assert seen.log.count(' asked\n') == PAGES, seen.log
        assert seen.log.endswith(' success\n'), seen.log
        page = plain.result(PATIENCE)
        assert page.text == seen.metrics
        assert sim.report_counters()['requests_total'] == PAGES


@test
def who_has_less_time_sees_how_far_it_came():
    with Sim('--behave=usinfo,hang') as sim, Exporter() as exporter:
        long = exporter.later(debug, exporter, sim.https, timeout=2 * UNIT)
        sim.wait_counter('requests_open', 1)
        short = debug(exporter, sim.https, timeout=1 * UNIT)
        assert not long.done()
        assert short.page.labels('probe_failure_info') == {
            'reason': 'timeout'}
        assert 'dsinfo: read' in short.log, short.log
        assert 'the time is up' not in short.log, short.log
        long = long.result(PATIENCE)
        assert long.log.startswith(short.log), long.log
        assert 'the time is up\n' in long.log, long.log


@test
def head_probes_and_says_how_long_it_would_be():
    with Sim() as sim, Exporter() as exporter:
        answer = exporter.ask(probe_path(sim.http, debug='true'), 'HEAD')
        assert answer.status == 200 and answer.length > 1000, answer.headers
        assert answer.header('Content-Type') == TEXT
        assert sim.report_counters()['requests_total'] == PAGES
        length = exporter.ask('/logs?id=1', 'HEAD').length
        assert length == exporter.ask('/logs?id=1').length


@test
def the_form_of_the_metrics_is_not_negotiated():
    with Sim() as sim, Exporter() as exporter:
        seen = Debug(exporter.ask(probe_path(sim.http, debug='true'), headers={
            'Accept': 'application/openmetrics-text;version=1.0.0'}))
        assert '# EOF' not in seen.metrics


@test
def handshakes_and_open_connections_are_told_apart():
    text = module('one', 'max_concurrent_fetches: 1')
    with Sim('--behave=length', '--tls=1.2') as sim, \
            written(text) as file, Exporter(file.option) as exporter:
        log = debug(exporter, sim.https, module='one').log
        assert log.count(' full handshake, asked\n') == 1, log
        assert 'TLSv1.2, ECDHE-' in log, log
        assert log.count(' asked on an open connection\n') == PAGES - 1, log
        log = debug(exporter, sim.https, module='one').log
        assert log.count(' asked on an open connection\n') == PAGES, log
        assert 'handshake' not in log and 'a new connection' not in log, log
        sim.behave()
        debug(exporter, sim.https)
        log = debug(exporter, sim.https).log
        assert log.count(' resumed handshake, asked\n') == PAGES, log
        log = debug(exporter, sim.http).log
        assert log.count(': connected, asked\n') == PAGES, log


@test
def a_page_asked_for_again_is_told_of():
    # The modem closes a kept connection when it is asked on it again.
    text = module('one', 'max_concurrent_fetches: 1',
                  'endpoints: [dsinfo, usinfo]')
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]'
    with modem(lambda number: answer if number == 0 else None) as url, \
            written(text) as file, Exporter(file.option) as exporter:
        lines = [line.split(None, 1)[1] for line in
                 debug(exporter, url, module='one').log.splitlines()]
        at = lines.index('usinfo: asked on an open connection')
        assert 'usinfo: the connection was closed without an answer' in \
            lines[at + 1], lines
        assert '(connection_reset)' in lines[at + 1], lines
        assert lines[at + 2:at + 5] == [
            'usinfo: waits for another connection',
            'usinfo: a new connection', 'usinfo: connected, asked'], lines


@test
def an_answer_of_an_earlier_probe_is_told_of():
    with Sim() as sim, Exporter() as exporter:
        log = debug(exporter, sim.http, module='gentle').log
        assert 'an earlier answer' not in log, log
        log = debug(exporter, sim.http, module='gentle').log
        assert len(re.findall(r': an earlier answer of [1-9]\d* bytes is '
                              r'used\n', log)) == PAGES, log
        assert 'asked' not in log and 'connection' not in log, log


@test
def what_a_modem_says_is_escaped():
    hostile = b'/<script>\x1b[31m\x80\xff"\x01 99.000000 success'
    with modem(lambda number: b'HTTP/1.1 302 No\r\nContent-Length: 0\r\n'
               b'Location: %s\r\n\r\n' % hostile) as url, \
            Sim('--behave=not-http') as sim, Exporter() as exporter:
        seen = debug(exporter, url)
        assert ("the answer's status is 302 to '/<script>\\x1b[31m\\x80\\xff"
                "\"\\x01 99.000000 success'") in seen.log, seen.log
        assert seen.log.count('(redirect)\n') == PAGES, seen.log
        assert seen.log.endswith(' redirect\n'), seen.log
        log = debug(exporter, sim.http).log
        assert '(http_protocol)\n' in log, log
        sim.serve('dsinfo', b'\x1b[31m\n 99.000000 success\n\xff<script>')
        log = debug(exporter, sim.http).log
        assert '(not_json)\n' in log and 'dsinfo: read' not in log, log
        # A page has none of it, and a log is no page for a browser.
        assert '<script' not in exporter.ask('/').text
        for number in (1, 2, 3):
            stored(exporter, 'id=%d' % number)


@test
def waiting_in_vain_is_told_of():
    rules = {'hang': 'the modem did not answer in time',
             'hang-body': 'the answer did not end in time',
             'handshake-hang': 'the TLS handshake did not end in time'}
    hosts = {rule: '127.0.0.%d' % number
             for number, rule in enumerate(rules, 1)}
    with Sim(*('--behave=%s,%s' % (hosts[rule], rule) for rule in rules),
             listen=['https://%s:0' % host for host in hosts.values()]) \
            as sim, Exporter() as exporter, Cases() as cases:
        probes = [exporter.later(debug, exporter, url, timeout=UNIT)
                  for url in sim.urls]
        for (rule, text), probe in zip(rules.items(), probes):
            with cases.row(rule):
                log = probe.result(PATIENCE).log
                assert 'the time is up\n' in log and text in log, log
                assert '(timeout)\n' in log, log
                assert log.endswith(' timeout\n'), log


@test
def long_texts_make_no_endless_log():
    # A unit test fills one up.
    hostile = b'\xff' * 400
    answer = b'HTTP/1.1 302 No\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n'
    with modem(lambda number: answer % hostile) as url, \
            Exporter() as exporter:
        seen = debug(exporter, url, module='full')
        assert len(seen.log) > 2000, seen.log
        assert stored(exporter, 'id=1')[1] == seen.log
        assert seen.log.count('(redirect)\n') == 10, seen.log


@test
def a_log_is_found_by_its_number():
    with Sim() as sim, Exporter() as exporter:
        logs = [debug(exporter, sim.http, module=name).log
                for name in ('coda56', 'full')]
        sim.behave('status=500')
        logs.append(debug(exporter, sim.https).log)
        for number, (url, name, result) in enumerate((
                (sim.http, 'coda56', 'success'), (sim.http, 'full', 'success'),
                (sim.https, 'coda56', 'http_status')), 1):
            title, log = stored(exporter, 'id=%d' % number)
            assert log == logs[number - 1]
            assert re.fullmatch(
                r'Probe %d of %s with module %s, ended \d{4}-\d\d-\d\d '
                r'\d\d:\d\d:\d\dZ after \d+\.\d+ s: %s' %
                (number, re.escape(url), name, result), title), title


@test
def the_newest_log_of_a_modem_is_found_by_its_target():
    with Sim() as sim, Exporter() as exporter:
        exporter.probe(sim.https)
        newest = debug(exporter, sim.https, module='full').log
        other = debug(exporter, sim.http).log
        address = host_and_port(sim.https)
        with Cases() as cases:
            for spelling in (sim.https, 'HTTPS://' + address + '/', address,
                             '[::ffff:' + address.replace(':', ']:')):
                with cases.row(spelling):
                    title, log = stored(exporter, 'target=' + spelling)
                    assert title.startswith('Probe 2 of %s ' % sim.https)
                    assert log == newest
        assert stored(exporter, 'target=' + sim.http)[1] == other


@test
def unknown_logs_are_not_found_and_bad_questions_refused():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        exporter.probe(sim.http)
        good = 'target=' + sim.http
        for query, status in (
                ('id=0', 404), ('id=2', 404), ('id=-1', 404), ('id=', 404),
                ('id=01', 200), ('id=+1', 404), ('id=1.0', 404),
                ('id=x', 404), ('id=18446744073709551617', 404),
                ('target=127.0.0.9', 404), ('target=127.0.0.1', 404),
                ('target=', 400), ('target=1.2', 400), ('target=a/b', 400),
                ('id=1&' + good, 400), ('', 400), ('id=1&id=1', 400),
                ('id=1&x=1', 400), (good + '&module=coda56', 400),
                ('Id=1', 400), ('id=%', 400), ('id=1', 200), (good, 200)):
            with cases.row(query):
                answer = exporter.ask('/logs?' + query)
                assert answer.status == status, (answer.status, answer.text)
        with cases.row('no query'):
            assert exporter.ask('/logs').status == 400
        with cases.row('POST'):
            assert exporter.ask('/logs?id=1', 'POST').status == 405


@test
def the_front_page_lists_the_newest_first():
    with Sim() as sim, Exporter() as exporter:
        assert rows(exporter) == []
        assert 'Last probes' not in exporter.ask('/').text
        exporter.probe(sim.http)
        exporter.probe(sim.https, module='full')
        exporter.probe('modem.invalid')
        sim.behave('dsinfo,login')
        exporter.probe(sim.https)
        wanted = [(sim.https, 'coda56', 'not_json'),
                  ('https://modem.invalid:443', 'coda56', 'resolve_failed'),
                  (sim.https, 'full', 'success'),
                  (sim.http, 'coda56', 'success')]
        found = rows(exporter)
        assert [row[:3] for row in found] == wanted, found
        for number, row in zip((4, 3, 2, 1), found):
            title = stored(exporter, row[3].split('?')[1])[0]
            assert row[3].startswith('/logs?'), row
            assert title.startswith('Probe %d of %s with module %s,' % (
                number, row[0], row[1])), title
            assert title.endswith(': ' + row[2]), title
        # What was refused is no probe.
        exporter.ask(probe_path(''))
        assert rows(exporter) == found


@test
def links_to_logs_have_the_prefix():
    with Sim() as sim, Exporter('--web.external-url=http://x/modems/') \
            as exporter:
        path = '/modems' + probe_path(sim.http)
        assert exporter.ask(path).status == 200
        links = re.findall(r'<a href="([^"]*logs[^"]*)">',
                           exporter.ask('/modems/').text)
        assert links == ['/modems/logs?id=1'], links
        assert exporter.ask(links[0]).status == 200


@test
def probes_of_the_modem_of_the_command_line_are_listed():
    with Sim() as sim, Exporter('--modem.target=' + sim.http) as exporter:
        exporter.page('/metrics')
        assert [row[:3] for row in rows(exporter)] == [
            (sim.http, 'coda56', 'success')]
        # And it is what the form suggests.
        assert 'value="%s"' % sim.http in exporter.ask('/').text


@test
def nothing_is_remembered_if_so_wished():
    with Sim() as sim, Exporter('--history.limit=0') as exporter:
        debug(exporter, sim.http)
        sim.behave('status=500')
        debug(exporter, sim.http)
        assert rows(exporter) == []
        assert exporter.ask('/logs?id=1').status == 404
        assert exporter.ask('/logs?target=' + sim.http).status == 404


@test
def failures_are_remembered_longer():
    with Sim() as sim, Exporter('--history.limit=2') as exporter:
        def numbers():
            return [int(row[3].split('=')[1]) for row in rows(exporter)]

        for fails in (True, False, True, True):
            sim.behave(*['dsinfo,status=500'] if fails else [])
            exporter.probe(sim.http)
        assert numbers() == [4, 3, 1]
        sim.behave()
        for wanted in ([5, 4, 3, 1], [6, 5, 4, 3], [7, 6, 4, 3],
                       [8, 7, 4, 3]):
            exporter.probe(sim.http)
            assert numbers() == wanted, (numbers(), wanted)
        assert exporter.ask('/logs?id=3').status == 200
        assert exporter.ask('/logs?id=1').status == 404
        assert exporter.ask('/logs?id=5').status == 404
        assert stored(exporter, 'target=' + sim.http)[0].startswith('Probe 8 ')


@test
def a_line_of_the_log_has_all_of_a_failure():
    def check(event, reached):
        assert list(event) == [
            'time', 'level', 'msg', 'target', 'module', 'reason', 'error',
            'hint', 'duration', 'resolve', 'connect', 'tls', 'wait',
            'transfer'], event
        assert event['level'] == 'warn' and event['hint'], event
        assert float(event['duration']) > 0, event
        for phase in ('resolve', 'connect', 'tls', 'wait', 'transfer'):
            assert (event[phase] != '') == (phase in reached), (phase, event)
            assert not event[phase] or float(event[phase]) >= 0, event

    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for rule, url, name, reason, reached in (
                ('status=500', sim.https, 'full', 'http_status',
                 ('resolve', 'connect', 'tls', 'wait', 'transfer')),
                ('status=500', sim.http, 'coda56', 'http_status',
                 ('resolve', 'connect', 'wait', 'transfer')),
                ('close', sim.https, 'gentle', 'connection_reset',
                 ('resolve', 'connect', 'tls', 'wait')),
                ('handshake-close', sim.https, 'coda56',
                 'tls_handshake_failed', ('resolve', 'connect', 'tls')),
                ('refuse', sim.https, 'coda56', 'connect_refused',
                 ('resolve', 'connect'))):
            with cases.row('%s of %s' % (rule, url)):
                sim.behave(rule)
                exporter.probe(url, module=name)
                event = exporter.wait_event(
                    msg='probe failed', target=url, module=name,
                    reason=reason)
                check(event, reached)
                assert event['error'].startswith('dsinfo: '), event
        exporter.probe('modem.invalid')
        check(exporter.wait_event(reason='resolve_failed'), ('resolve',))


if __name__ == '__main__':
    main()
