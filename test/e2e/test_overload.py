#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""More probes than are wanted at once: 503, and when to come again."""

import contract
import exposition
from client import connect, read_one, request_bytes
from harness import (Exporter, FACTOR, PATIENCE, Sim, main, no_descriptors,
                     probe_path, test)


def check_turned_away(answer):
    assert answer.status == 503, (answer.status, answer.text)
    assert int(answer.header('Retry-After')) > 0, answer.headers


@test
def one_probe_too_many_is_turned_away():
    with Sim('--behave=hang') as busy, Sim() as idle, \
            Exporter('--web.max-probes=1') as exporter:
        stuck = exporter.later(exporter.probe, busy.https,
                               timeout=3 * FACTOR)
        busy.wait_counter('requests_open', 6)
        check_turned_away(exporter.ask(probe_path(idle.https)))
        check_turned_away(exporter.ask(probe_path(idle.https),
                                       method='HEAD'))
        # Everything else goes on.
        for path in ('/-/healthy', '/-/ready', '/metrics', '/'):
            assert exporter.ask(path).status == 200, path
        assert exporter.ask('/probe').status == 400
        assert not stuck.done()
        assert idle.report_counters()['connections'] == 0
        assert stuck.result(PATIENCE).value('probe_success') == '0'
        # There is room again.
        assert exporter.probe(idle.https).value('probe_success') == '1'


@test
def as_many_as_allowed_are_served():
    with Sim('--behave=delay=300') as sim, \
            Exporter('--web.max-probes=3') as exporter:
        probes = [exporter.later(exporter.probe, url)
                  for url in (sim.https, sim.http, sim.https)]
        for probe in probes:
            assert probe.result(PATIENCE).value('probe_success') == '1'


@test
def the_limit_counts_probes_and_not_what_became_of_them():
    # A slot that a refused or failed probe does not give back is a leak.
    with Sim('--behave=handshake-close') as sim, \
            Exporter('--web.max-probes=1',
                     '--target.deny=127.45.0.1/32') as exporter:
        for again in range(3):
            assert exporter.ask('/probe?target=1.2.3').status == 400
            assert exporter.ask(probe_path('127.45.0.1')).status == 403
            assert exporter.probe(sim.https).value('probe_success') == '0'
            assert exporter.probe('modem.invalid').value(
                'probe_success') == '0'


@test
def an_exporter_without_descriptors_does_not_blame_the_modem():
    with Sim() as sim, Exporter() as exporter, \
            connect(exporter.addresses[0], PATIENCE) as sock:
        stream = sock.makefile('rb')

        def ask(path):
            sock.sendall(request_bytes(exporter.addresses[0], path,
                                       close=False))
            return read_one(stream).text

        ask('/-/healthy')
        with no_descriptors(exporter):
            for url in sim.urls:
                contract.check_dead(exposition.Page(ask(probe_path(url))),
                                    'exporter_limit')
        assert exporter.wait_event(reason='exporter_limit')['hint'] == \
            "raise the exporter's limits of descriptors and memory"
        assert sim.report_counters()['connections'] == 0


if __name__ == '__main__':
    main()
