#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Modems that serve one connection at a time, and those that do not."""

import configuration
import contract
from harness import Cases, Exporter, FACTOR, PATIENCE, Sim, main, test

PAGES = len(contract.PAGES)
SCHEMES = ('https', 'http')
KINDS = ('one-connection', 'one-connection-reset')
FRAMES = ('length', 'lie-keepalive')


def probe_well(exporter, target, **more):
    page = exporter.probe(target, **more)
    assert page.value('probe_success') == '1', page.text
    assert not page.samples('probe_endpoint_failure_info'), page.text
    return page


def check_in_turn(kind, frame, scheme):
    with Sim('--behave=' + kind, '--behave=' + frame,
             '--behave=delay=5') as sim, \
            Exporter() as exporter:
        for module in ('coda56', 'gentle', 'full', 'coda56'):
            sim.reset()
            probe_well(exporter, sim.url(scheme), module=module)
            # Nobody else is locked out.
            sim.wait_counter('connections_open', 0)
            counters = sim.report_counters()
            assert counters['requests_highest'] <= 1, counters
            assert max(counters['requests'].values()) <= 1, counters
        # By now it is known.
        assert counters['connections_highest'] == 1, counters
        if frame == 'length':
            assert counters['connections'] == 1, counters


@test
def one_at_a_time_is_asked_in_turn():
    with Cases() as cases:
        for kind in KINDS:
            for scheme in SCHEMES:
                for frame in FRAMES:
                    with cases.row(' '.join((kind, scheme, frame))):
                        check_in_turn(kind, frame, scheme)


@test
def probes_of_two_modules_do_not_wait_for_each_other():
    with Cases() as cases:
        for kind in KINDS:
            for scheme in SCHEMES:
                for modules in (('coda56', 'gentle'), ('gentle', 'coda56')):
                    with cases.row(' '.join((kind, scheme) + modules)), \
                            Sim('--behave=' + kind, '--behave=length',
                                '--behave=delay=20') as sim, \
                            Exporter() as exporter:
                        first = exporter.later(
                            probe_well, exporter, sim.url(scheme),
                            module=modules[0])
                        sim.wait_counter('requests_total', 1, at_least=True)
                        probe_well(exporter, sim.url(scheme),
                                   module=modules[1])
                        first.result(PATIENCE)
                        sim.wait_counter('connections_open', 0)
                        counters = sim.report_counters()
                        assert counters['requests_highest'] == 1, counters


@test
def a_modem_whose_pages_take_long_is_not_taken_for_one():
    # They come one after the other, but are asked for at once.
    unit = 15 * min(FACTOR, 10)
    rules = ['length'] + ['%s,delay=%d' % (page, (i + 2) * unit)
                          for i, page in enumerate(contract.PAGES)]
    with Cases() as cases:
        for scheme in SCHEMES:
            with cases.row(scheme), Sim() as sim, Exporter() as exporter:
                sim.behave(*rules)
                probe_well(exporter, sim.url(scheme))
                sim.wait_counter('connections_open', PAGES)
                sim.reset()
                probe_well(exporter, sim.url(scheme))
                counters = sim.report_counters()
                assert counters['connections'] == 0, counters
                assert counters['requests_highest'] == PAGES, counters


@test
def modules_share_connections_without_sessions_too():
    with Sim('--behave=length', '--behave=no-resume') as sim, \
            Exporter() as exporter:
        probe_well(exporter, sim.https)
        sim.reset()
        probe_well(exporter, sim.https, module='full')
        counters = sim.report_counters()
        assert counters['connections'] < PAGES, counters


@test
def gentle_waits_without_work():
    def wakeups():
        with open('/proc/%d/status' % exporter.process.pid) as file:
            for line in file:
                if line.startswith('voluntary_ctxt_switches:'):
                    return int(line.split()[1])

    with Sim('--behave=length', '--behave=delay=100') as sim, \
            Exporter() as exporter:
        try:
            before = wakeups()
        except FileNotFoundError:
            return		# no Linux
        probe_well(exporter, sim.https, module='gentle')
        # Six pages of 100 ms: a look at each turn of a clock would be 600.
        assert wakeups() - before < 200, wakeups() - before


@test
def idle_connections_make_room_where_no_further_one_is_served():
    # A modem that serves two, and lets others wait.
    two = configuration.module('two', 'max_concurrent_fetches: 2')
    with configuration.written(two) as config, \
            Sim('--behave=length', '--behave=delay=20') as sim, \
            Exporter(config.option) as exporter:
        probe_well(exporter, sim.http, module='two')
        assert sim.report_counters()['connections_open'] == 2
        sim.behave('length', 'delay=20', 'one-connection')
        probe_well(exporter, sim.http)


if __name__ == '__main__':
    main()
