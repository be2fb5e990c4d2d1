#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Oddities of real modems that are no reason to fail."""

import contract
from harness import Cases, Exporter, FACTOR, Sim, main, test

# On all pages at once.
HARMLESS = ('bom', 'length', 'chunked', 'no-close-notify', 'lie-keepalive',
            'keepalive-no-length', 'obs-fold', 'no-resume',
            'handshake-cost=20', 'delay=20')


def check_unharmed(page, healthy):
    assert page.value('probe_success') == '1', page.text
    for endpoint in contract.PAGES:
        assert contract.modem_blocks(page, endpoint) == \
            contract.modem_blocks(healthy, endpoint), endpoint


def check_harmless(scheme):
    with Sim() as sim, Exporter() as exporter:
        url = sim.url(scheme)
        healthy = exporter.probe(url)
        with Cases() as cases:
            for behaviour in HARMLESS:
                with cases.row(behaviour):
                    sim.behave(behaviour)
                    check_unharmed(exporter.probe(url), healthy)
            with cases.row('several at once'):
                sim.behave('bom', 'chunked', 'no-close-notify', 'obs-fold')
                check_unharmed(exporter.probe(url), healthy)


@test
def oddities_are_harmless_over_https():
    check_harmless('https')


@test
def oddities_are_harmless_over_http():
    check_harmless('http')


@test
def bytes_that_are_not_utf8_become_the_replacement_character():
    with Sim('--behave=invalid-utf8') as sim, Exporter() as exporter:
        page = exporter.probe(sim.https)
        assert page.value('probe_success') == '1'
        assert page.labels('modem_downstream_channel_info', channel='12')[
            'port'] == '\N{REPLACEMENT CHARACTER}'
        mode = page.labels('modem_upstream_channel_info', channel='3')['mode']
        assert mode == '\N{REPLACEMENT CHARACTER}TDM\N{REPLACEMENT CHARACTER}'


@test
def one_byte_at_a_time_is_an_answer_too():
    with Sim('--behave=getCmDocsisWan,drip=1') as sim, \
            Exporter() as exporter:
        for url in sim.urls:
            page = exporter.probe(url)
            assert page.value('probe_success') == '1', page.text
            assert page.samples('modem_wan_info')


@test
def one_byte_at_a_time_is_cut_at_the_deadline():
    # Bytes keep coming, so no pause is long; the whole is what counts.
    with Sim('--behave=dsinfo,drip=50') as sim, Exporter() as exporter:
        for url in sim.urls:
            page = exporter.probe(url, timeout=2 * FACTOR)
            assert page.labels('probe_failure_info') == {'reason': 'timeout'}


@test
def what_a_modem_may_do_but_none_was_seen_to_do_hurts_its_page_only():
    # Either way the other pages are there and the deadline holds.
    with Sim() as sim, Exporter() as exporter:
        healthy = exporter.probe(sim.https)
        for behaviour in ('continue', 'two-lengths'):
            for url in sim.urls:
                sim.behave('dsinfo,' + behaviour)
                page = exporter.probe(url, timeout=2 * FACTOR)
                for endpoint in contract.PAGES[1:]:
                    assert contract.modem_blocks(page, endpoint) == \
                        contract.modem_blocks(healthy, endpoint), endpoint


@test
def a_modem_that_serves_one_connection_at_a_time_is_waited_for():
    with Sim('--behave=one-connection') as sim, Exporter() as exporter:
        for url in sim.urls:
            page = exporter.probe(url)
            assert page.value('probe_success') == '1', page.text
            assert sim.report_counters()['requests_highest'] == 1


if __name__ == '__main__':
    main()
