#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Handshakes are what a modem's CPU suffers from most: as few as can be."""

from harness import Cases, Exporter, FACTOR, Sim, main, test

PAGES = 6
PROBES = 10


def probe_often(exporter, sim, target):
    first = exporter.probe(target)
    facts = first.labels('probe_tls_info')
    for i in range(PROBES - 1):
        page = exporter.probe(target)
        assert page.value('probe_success') == '1', page.text
        # What is known of the certificate is known again.
        assert page.labels('probe_tls_info') == facts, page.text
    return sim.report_counters()


@test
def only_the_first_connection_costs_a_full_handshake():
    with Cases() as cases:
        for version in ('1.0', '1.1', '1.2', '1.3'):
            with cases.row('TLS ' + version), \
                    Sim('--tls=' + version) as sim, Exporter() as exporter:
                counters = probe_often(exporter, sim, sim.https)
                assert counters['handshakes_full'] == 1, counters
                assert counters['handshakes_resumed'] == \
                    PROBES * PAGES - 1, counters


@test
def a_modem_that_resumes_nothing_is_asked_all_the_same():
    with Sim('--behave=no-resume') as sim, Exporter() as exporter:
        counters = probe_often(exporter, sim, sim.https)
        assert counters['handshakes_resumed'] == 0, counters


@test
def a_dead_modem_is_knocked_at_once():
    with Sim('--behave=handshake-close') as sim, Exporter() as exporter:
        page = exporter.probe(sim.https)
        assert page.labels('probe_failure_info') == {
            'reason': 'tls_handshake_failed'}, page.text
        assert len(page.samples('probe_endpoint_failure_info')) == PAGES
        assert sim.report_counters()['connections'] == 1


@test
def a_first_page_that_hangs_hides_no_other():
    # Without sessions the others wait for the first, but not for long.
    with Sim('--behave=no-resume', '--behave=dsinfo,hang') as sim, \
            Exporter() as exporter:
        page = exporter.probe(sim.https, timeout=5 * FACTOR)
        assert page.labels('probe_endpoint_failure_info') == {
            'endpoint': 'dsinfo', 'reason': 'timeout'}, page.text
        assert page.value('modem_upstream_channels') == '5'


@test
def a_failed_probe_leaves_the_session_good():
    with Sim() as sim, Exporter() as exporter:
        exporter.probe(sim.https)
        sim.behave('reset-body')
        assert exporter.probe(sim.https).value('probe_success') == '0'
        sim.behave()
        sim.reset()
        assert exporter.probe(sim.https).value('probe_success') == '1'
        assert sim.report_counters()['handshakes_full'] == 0


@test
def a_modem_that_forgot_gets_one_full_handshake():
    # As after its reboot: another key, and no memory of sessions.
    with Exporter() as exporter:
        with Sim() as before:
            port = before.https.rsplit(':', 1)[1]
            exporter.probe(before.https)
        with Sim(listen=('https://127.0.0.1:' + port,)) as after:
            page = exporter.probe(after.https)
            assert page.value('probe_success') == '1', page.text
            counters = after.report_counters()
            assert counters['handshakes_full'] == 1, counters


if __name__ == '__main__':
    main()
