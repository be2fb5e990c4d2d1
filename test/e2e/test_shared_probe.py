#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Probes of one target at the same time are one probe."""

import configuration
from harness import Exporter, FACTOR, PATIENCE, Sim, main, test

PAGES = 6
# Seconds; where all is slow, still within the ten that a module has.
UNIT = min(FACTOR, 3)


def start(exporter, sim, count, **more):
    """Have `count` clients wait for one probe of a modem that hangs."""
    first = [exporter.later(exporter.probe, sim.https, **more)]
    # Those who come later join: the requests of the first are out.
    sim.wait_counter('requests_open', PAGES)
    return first + [exporter.later(exporter.probe, sim.https, **more)
                    for i in range(count - 1)]


def check_one_set_of_fetches(sim):
    for page, count in sim.report_counters()['requests'].items():
        assert count in (0, 1), (page, count)


@test
def fifty_clients_cost_the_modem_one_probe():
    with Sim('--behave=delay=%d' % (1000 * UNIT)) as sim, \
            Exporter() as exporter:
        clients = start(exporter, sim, 50)
        texts = {client.result(PATIENCE).text for client in clients}
        assert len(texts) == 1, len(texts)
        assert 'probe_success 1\n' in texts.pop()
        check_one_set_of_fetches(sim)


@test
def a_client_with_less_time_gets_what_is_there():
    with Sim('--behave=usinfo,hang') as sim, Exporter() as exporter:
        # Its own page says that it failed, for want of usinfo alone.
        long = exporter.later(exporter.probe, sim.https, timeout=6 * UNIT)
        sim.wait_counter('requests_open', 1)
        short = exporter.probe(sim.https, timeout=2 * UNIT)
        assert not long.done()
        assert short.value('probe_success') == '0'
        assert short.labels('probe_endpoint_failure_info') == {
            'endpoint': 'usinfo', 'reason': 'timeout'}
        assert short.value('modem_downstream_channels') == '32'
        # The others wait on, for the modem too.
        assert long.result(PATIENCE).value('probe_success') == '0'
        check_one_set_of_fetches(sim)


@test
def a_client_with_more_time_extends_the_probe():
    with Sim('--behave=delay=%d' % (2000 * UNIT)) as sim, \
            Exporter() as exporter:
        short = exporter.later(exporter.probe, sim.https,
                               timeout=1.5 * UNIT)
        sim.wait_counter('requests_open', PAGES)
        page = exporter.probe(sim.https, timeout=9 * UNIT)
        assert page.value('probe_success') == '1', page.text
        assert float(page.value('probe_timeout_seconds')) > 8
        assert short.result(PATIENCE).value('probe_success') == '0'
        check_one_set_of_fetches(sim)


@test
def nobody_joins_a_probe_that_was_too_slow_for_another():
    # Else overlapping clients would keep it alive when the modem is back.
    slow = configuration.module('coda56', 'timeout: %ds' % (9 * UNIT))
    with configuration.written(slow) as file, Sim('--behave=hang') as sim, \
            Exporter(file.option) as exporter:
        long = exporter.later(exporter.probe, sim.https, timeout=8 * UNIT)
        sim.wait_counter('requests_open', PAGES)
        short = exporter.probe(sim.https, timeout=2 * UNIT)
        assert short.value('probe_success') == '0'
        sim.behave()
        page = exporter.probe(sim.https, timeout=6 * UNIT)
        assert page.value('probe_success') == '1', page.text
        assert not long.done()
        assert long.result(PATIENCE).value('probe_success') == '0'


@test
def another_module_is_another_probe():
    with Sim('--behave=delay=%d' % (1000 * UNIT)) as sim, \
            Exporter() as exporter:
        one = exporter.later(exporter.probe, sim.https)
        other = exporter.later(exporter.probe, sim.https, module='full')
        for client in (one, other):
            page = client.result(PATIENCE)
            assert page.value('probe_success') == '1', page.text
        requests = sim.report_counters()['requests']
        assert requests['dsinfo'] == 2 and requests['status_log'] == 1


@test
def spellings_of_one_target_share_a_probe():
    with Sim('--behave=delay=%d' % (1000 * UNIT)) as sim, \
            Exporter() as exporter:
        address = sim.https.split('//')[1]
        spellings = ('https://' + address, 'HTTPS://' + address + '/',
                     address, '[::ffff:' + address.replace(':', ']:'))
        clients = [exporter.later(exporter.probe, spelling)
                   for spelling in spellings]
        texts = {client.result(PATIENCE).text for client in clients}
        assert len(texts) == 1, len(texts)
        check_one_set_of_fetches(sim)


@test
def the_failure_of_a_shared_probe_is_logged_once():
    with Sim('--behave=hang') as sim, Exporter() as exporter:
        clients = start(exporter, sim, 8, timeout=3 * UNIT)
        for client in clients:
            assert client.result(PATIENCE).value('probe_success') == '0'
        events = [event for event in exporter.events()
                  if event.get('msg') == 'probe failed']
        assert len(events) == 1, events


if __name__ == '__main__':
    main()
