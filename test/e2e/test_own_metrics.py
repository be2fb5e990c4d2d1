#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""/metrics: the exporter about itself, and a modem of its own."""

import os
import time

import contract
from exposition import CONTENT_TYPE
from harness import (Exporter, FACTOR, Sim, TIMEOUT_HEADER, main,
                     promtool_check, test, version)

PROCESS = {
    'process_cpu_seconds_total': 'counter',
    'process_open_fds': 'gauge',
    'process_max_fds': 'gauge',
    'process_resident_memory_bytes': 'gauge',
    'process_virtual_memory_bytes': 'gauge',
    'process_start_time_seconds': 'gauge',
}
CONFIG = {
    'coda56_exporter_config_last_reload_successful': 'gauge',
    'coda56_exporter_config_last_reload_success_timestamp_seconds': 'gauge',
}
BUILD = 'coda56_exporter_build_info'


def check_own(page):
    assert page.families[BUILD].type == 'gauge'
    for name, kind in list(PROCESS.items()) + list(CONFIG.items()):
        assert page.families[name].type == kind, name


@test
def the_exporter_describes_itself():
    with Exporter() as exporter:
        page = exporter.page('/metrics')
        check_own(page)
        info = page.labels(BUILD)
        assert set(info) == {'version', 'revision', 'compiler', 'libevent',
                             'openssl', 'jansson'}, info
        assert info['version'] == version(), info
        for name in ('compiler', 'libevent', 'openssl', 'jansson'):
            assert info[name], info


@test
def the_process_is_measured():
    with Exporter() as exporter:
        page = exporter.page('/metrics')
        values = {name: float(page.value(name)) for name in PROCESS}
        assert 3 < values['process_open_fds'] < values['process_max_fds']
        assert 1e5 < values['process_resident_memory_bytes'] < \
            values['process_virtual_memory_bytes']
        assert abs(time.time() - values['process_start_time_seconds']) < \
            60 * FACTOR
        again = exporter.page('/metrics')
        assert float(again.value('process_cpu_seconds_total')) >= \
            values['process_cpu_seconds_total']
        # To its last digit: a process starts once.
        assert page.value('process_start_time_seconds') == \
            again.value('process_start_time_seconds')


@test
def open_descriptors_are_counted():
    # The wrapper, if any, holds descriptors of its own in the same process.
    with Exporter() as exporter:
        page = exporter.page('/metrics')
        listed = len(os.listdir('/proc/%d/fd' % exporter.process.pid)) \
            if os.path.isdir('/proc/self/fd') else None
        counted = int(page.value('process_open_fds'))
        # The connection of the request itself may be gone by now.
        assert listed is None or listed <= counted <= listed + 2, \
            (listed, counted)


@test
def modem_families_are_on_probe_and_own_families_on_metrics():
    with Sim() as sim, Exporter() as exporter:
        own, probed = exporter.page('/metrics'), exporter.probe(sim.https)
        assert not set(own.families) & set(probed.families)
        assert not [name for name in own.families
                    if name.startswith(('modem_', 'probe_'))]
        assert not [name for name in probed.families
                    if not name.startswith(('modem_', 'probe_'))]


@test
def promtool_accepts_the_exporters_own():
    with Exporter() as exporter:
        promtool_check(exporter.page('/metrics').text)


@test
def the_modem_of_the_command_line_is_on_metrics():
    with Sim() as sim, Exporter('--modem.target=' + sim.https) as exporter:
        page = exporter.page('/metrics')
        check_own(page)
        assert page.value('probe_success') == '1'
        wanted = [f.name for f in contract.healthy_families(tls=True)]
        assert [name for name in page.families if name in wanted] == wanted
        for line in contract.EXAMPLE:
            assert page.text.splitlines().count(line) == 1, line
        assert sim.report_counters()['requests_total'] == 6


@test
def promtool_accepts_both_together():
    with Sim() as sim, Exporter('--modem.target=' + sim.https) as exporter:
        promtool_check(exporter.page('/metrics').text)


@test
def each_scrape_asks_the_modem_anew():
    with Sim() as sim, Exporter('--modem.target', sim.http,
                                '--modem.module', 'coda56') as exporter:
        for count in (6, 12, 18):
            exporter.page('/metrics')
            assert sim.report_counters()['requests_total'] == count


@test
def head_of_metrics_probes_too():
    with Sim() as sim, Exporter('--modem.target=' + sim.http) as exporter:
        answer = exporter.ask('/metrics', method='HEAD')
        assert answer.status == 200
        assert answer.header('Content-Type') == CONTENT_TYPE
        assert sim.report_counters()['requests_total'] == 6


@test
def a_dead_modem_leaves_the_exporters_own():
    with Sim('--behave=handshake-close') as sim, \
            Exporter('--modem.target=' + sim.https) as exporter:
        page = exporter.page('/metrics')
        check_own(page)
        contract.check_dead(page, 'tls_handshake_failed')


@test
def a_hanging_modem_keeps_to_the_scrape_timeout():
    with Sim('--behave=hang') as sim, \
            Exporter('--modem.target=' + sim.https) as exporter:
        began = time.monotonic()
        page = exporter.page('/metrics', {TIMEOUT_HEADER: 2 * FACTOR})
        assert time.monotonic() - began < 2 * FACTOR
        check_own(page)
        contract.check_silent(page, 'timeout')


@test
def a_denied_modem_is_a_failed_one_here():
    with Exporter('--modem.target=127.45.0.1',
                  '--target.allow=127.44.0.0/16') as exporter:
        page = exporter.page('/metrics')
        check_own(page)
        contract.check_dead(page, 'denied')


@test
def a_target_in_the_query_is_not_probed():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.page('/metrics?target=' + sim.https)
        assert 'probe_success' not in page.families
        assert sim.report_counters()['connections'] == 0


@test
def metrics_can_be_elsewhere():
    with Exporter('--web.telemetry-path=/own') as exporter:
        check_own(exporter.page('/own'))
        assert exporter.ask('/metrics').status == 404
        assert 'href="/own"' in exporter.ask('/').text


if __name__ == '__main__':
    main()
