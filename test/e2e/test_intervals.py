#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Answers that are used again, because a module asks no page too often."""

import contract
from harness import Cases, Exporter, FACTOR, PATIENCE, Sim, main, test

PAGES = contract.PAGES


def ages(page):
    return {sample.labels['endpoint']: float(sample.value)
            for sample in page.samples('probe_endpoint_age_seconds')}


def check_success(page):
    assert page.value('probe_success') == '1', page.text
    assert not page.samples('probe_endpoint_failure_info'), page.text


def requests(sim):
    return sim.report_counters()['requests_total']


@test
def a_young_answer_is_used_again():
    # Values drift: what is equal is the same answer.
    with Sim('--behave=length', '--behave=delay=20', still=False) as sim, \
            Exporter() as exporter:
        for url in sim.urls:
            sim.reset()
            first = exporter.probe(url, module='gentle')
            check_success(first)
            assert set(ages(first).values()) == {0}, first.text
            counters = sim.report_counters()
            assert counters['requests_highest'] == 1, counters
            assert counters['connections_highest'] == 1, counters
            assert counters['requests_total'] == len(PAGES), counters
            for again in range(2):
                next = exporter.probe(url, module='gentle')
                check_success(next)
                assert all(age > 0 for age in ages(next).values()), next.text
                for page in PAGES:
                    assert contract.modem_blocks(next, page) == \
                        contract.modem_blocks(first, page), page
                    for what in ('duration_seconds', 'response_bytes'):
                        # Those of the fetch that it was.
                        name = 'probe_endpoint_' + what
                        assert next.value(name, endpoint=page) == \
                            first.value(name, endpoint=page), (name, page)
                assert {sample.labels['phase'] for sample in
                        next.samples('probe_phase_duration_seconds')} == \
                    {'resolve'}, next.text
            counters = sim.report_counters()
            assert counters['requests_total'] == len(PAGES), counters
            assert counters['connections'] == 1, counters


@test
def a_failure_is_asked_for_again():
    hang_up = ('usinfo,reset', 'usinfo,status=500', 'usinfo,cut',
               'usinfo,not-json', 'usinfo,login')
    with Cases() as cases:
        for rule in hang_up:
            with cases.row(rule), Sim() as sim, Exporter() as exporter:
                sim.behave('length', rule)
                for again in range(2):
                    sim.reset()
                    page = exporter.probe(sim.http, module='gentle')
                    assert page.labels('probe_endpoint_failure_info')[
                        'endpoint'] == 'usinfo', page.text
                    counters = sim.report_counters()['requests']
                    assert counters['usinfo'] >= 1, counters
                    assert counters['dsinfo'] == 1 - again, counters
                sim.behave('length')
                sim.reset()
                page = exporter.probe(sim.http, module='gentle')
                check_success(page)
                assert {name for name, age in ages(page).items()
                        if age == 0} == {'usinfo'}, page.text
                assert requests(sim) == 1


@test
def modules_share_answers():
    with Sim('--behave=length') as sim, Exporter() as exporter:
        # Nobody has asked for old ones yet: none is kept.
        check_success(exporter.probe(sim.https))
        check_success(exporter.probe(sim.https, module='gentle'))
        assert requests(sim) == 2 * len(PAGES)
        # The default asks each time, and gentle profits.
        first = exporter.probe(sim.https)
        assert set(ages(first).values()) == {0}, first.text
        assert requests(sim) == 3 * len(PAGES)
        page = exporter.probe(sim.https, module='gentle')
        assert requests(sim) == 3 * len(PAGES)
        for endpoint in PAGES:
            assert page.value('probe_endpoint_duration_seconds',
                              endpoint=endpoint) == \
                first.value('probe_endpoint_duration_seconds',
                            endpoint=endpoint), endpoint


@test
def the_answer_to_come_will_do():
    delay = 300 * min(FACTOR, 3)
    with Sim('--behave=length', '--behave=delay=%d' % delay) as sim, \
            Exporter() as exporter:
        first = exporter.later(exporter.probe, sim.http)
        sim.wait_counter('requests_open', len(PAGES))
        page = exporter.probe(sim.http, module='gentle')
        check_success(page)
        check_success(first.result(PATIENCE))
        assert all(age > 0 for age in ages(page).values()), page.text
        assert requests(sim) == len(PAGES)


@test
def an_answer_to_come_that_fails_is_asked_for():
    delay = 300 * min(FACTOR, 3)
    with Sim('--behave=length', '--behave=delay=%d' % delay,
             '--behave=usinfo,status=500') as sim, Exporter() as exporter:
        first = exporter.later(exporter.probe, sim.http)
        sim.wait_counter('requests_open', len(PAGES))
        page = exporter.probe(sim.http, module='gentle')
        for probed in (page, first.result(PATIENCE)):
            assert probed.labels('probe_endpoint_failure_info')[
                'endpoint'] == 'usinfo', probed.text
        assert sim.report_counters()['requests']['usinfo'] == 2


@test
def a_modem_elsewhere_has_its_own_answers():
    with Sim(listen=('http://127.0.0.1:0', 'http://127.0.0.1:0',
                     'https://127.0.0.1:0')) as sim, Exporter() as exporter:
        for number, url in enumerate(sim.urls, 1):
            check_success(exporter.probe(url, module='gentle'))
            assert requests(sim) == number * len(PAGES), url


if __name__ == '__main__':
    main()
