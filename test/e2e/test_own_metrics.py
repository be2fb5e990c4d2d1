#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""/metrics: the exporter about itself, and a modem of its own."""

import os
import re
import time

import contract
from exposition import CONTENT_TYPE, OPENMETRICS_TYPE, as_openmetrics
from harness import (Exporter, FACTOR, PATIENCE, Sim, Skip, TIMEOUT_HEADER,
                     main, probe_path, promtool_check, test, version,
                     wait_until)

PROCESS = {
    'process_cpu_seconds_total': 'counter',
    'process_open_fds': 'gauge',
    'process_max_fds': 'gauge',
    'process_resident_memory_bytes': 'gauge',
    'process_virtual_memory_bytes': 'gauge',
    'process_start_time_seconds': 'gauge',
}
CONFIG = {
    'coda56_exporter_config_last_reload_successful': 'gauge',
    'coda56_exporter_config_last_reload_success_timestamp_seconds': 'gauge',
}
BUILD = 'coda56_exporter_build_info'
OWN = 'coda56_exporter_'
README = os.path.join(os.path.dirname(__file__), '..', '..', 'README.md')
PAGES = 6
# Seconds; where all is slow, still within the ten that a module has.
UNIT = min(FACTOR, 3)


def check_own(page):
    assert page.families[BUILD].type == 'gauge'
    for name, kind in list(PROCESS.items()) + list(CONFIG.items()):
        assert page.families[name].type == kind, name


@test
def the_exporter_describes_itself():
    with Exporter() as exporter:
        page = exporter.page('/metrics')
        check_own(page)
        info = page.labels(BUILD)
        assert set(info) == {'version', 'revision', 'compiler', 'libevent',
                             'openssl', 'jansson'}, info
        assert info['version'] == version(), info
        for name in ('compiler', 'libevent', 'openssl', 'jansson'):
            assert info[name], info


@test
def the_process_is_measured():
    with Exporter() as exporter:
        page = exporter.page('/metrics')
        values = {name: float(page.value(name)) for name in PROCESS}
        assert 3 < values['process_open_fds'] < values['process_max_fds']
        assert 1e5 < values['process_resident_memory_bytes'] < \
            values['process_virtual_memory_bytes']
        assert abs(time.time() - values['process_start_time_seconds']) < \
            60 * FACTOR
        again = exporter.page('/metrics')
        assert float(again.value('process_cpu_seconds_total')) >= \
            values['process_cpu_seconds_total']
        # To its last digit: a process starts once.
        assert page.value('process_start_time_seconds') == \
            again.value('process_start_time_seconds')


@test
def open_descriptors_are_counted():
    # The wrapper, if any, holds descriptors of its own in the same process.
    with Exporter() as exporter:
        page = exporter.page('/metrics')
        listed = len(os.listdir('/proc/%d/fd' % exporter.process.pid)) \
            if os.path.isdir('/proc/self/fd') else None
        counted = int(page.value('process_open_fds'))
        # The connection of the request itself may be gone by now.
        assert listed is None or listed <= counted <= listed + 2, \
            (listed, counted)


@test
def modem_families_are_on_probe_and_own_families_on_metrics():
    with Sim() as sim, Exporter() as exporter:
        own, probed = exporter.page('/metrics'), exporter.probe(sim.https)
        assert not set(own.families) & set(probed.families)
        assert not [name for name in own.families
                    if name.startswith(('modem_', 'probe_'))]
        assert not [name for name in probed.families
                    if not name.startswith(('modem_', 'probe_'))]


@test
def promtool_accepts_the_exporters_own():
    with Exporter() as exporter:
        promtool_check(exporter.page('/metrics').text)


@test
def the_modem_of_the_command_line_is_on_metrics():
    with Sim() as sim, Exporter('--modem.target=' + sim.https) as exporter:
        page = exporter.page('/metrics')
        check_own(page)
        assert page.value('probe_success') == '1'
        wanted = [f.name for f in contract.healthy_families(tls=True)]
        assert [name for name in page.families if name in wanted] == wanted
        for line in contract.EXAMPLE:
            assert page.text.splitlines().count(line) == 1, line
        assert sim.report_counters()['requests_total'] == 6


@test
def promtool_accepts_both_together():
    with Sim() as sim, Exporter('--modem.target=' + sim.https) as exporter:
        promtool_check(exporter.page('/metrics').text)


@test
def each_scrape_asks_the_modem_anew():
    with Sim() as sim, Exporter('--modem.target', sim.http,
                                '--modem.module', 'coda56') as exporter:
        for count in (6, 12, 18):
            exporter.page('/metrics')
            assert sim.report_counters()['requests_total'] == count


