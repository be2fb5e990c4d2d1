#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A modem that misbehaves in another way with each probe, and recovers."""

import random

import contract
from harness import (Exporter, FACTOR, PATIENCE, Sim, main, test, wait_until)

MODULES = ('coda56', 'full', 'gentle')
ROUNDS = 60
KEPT = 6		# connections to one modem
# Those that hold for no single page.
WHOLE = ('silent', 'refuse', 'one-connection', 'one-connection-reset',
         'handshake-cost=5', 'no-resume', 'no-close-notify', 'choke-resumed',
         'handshake-hang', 'handshake-garbage', 'handshake-close',
         'handshake-reset')
OFTEN = ('hang', 'hang-second', 'reset', 'reset-second', 'close', 'extra',
         'lie-keepalive', 'keepalive-no-length', 'length-1.0-silent',
         'status=404', 'redirect', 'login', 'cut', 'cut-head', 'hang-body',
         'hang-head', 'reset-body', 'not-http', 'bad-chunk', 'two-lengths',
         'delay=20', 'continue')


def some_rules(choose):
    rules = choose.sample(('length', 'chunked', 'length-1.0'), 1)
    for i in range(choose.randrange(4)):
        if choose.random() < 0.3:
            rules.append(choose.choice(WHOLE))
        else:
            rules.append('%s,%s' % (choose.choice(contract.ALL_PAGES),
                                    choose.choice(OFTEN)))
    return rules


def open_descriptors(exporter):
    return int(exporter.page('/metrics').value('process_open_fds'))


@test
def whatever_it_did_it_is_asked_well_when_it_is_well():
    choose = random.Random(56)
    probes = []
    with Sim() as sim, Exporter() as exporter:
        before = open_descriptors(exporter)
        for i in range(ROUNDS):
            sim.behave(*some_rules(choose))
            probes += [exporter.later(exporter.probe, choose.choice(sim.urls),
                                      module=choose.choice(MODULES),
                                      timeout=0.3 * FACTOR)
                       for j in range(choose.choice((1, 3, 6)))]
            # Some are still at it when it changes.
            while len(probes) > choose.randrange(3):
                probes.pop().exception(PATIENCE)
        for probe in probes:
            probe.exception(PATIENCE)
        sim.behave('length')
        for url in sim.urls:
            for module in MODULES + MODULES:
                page = exporter.probe(url, module=module)
                assert page.value('probe_success') == '1', page.text
                assert not page.samples('probe_endpoint_failure_info')
        wait_until(lambda: open_descriptors(exporter) <=
                   before + len(sim.urls) * KEPT, 'connections are closed')
        assert sim.report_counters()['connections_open'] <= \
            len(sim.urls) * KEPT


if __name__ == '__main__':
    main()
