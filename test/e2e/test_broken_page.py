#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""One page that fails: why is said, and what did arrive is shown."""

import contract
from harness import Cases, Exporter, FACTOR, Sim, main, test

# For answers that never end of their own.
SHORT = 2 * FACTOR

# What the modem does with the page: the reason that stands in the answer.
REASONS = {
    'hang': 'timeout',
    'hang-head': 'timeout',
    'hang-body': 'timeout',
    'close': 'connection_reset',
    'reset': 'connection_reset',
    'reset-body': 'truncated',
    'cut': 'truncated',
    'cut-unlengthed': 'truncated',
    'cut-head': 'truncated',
    'redirect': 'redirect',
    'status=301': 'redirect',
    'status=304': 'redirect',
    'status=201': 'http_status',
    'status=204': 'http_status',
    'status=401': 'http_status',
    'status=404': 'http_status',
    'status=500': 'http_status',
    'status=503': 'http_status',
    'status=599': 'http_status',
    'not-http': 'http_protocol',
    'bad-chunk': 'http_protocol',
    'huge-chunk-line': 'too_large',
    'huge-header': 'too_large',
    'many-headers': 'too_large',
    'huge-body': 'too_large',
    'endless': 'too_large',
    'login': 'not_json',
    'not-json': 'not_json',
    'empty': 'not_json',
    'trailing': 'not_json',
    'gzip': 'not_json',
    'deep': 'not_json',
}


def check_failed(page, healthy, reasons):
    """`reasons`: of every endpoint that fails; all others are untouched."""
    required = [e for e in contract.REQUIRED if e in reasons]
    assert page.value('probe_success') == ('0' if required else '1')
    assert [s.labels for s in page.samples('probe_failure_info')] == [
        {'reason': reasons[e]} for e in required[:1]], \
        page.samples('probe_failure_info')
    failed = [e for e in contract.PAGES if e in reasons]
    assert [s.labels for s in
            page.samples('probe_endpoint_failure_info')] == [
                {'endpoint': e, 'reason': reasons[e]} for e in failed], \
        page.samples('probe_endpoint_failure_info')
    for endpoint in contract.PAGES:
        assert page.value('probe_endpoint_success', endpoint=endpoint) == \
            ('0' if endpoint in reasons else '1'), endpoint
        shown = contract.modem_blocks(page, endpoint)
        if endpoint in reasons:
            assert not shown, shown
        else:
            assert shown == contract.modem_blocks(healthy, endpoint), endpoint
        # Each was asked for, so each has a duration and a size.
        for name in ('duration_seconds', 'response_bytes'):
            page.value('probe_endpoint_' + name, endpoint=endpoint)


def check_every_way_to_fail(scheme, endpoint):
    with Sim() as sim, Exporter() as exporter:
        url = sim.url(scheme)
        healthy = exporter.probe(url)
        with Cases() as cases:
            for behaviour, reason in REASONS.items():
                with cases.row(behaviour):
                    sim.behave('%s,%s' % (endpoint, behaviour))
                    page = exporter.probe(
                        url, timeout=SHORT if reason == 'timeout' else None)
                    check_failed(page, healthy, {endpoint: reason})
            with cases.row('well again'):
                sim.behave()
                check_failed(exporter.probe(url), healthy, {})


@test
def a_required_page_fails_over_https():
    check_every_way_to_fail('https', 'dsinfo')


@test
def a_required_page_fails_over_http():
    check_every_way_to_fail('http', 'dsinfo')


@test
def an_extra_page_fails_over_https():
    check_every_way_to_fail('https', 'getSysInfo')


@test
def an_extra_page_fails_over_http():
    check_every_way_to_fail('http', 'getSysInfo')


@test
def each_required_page_decides():
    with Sim() as sim, Exporter() as exporter:
        healthy = exporter.probe(sim.http)
        for endpoint in contract.REQUIRED:
            sim.behave(endpoint + ',status=500')
            check_failed(exporter.probe(sim.http), healthy,
                         {endpoint: 'http_status'})