@test
def head_of_metrics_probes_too():
    with Sim() as sim, Exporter('--modem.target=' + sim.http) as exporter:
        answer = exporter.ask('/metrics', method='HEAD')
        assert answer.status == 200
        assert answer.header('Content-Type') == CONTENT_TYPE
        assert sim.report_counters()['requests_total'] == 6


@test
def a_dead_modem_leaves_the_exporters_own():
    with Sim('--behave=handshake-close') as sim, \
            Exporter('--modem.target=' + sim.https) as exporter:
        page = exporter.page('/metrics')
        check_own(page)
        contract.check_dead(page, 'tls_handshake_failed')


@test
def a_hanging_modem_keeps_to_the_scrape_timeout():
    with Sim('--behave=hang') as sim, \
            Exporter('--modem.target=' + sim.https) as exporter:
        began = time.monotonic()
        page = exporter.page('/metrics', {TIMEOUT_HEADER: 2 * FACTOR})
        assert time.monotonic() - began < 2 * FACTOR
        check_own(page)
        contract.check_silent(page, 'timeout')


@test
def a_denied_modem_is_a_failed_one_here():
    with Exporter('--modem.target=127.45.0.1',
                  '--target.allow=127.44.0.0/16') as exporter:
        page = exporter.page('/metrics')
        check_own(page)
        contract.check_dead(page, 'denied')


@test
def a_target_in_the_query_is_not_probed():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.page('/metrics?target=' + sim.https)
        assert 'probe_success' not in page.families
        assert sim.report_counters()['connections'] == 0


@test
def metrics_can_be_elsewhere():
    with Exporter('--web.telemetry-path=/own') as exporter:
        check_own(exporter.page('/own'))
        assert exporter.ask('/metrics').status == 404
        assert 'href="/own"' in exporter.ask('/').text


def counts(exporter, name, path='/metrics'):
    """The samples of a family of the exporter's own, by the values of their
    labels."""
    return {tuple(s.labels.values()): int(s.value) for s in
            exporter.page(path).samples(OWN + name)}


def wait_counts(exporter, name, wanted):
    """Answers are counted once they have been sent."""
    wait_until(lambda: counts(exporter, name) == wanted,
               '%s is to be %r' % (name, wanted))


def exercise(sim, exporter):
    """Have something counted in every family."""
    exporter.probe(sim.https)
    sim.behave('dsinfo,status=500')
    exporter.probe(sim.https, module='full')
    sim.behave()
    exporter.ask('/nosuch')


@test
def the_readme_names_all_of_them_and_no_more():
    with open(README) as file:
        rows = re.findall(r'^\| `(coda56_exporter_\w+)` \| (\w+) \| '
                          r'([\w, ]*?) ?\| .+\|$', file.read(), re.M)
    told = {name: ('gauge' if kind == 'info' else kind,
                   tuple(labels.split(', ')) if labels else ())
            for name, kind, labels in rows}
    assert len(told) == len(rows) > 10, rows
    with Sim() as sim, Exporter() as exporter:
        exercise(sim, exporter)
        families = exporter.page('/metrics').families
        shown = {name: (f.type, tuple(n for n in f.samples[0].labels
                                      if n != 'le'))
                 for name, f in families.items() if name.startswith(OWN)}
        assert shown == told, (shown, told)
        assert set(families) - set(shown) == set(PROCESS), families


@test
def promtool_accepts_all_of_them():
    with Sim() as sim, Exporter() as exporter:
        exercise(sim, exporter)
        promtool_check(exporter.page('/metrics').text)


@test
def openmetrics_has_the_same():
    with Sim() as sim, Exporter() as exporter:
        exercise(sim, exporter)

        def lines(text):
            return [line for line in text.splitlines()
                    if OWN in line and '_http_requests' not in line]

        plain = exporter.page('/metrics').text
        answer = exporter.ask('/metrics', headers={
            'Accept': 'application/openmetrics-text'})
        assert answer.header('Content-Type') == OPENMETRICS_TYPE
        assert lines(answer.text) == lines(as_openmetrics(plain))


@test
def prometheus_client_reads_all_of_them():
    try:
        from prometheus_client.openmetrics import parser as openmetrics
        from prometheus_client import parser
    except ImportError:
        raise Skip('prometheus_client is missing')
    with Sim() as sim, Exporter() as exporter:
        exercise(sim, exporter)
        text = exporter.page('/metrics').text
        assert list(parser.text_string_to_metric_families(text))
        text = exporter.ask('/metrics', headers={
            'Accept': 'application/openmetrics-text'}).text
        assert list(openmetrics.text_string_to_metric_families(text))


