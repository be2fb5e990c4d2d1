#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What happens side by side: pages of a probe, probes, clients."""

import contract
from client import connect, read_one, request_bytes
from harness import (Exporter, FACTOR, PATIENCE, Sim, main, probe_path, test,
                     wait_until)

DELAY = int(150 * FACTOR)


def check_pages_in_flight_together(scheme):
    with Sim('--behave=delay=%d' % DELAY) as sim, Exporter() as exporter:
        page = exporter.probe(sim.url(scheme))
        assert page.value('probe_success') == '1', page.text
        assert sim.report_counters()['requests_highest'] == 6
        took = float(page.value('probe_duration_seconds'))
        assert took < 6 * DELAY / 1000, took
        for endpoint in contract.PAGES:
            assert float(page.value('probe_endpoint_duration_seconds',
                                    endpoint=endpoint)) * 1000 > DELAY - 10


@test
def all_pages_are_in_flight_together_over_https():
    check_pages_in_flight_together('https')


@test
def all_pages_are_in_flight_together_over_http():
    check_pages_in_flight_together('http')


@test
def a_modem_that_hangs_holds_up_no_other():
    with Sim('--behave=hang') as dead, Sim() as alive, \
            Exporter() as exporter:
        stuck = exporter.later(exporter.probe, dead.https,
                               timeout=4 * FACTOR)
        dead.wait_counter('requests_open', 6)
        assert exporter.probe(alive.https).value('probe_success') == '1'
        assert exporter.ask('/-/healthy').status == 200
        assert dead.report_counters()['requests_open'] == 6
        assert not stuck.done()
        assert stuck.result(PATIENCE).value('probe_success') == '0'


@test
def many_probes_at_once_are_all_answered():
    with Sim('--behave=delay=100') as sim, Exporter() as exporter:
        probes = [exporter.later(exporter.probe, sim.http)
                  for i in range(32)]
        for probe in probes:
            assert probe.result(PATIENCE).value('probe_success') == '1'


@test
def a_connection_that_hangs_does_not_outlive_its_probe():
    with Sim('--behave=dsinfo,hang') as sim, Exporter() as exporter:
        exporter.probe(sim.https, timeout=2 * FACTOR)
        sim.wait_counter('connections_open', 0)


@test
def a_client_that_leaves_during_its_probe_harms_nobody():
    with Sim('--behave=delay=500') as sim, Exporter() as exporter:
        with connect(exporter.addresses[0], PATIENCE) as sock:
            sock.sendall(request_bytes(exporter.addresses[0],
                                       probe_path(sim.https)))
            sim.wait_counter('requests_open', 6)
        sim.wait_counter('requests_open', 0)
        assert exporter.probe(sim.https).value('probe_success') == '1'


@test
def requests_sent_ahead_are_answered_in_turn():
    # A second request that arrives while the first is pending.
    with Sim('--behave=delay=100') as sim, Exporter() as exporter:
        address = exporter.addresses[0]
        with connect(address, PATIENCE) as sock:
            sock.sendall(request_bytes(address, probe_path(sim.http),
                                       close=False))
            sim.wait_counter('requests_open', 6)
            sock.sendall(request_bytes(address, '/-/healthy', close=False))
            sock.sendall(request_bytes(address, '/-/ready', close=False))
            stream = sock.makefile('rb')
            assert b'probe_success 1' in read_one(stream).body
            assert read_one(stream).body.strip() == b'ok'
            assert read_one(stream).status == 200


@test
def descriptors_do_not_pile_up():
    def open_descriptors():
        return int(exporter.page('/metrics').value('process_open_fds'))

    with Sim('--behave=dsinfo,reset', '--behave=usinfo,cut',
             '--behave=dsofdminfo,length') as sim, Exporter() as exporter:
        # Some may be kept, up to six for each URL.
        most = open_descriptors() + 2 * 6
        for scheme in ('https', 'http') * 10:
            exporter.probe(sim.url(scheme))
        # Closing may take a turn of the loop, not more.
        wait_until(lambda: open_descriptors() <= most,
                   'at most %d descriptors' % most)


if __name__ == '__main__':
    main()
