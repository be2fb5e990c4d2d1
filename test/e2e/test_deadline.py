#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How long a probe may take, and that it takes no longer."""

import contract
from harness import (Cases, Exporter, FACTOR, Sim, TIMEOUT_HEADER, main,
                     probe_path, test)

# Scrape timeout: deadline, with the offset of 0.5 s and the module's 10 s.
DEADLINES = {
    None: 10,
    '5': 4.5,
    '5.000000': 4.5,
    '2.25': 1.75,
    '10.5': 10,
    '60': 10,
    '1000000': 10,
    # Less than half would be left: half.
    '0.8': 0.4,
    '0.3': 0.15,
}


def deadline(exporter, target, header):
    headers = {} if header is None else {TIMEOUT_HEADER: header}
    page = exporter.page(probe_path(target), headers)
    return float(page.value('probe_timeout_seconds'))


@test
def the_deadline_follows_the_scrape_timeout():
    with Sim() as sim, Exporter() as exporter, Cases() as cases:
        for header, wanted in DEADLINES.items():
            with cases.row('timeout %s' % header):
                found = deadline(exporter, sim.http, header)
                assert abs(found - wanted) < 1e-6, found


@test
def the_offset_can_be_chosen():
    with Sim() as sim:
        for flag, wanted in (('--timeout-offset=1.5', 3.5),
                             ('--timeout-offset=0', 5)):
            with Exporter(flag) as exporter:
                found = deadline(exporter, sim.http, '5')
                assert abs(found - wanted) < 1e-6, (flag, found)


@test
def at_the_deadline_what_is_there_is_answered():
    with Sim('--behave=dsinfo,hang', '--behave=usofdminfo,hang-body') as sim, \
            Exporter() as exporter:
        for url in sim.urls:
            page = exporter.probe(url, timeout=2 * FACTOR)
            took = float(page.value('probe_duration_seconds'))
            # Clocks of an event loop are a little behind.
            assert took > float(page.value('probe_timeout_seconds')) - 0.1
            assert [s.labels['endpoint'] for s in
                    page.samples('probe_endpoint_failure_info')] == [
                        'dsinfo', 'usofdminfo']
            for endpoint in contract.PAGES:
                shown = contract.modem_blocks(page, endpoint)
                assert bool(shown) == (endpoint not in (
                    'dsinfo', 'usofdminfo')), endpoint


@test
def nothing_of_the_modem_hanging_is_left_after_the_deadline():
    with Sim('--behave=hang') as sim, Exporter() as exporter:
        page = exporter.probe(sim.https, timeout=2 * FACTOR)
        assert len(page.samples('probe_endpoint_failure_info')) == 6
        assert contract.modem_names(page) == []
        sim.wait_counter('connections_open', 0)
        sim.behave()
        assert exporter.probe(sim.https).value('probe_success') == '1'


if __name__ == '__main__':
    main()