@test
def what_nobody_asked_for_is_none_yet():
    with Exporter() as exporter:
        page = exporter.page('/metrics')
        for name in ('probes_coalesced_total', 'fetch_bytes_total',
                     'probes_in_flight', 'probe_duration_seconds'):
            assert {s.value for s in page.samples(OWN + name)} == {'0'}, name
        for name in ('probes_rejected_total', 'fetches_total',
                     'modem_connections', 'tls_handshakes_total'):
            assert set(counts(exporter, name).values()) == {0}, name
        assert set(counts(exporter, 'probes_rejected_total')) == {
            ('bad_request',), ('denied',), ('overloaded',), ('draining',)}
        assert set(counts(exporter, 'fetches_total')) == {
            (page, 'success') for page in contract.ALL_PAGES}
        assert counts(exporter, 'probes_total') == {}


@test
def probes_are_counted_by_module_and_result():
    with Sim() as sim, Exporter() as exporter:
        for rule, name in ((None, 'coda56'), (None, 'coda56'),
                           (None, 'full'), ('status=500', 'gentle'),
                           ('handshake-close', 'coda56'),
                           # An extra page fails no probe.
                           ('getSysInfo,status=404', 'coda56')):
            sim.behave(*[rule] if rule else [])
            exporter.probe(sim.https, module=name)
        # A probe with a log, one that is denied, and none at all.
        exporter.ask(probe_path(sim.http, debug='true'))
        exporter.ask(probe_path('192.0.2.1'))
        exporter.ask('/probe')
        assert counts(exporter, 'probes_total') == {
            ('coda56', 'success'): 4, ('coda56', 'tls_handshake_failed'): 1,
            ('coda56', 'denied'): 1, ('full', 'success'): 1,
            ('gentle', 'success'): 0, ('gentle', 'http_status'): 1}


@test
def the_probe_of_a_metrics_page_is_counted_on_it():
    with Sim() as sim, Exporter('--modem.target=' + sim.http) as exporter:
        seen = [counts(exporter, 'probes_total') for again in range(2)]
        assert seen == [{('coda56', 'success'): 1},
                        {('coda56', 'success'): 2}], seen
        wait_counts(exporter, 'probes_coalesced_total', {(): 0})


@test
def durations_are_in_buckets():
    with Sim() as sim, Exporter() as exporter:
        probes = [exporter.probe(sim.https)]
        sim.behave('delay=%d' % (260 * UNIT))
        probes.append(exporter.probe(sim.https))
        took = [float(p.value('probe_duration_seconds')) for p in probes]
        page = exporter.page('/metrics')
        name = OWN + 'probe_duration_seconds'
        samples = page.samples(name)
        buckets = {s.labels['le']: int(s.value) for s in samples
                   if s.name.endswith('_bucket')}
        assert list(buckets) == ['0.05', '0.1', '0.25', '0.5', '1.0', '2.5',
                                 '5.0', '10.0', '30.0', '+Inf'], buckets
        assert took[1] > 0.25 and buckets['+Inf'] == 2, (took, buckets)
        for bound, count in buckets.items():
            assert count == sum(t <= float(bound) for t in took), \
                (took, buckets)
        assert samples[-1].name == name + '_count'
        assert samples[-1].value == '2'
        assert abs(float(samples[-2].value) - sum(took)) < 1e-4, samples


@test
def durations_are_summed():
    with Sim() as sim, Exporter() as exporter:
        told = sum(float(exporter.probe(sim.http).value(
            'probe_duration_seconds')) for again in range(20))
        samples = exporter.page('/metrics').samples(
            OWN + 'probe_duration_seconds')
        assert abs(float(samples[-2].value) - told) < 1e-4, (told, samples)
        assert samples[-1].value == samples[-3].value == '20'


@test
def what_runs_is_shown_while_it_runs():
    with Sim('--behave=delay=%d' % (1000 * UNIT)) as sim, \
            Exporter() as exporter:
        def now(name):
            return counts(exporter, name)

        probes = [exporter.later(exporter.probe, url)
                  for url in (sim.https, sim.http)]
        sim.wait_counter('requests_open', 2 * PAGES)
        assert now('probes_in_flight') == {(): 2}
        assert now('modem_connections') == {
            ('connecting',): 0, ('busy',): 2 * PAGES, ('idle',): 0}
        # Two more for one of them.
        probes += [exporter.later(exporter.probe, sim.https)
                   for again in range(2)]
        wait_counts(exporter, 'probes_coalesced_total', {(): 2})
        assert now('probes_in_flight') == {(): 2}
        sim.behave('length')
        for probe in probes:
            assert probe.result(PATIENCE).value('probe_success') == '1'
        assert now('probes_in_flight') == {(): 0}
        assert now('probes_total') == {('coda56', 'success'): 2}
        assert counts(exporter, 'http_requests_total')['/probe', '200'] == 4