@test
def an_empty_array_is_no_channel_on_a_table_page():
    with Sim() as sim, Exporter() as exporter:
        for endpoint, count in (('dsinfo', 'modem_downstream_channels'),
                                ('usinfo', 'modem_upstream_channels'),
                                ('dsofdminfo', None), ('usofdminfo', None)):
            sim.behave(endpoint + ',empty-array')
            page = exporter.probe(sim.http)
            assert page.value('probe_success') == '1', endpoint
            wanted = [] if count is None else [(count, 'gauge', [({}, '0')])]
            shown = contract.modem_blocks(page, endpoint)
            assert shown == wanted, shown


@test
def an_empty_array_is_the_wrong_shape_of_a_record_page():
    with Sim() as sim, Exporter() as exporter:
        healthy = exporter.probe(sim.http)
        for endpoint in ('getCmDocsisWan', 'getSysInfo'):
            sim.behave(endpoint + ',empty-array')
            check_failed(exporter.probe(sim.http), healthy,
                         {endpoint: 'wrong_shape'})


@test
def the_first_failure_in_the_order_of_pages_is_the_probes():
    # Not the first in time: the page that comes first answers last.
    with Sim() as sim, Exporter() as exporter:
        healthy = exporter.probe(sim.https)
        sim.behave('usinfo,not-json', 'usinfo,delay=200',
                   'usofdminfo,status=500', 'getSysInfo,close')
        check_failed(exporter.probe(sim.https), healthy, {
            'usinfo': 'not_json', 'usofdminfo': 'http_status',
            'getSysInfo': 'connection_reset'})


@test
def every_page_fails_in_its_own_way():
    ways = {'dsinfo': 'cut', 'usinfo': 'login', 'dsofdminfo': 'redirect',
            'usofdminfo': 'reset', 'getCmDocsisWan': 'status=503',
            'getSysInfo': 'endless'}
    with Sim() as sim, Exporter() as exporter:
        healthy = exporter.probe(sim.https)
        sim.behave(*('%s,%s' % way for way in ways.items()))
        page = exporter.probe(sim.https)
        check_failed(page, healthy,
                     {e: REASONS[way] for e, way in ways.items()})
        assert contract.modem_names(page) == []


@test
def a_number_that_is_no_status_is_a_failure():
    # Another status than 200, and not HTTP: both are true of these.
    with Sim() as sim, Exporter() as exporter:
        for status in ('0', '-200', '99999'):
            sim.behave('dsinfo,status=' + status)
            reason = exporter.probe(sim.http).labels('probe_failure_info')
            assert reason['reason'] in ('http_status', 'http_protocol'), \
                (status, reason)


@test
def what_arrived_of_a_body_is_counted():
    with Sim() as sim, Exporter() as exporter:
        whole = int(exporter.probe(sim.https).value(
            'probe_endpoint_response_bytes', endpoint='dsinfo'))
        for behaviour, timeout in (('cut', None), ('hang-body', SHORT)):
            sim.behave('dsinfo,' + behaviour)
            page = exporter.probe(sim.https, timeout=timeout)
            assert page.value('probe_endpoint_response_bytes',
                              endpoint='dsinfo') == str(whole // 2), behaviour


@test
def a_hostile_body_is_not_read_to_its_end():
    # 64 MiB would come; 1 MiB is the limit, and a little is in flight.
    with Sim('--behave=dsinfo,endless') as sim, Exporter() as exporter:
        for url in sim.urls:
            page = exporter.probe(url)
            size = int(page.value('probe_endpoint_response_bytes',
                                  endpoint='dsinfo'))
            assert size < 4 * 1024 * 1024, size


@test
def a_redirect_is_not_followed():
    with Sim('--behave=redirect') as sim, Exporter() as exporter:
        page = exporter.probe(sim.http)
        assert page.labels('probe_failure_info') == {'reason': 'redirect'}
        seen = sim.report_counters()
        assert seen['requests_total'] == 6, seen
        assert seen['unknown_paths'] == 0, seen


@test
def a_failure_is_not_retried():
    with Sim('--behave=close') as sim, Exporter() as exporter:
        exporter.probe(sim.https)
        assert sim.report_counters()['requests_total'] == 6


if __name__ == '__main__':
    main()