@test
def connections_are_counted_by_what_they_do():
    def look(**wanted):
        states = {(state,): wanted.get(state, 0)
                  for state in ('connecting', 'busy', 'idle')}
        wait_counts(exporter, 'modem_connections', states)

    with Sim('--behave=length', '--behave=usinfo,hang') as sim, \
            Exporter() as exporter:
        probe = exporter.later(exporter.probe, sim.http, timeout=2 * UNIT)
        # One hangs, and the others have their answers.
        wait_until(lambda: {('busy',): 1, ('connecting',): 0}.items() <=
                   counts(exporter, 'modem_connections').items() and
                   sim.report_counters()['requests_total'] == PAGES,
                   'one is busy')
        assert counts(exporter, 'modem_connections')['idle',] > 0
        probe.result(PATIENCE)
        kept = sim.report_counters()['connections_open']
        assert kept > 0
        wait_until(lambda: counts(exporter, 'modem_connections') == {
            ('connecting',): 0, ('busy',): 0,
            ('idle',): sim.report_counters()['connections_open']}, 'rest')
    # Of a modem that does not get beyond the handshake.
    with Sim('--behave=handshake-hang') as sim, Exporter() as exporter:
        probe = exporter.later(exporter.probe, sim.https, timeout=UNIT)
        look(connecting=1)
        probe.result(PATIENCE)
        look()
    # And one whose connections end.
    with Exporter() as exporter:
        with Sim('--behave=length') as sim:
            exporter.probe(sim.https)
            assert counts(exporter, 'modem_connections')['idle',] > 0
        look()


@test
def requests_that_got_no_probe_are_counted_by_reason():
    with Sim('--behave=hang') as sim, Exporter(
            '--web.max-probes=1') as exporter:
        for path in ('/probe', '/probe?target=1.2', probe_path(
                sim.https, module='nosuch'), probe_path(sim.https, x='1')):
            assert exporter.ask(path).status == 400
        assert exporter.ask(probe_path('192.0.2.1')).status == 403
        # Not of probes.
        assert exporter.ask('/logs').status == 400
        assert exporter.ask('/probe', 'POST').status == 405
        stuck = exporter.later(exporter.probe, sim.https,
                               timeout=1.5 * UNIT)
        sim.wait_counter('requests_open', PAGES)
        for again in range(2):
            assert exporter.ask(probe_path(sim.http)).status == 503
        wait_counts(exporter, 'probes_rejected_total', {
            ('bad_request',): 4, ('denied',): 1, ('overloaded',): 2,
            ('draining',): 0})
        exporter.process.terminate()
        exporter.wait_event(msg='shutting down')
        for again in range(3):
            assert exporter.ask(probe_path(sim.http)).status == 503
        wait_counts(exporter, 'probes_rejected_total', {
            ('bad_request',): 4, ('denied',): 1, ('overloaded',): 2,
            ('draining',): 3})
        assert stuck.result(PATIENCE).value('probe_success') == '0'
        assert exporter.wait_exit() == 0


@test
def fetches_are_counted_by_page_and_result():
    with Sim() as sim, Exporter() as exporter:
        sim.behave('handshake-close')
        # One knock, for one page: the others were never asked for.
        exporter.probe(sim.https)
        exporter.probe('modem.invalid')
        sim.behave()
        size = sum(int(s.value) for s in exporter.probe(sim.https).samples(
            'probe_endpoint_response_bytes'))
        assert counts(exporter, 'fetch_bytes_total') == {(): size} != {(): 0}
        sim.behave('dsinfo,close', 'usinfo,not-json', 'getSysInfo,status=404')
        exporter.probe(sim.https, module='full')
        wanted = {(page, 'success'): 2 if page in contract.PAGES else 1
                  for page in contract.ALL_PAGES}
        for page, reason in (('dsinfo', 'connection_reset'),
                             ('usinfo', 'not_json'),
                             ('getSysInfo', 'http_status')):
            wanted[page, reason] = 1
            wanted[page, 'success'] = 1
        wanted['dsinfo', 'tls_handshake_failed'] = 1
        assert counts(exporter, 'fetches_total') == wanted


@test
def answers_that_are_used_again_are_no_fetches():
    with Sim() as sim, Exporter() as exporter:
        for again in range(3):
            page = exporter.probe(sim.https, module='gentle')
            assert page.value('probe_success') == '1'
            if again == 0:
                size = counts(exporter, 'fetch_bytes_total')
        fetches = counts(exporter, 'fetches_total')
        assert sum(fetches.values()) == PAGES == \
            sim.report_counters()['requests_total'], fetches
        assert counts(exporter, 'fetch_bytes_total') == size
        assert counts(exporter, 'probes_total') == {('gentle', 'success'): 3}


@test
def handshakes_are_those_that_the_modem_saw():
    with Sim() as sim, Exporter() as exporter:
        for again in range(3):
            exporter.probe(sim.https)
            exporter.probe(sim.http)
        # A session that is offered need not be resumed.
        sim.behave('no-resume')
        exporter.probe(sim.https)
        seen = sim.report_counters()
        assert seen['handshakes_full'] and seen['handshakes_resumed']
        assert counts(exporter, 'tls_handshakes_total') == {
            ('false',): seen['handshakes_full'],
            ('true',): seen['handshakes_resumed']}
        sim.behave('handshake-close')
        exporter.probe(sim.https)
        # It never came about.
        assert sum(counts(exporter, 'tls_handshakes_total').values()) == \
            seen['handshakes_full'] + seen['handshakes_resumed']


def check_requests(sim, prefix, *args):
    with Exporter(*args) as exporter:
        def ask(path, method='GET'):
            return exporter.ask(prefix + path, method).status

        asked = {}
        for path, method, handler in (
                ('/', 'GET', '/'), ('/', 'HEAD', '/'),
                (probe_path(sim.http), 'GET', '/probe'), ('/probe', 'GET',
                                                          '/probe'),
                (probe_path(sim.http), 'POST', '/probe'),
                ('/logs?id=1', 'GET', '/logs'), ('/logs', 'GET', '/logs'),
                ('/config', 'GET', '/config'),
                ('/-/healthy', 'GET', '/-/healthy'),
                ('/-/ready', 'GET', '/-/ready'),
                ('/-/reload', 'POST', '/-/reload'),
                ('/-/reload', 'GET', '/-/reload'),
                ('/favicon.ico', 'GET', '/favicon.ico'),
                ('/metrics', 'GET', '/metrics'),
                ('/metrics?x=1', 'HEAD', '/metrics'),
                ('/nosuch', 'GET', 'other'), ('/metrics/', 'GET', 'other'),
                ('/%2e', 'GET', 'other')):
            key = handler, str(ask(path, method))
            asked[key] = asked.get(key, 0) + 1
        if prefix:
            asked['other', '302'] = 1
            assert exporter.ask('/').status == 302
            asked['other', '404'] += 1
            assert exporter.ask('/metrics').status == 404
        own = '/metrics', '200'

        def others():
            """All but those for the page that is asked for again here."""
            shown = counts(exporter, 'http_requests_total',
                           prefix + '/metrics')
            assert shown.pop(own) >= asked[own]
            return shown

        wait_until(lambda: others() == {
            key: n for key, n in asked.items() if key != own},
            'requests are %r' % asked)


@test
def requests_are_counted_by_page_and_code():
    with Sim() as sim:
        check_requests(sim, '')


@test
def requests_below_a_prefix_are_counted_alike():
    with Sim() as sim:
        check_requests(sim, '/a/b', '--web.route-prefix=/a/b')


@test
def paths_of_others_make_no_series():
    with Exporter() as exporter:
        for path in ('/"', '/%0a', '/x' * 100, '/../metrics', '//metrics'):
            assert exporter.ask(path).status == 404, path
        wait_until(lambda: counts(exporter, 'http_requests_total').get(
            ('other', '404')) == 5, 'five of them')
        assert {handler for handler, code in counts(
            exporter, 'http_requests_total')} == {'other', '/metrics'}


@test
def a_request_without_a_path_is_of_no_page():
    # Nor are pages that are not there.
    with Exporter('--web.disable-config', '--web.disable-debug') as exporter:
        for path, status in (('?x', 400), ('/config', 404), ('/logs', 404)):
            assert exporter.ask(path).status == status, path
        wait_until(lambda: {key: n for key, n in counts(
            exporter, 'http_requests_total').items()
            if key[0] != '/metrics'} == {
                ('other', '400'): 1, ('other', '404'): 2}, 'all are other')


if __name__ == '__main__':
    main()
