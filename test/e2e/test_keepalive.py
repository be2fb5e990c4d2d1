#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Connections that are kept between probes, and what modems make of them."""

import contract
from harness import (Cases, Exporter, FACTOR, PATIENCE, Sim, main, test,
                     wait_until)

PAGES = len(contract.PAGES)
SCHEMES = ('https', 'http')
KEPT = 6		# connections to one modem, between probes
# So slow that each page comes on a connection of its own.
SLOW = 'delay=%d' % (30 * min(FACTOR, 10))


def probe_well(exporter, target, **more):
    page = exporter.probe(target, **more)
    assert page.value('probe_success') == '1', page.text
    assert not page.samples('probe_endpoint_failure_info'), page.text
    return page


def phases(page):
    return {sample.labels['phase']
            for sample in page.samples('probe_phase_duration_seconds')}


def open_descriptors(exporter):
    return int(exporter.page('/metrics').value('process_open_fds'))


@test
def the_next_probe_opens_no_connection():
    with Cases() as cases:
        for frame in ('length', 'length-1.0', 'chunked'):
            for scheme in SCHEMES:
                with cases.row(frame + ' ' + scheme), \
                        Sim('--behave=' + frame, '--behave=' + SLOW) as sim, \
                        Exporter() as exporter:
                    cold = probe_well(exporter, sim.url(scheme))
                    sim.reset()
                    warm = probe_well(exporter, sim.url(scheme))
                    counters = sim.report_counters()
                    assert counters['connections'] == 0, counters
                    assert counters['requests_total'] == PAGES, counters
                    # Without a word, some would close.
                    assert counters['last_request']['connection'] == \
                        'keep-alive', counters
                    assert 'connect' in phases(cold), cold.text
                    assert phases(warm) == {'resolve', 'wait', 'transfer'}, \
                        warm.text
                    if scheme == 'https':
                        assert warm.labels('probe_tls_info') == \
                            cold.labels('probe_tls_info')
                    for endpoint in contract.PAGES:
                        assert contract.modem_blocks(warm, endpoint) == \
                            contract.modem_blocks(cold, endpoint), endpoint


@test
def what_is_not_promised_is_not_kept():
    with Cases() as cases:
        for rules in (['length-1.0-silent'], ['length', 'keepalive-no-length'],
                      []):
            with cases.row(repr(rules)), Sim() as sim, \
                    Exporter() as exporter:
                sim.behave(*rules)
                for again in range(2):
                    probe_well(exporter, sim.http)
                sim.wait_counter('connections_open', 0)
                assert sim.report_counters()['connections'] == 2 * PAGES


@test
def six_connections_are_kept_and_no_more():
    with Cases() as cases:
        for scheme in SCHEMES:
            with cases.row(scheme), \
                    Sim('--behave=length', '--behave=delay=%d' %
                        (150 * min(FACTOR, 6))) as sim, \
                    Exporter() as exporter:
                probes = [exporter.later(probe_well, exporter,
                                         sim.url(scheme), module=module)
                          for module in ('coda56', 'full')]
                for probe in probes:
                    probe.result(PATIENCE)
                counters = sim.report_counters()
                assert counters['connections_highest'] > KEPT, counters
                assert counters['requests_total'] == \
                    PAGES + len(contract.ALL_PAGES), counters
                sim.wait_counter('connections_open', KEPT)


@test
def gentle_keeps_none():
    with Cases() as cases:
        for scheme in SCHEMES:
            with cases.row(scheme), Sim('--behave=length') as sim, \
                    Exporter() as exporter:
                probe_well(exporter, sim.url(scheme), module='gentle')
                sim.wait_counter('connections_open', 0)
                counters = sim.report_counters()
                assert counters['connections'] == 1, counters
                assert counters['requests_highest'] == 1, counters


@test
def gentle_closes_only_the_connection_that_it_used():
    with Sim('--behave=length', '--behave=' + SLOW) as sim, \
            Exporter() as exporter:
        probe_well(exporter, sim.https)
        sim.wait_counter('connections_open', KEPT)
        sim.reset()
        probe_well(exporter, sim.https, module='gentle')
        sim.wait_counter('connections_open', KEPT - 1)
        counters = sim.report_counters()
        assert counters['connections'] == 0, counters
        assert counters['requests_highest'] == 1, counters


@test
def a_modem_that_restarted_is_connected_anew():
    with Cases() as cases:
        for scheme in SCHEMES:
            with cases.row(scheme), Exporter() as exporter:
                with Sim('--behave=length') as before:
                    url = before.url(scheme)
                    probe_well(exporter, url)
                with Sim('--behave=length', '--behave=' + SLOW,
                         listen=(url,)) as after:
                    assert 'connect' in phases(probe_well(exporter, url))
                    probe_well(exporter, url)
                    counters = after.report_counters()
                    assert counters['connections'] == PAGES, counters
                    assert counters['requests_total'] == 2 * PAGES, counters


@test
def a_connection_that_is_closed_over_a_request_costs_a_quiet_retry():
    with Cases() as cases:
        for scheme in SCHEMES:
            with cases.row(scheme), Sim('--behave=length') as sim, \
                    Exporter() as exporter:
                probe_well(exporter, sim.url(scheme))
                sim.behave('length', 'reset-second')
                for again in range(2):
                    sim.reset()
                    probe_well(exporter, sim.url(scheme))
                    requests = sim.report_counters()['requests']
                    assert max(requests.values()) == 2, requests
                # What does not pay is not done again.
                sim.reset()
                probe_well(exporter, sim.url(scheme))
                counters = sim.report_counters()
                assert counters['requests_total'] == PAGES, counters
                sim.wait_counter('connections_open', 0)


@test
def one_restart_during_a_probe_teaches_nothing():
    with Cases() as cases:
        for scheme in SCHEMES:
            with cases.row(scheme), Sim('--behave=length') as sim, \
                    Exporter() as exporter:
                probe_well(exporter, sim.url(scheme))
                sim.behave('length', 'reset-second')
                probe_well(exporter, sim.url(scheme))
                sim.behave('length', SLOW)
                probe_well(exporter, sim.url(scheme))
                sim.wait_counter('connections_open', KEPT)
                sim.reset()
                probe_well(exporter, sim.url(scheme))
                counters = sim.report_counters()
                assert counters['connections'] == 0, counters
                assert counters['requests_highest'] == PAGES, counters


@test
def a_modem_that_promises_to_keep_connections_is_not_believed():
    with Cases() as cases:
        for scheme in SCHEMES:
            with cases.row(scheme), Sim('--behave=lie-keepalive') as sim, \
                    Exporter() as exporter:
                for again in range(8):
                    probe_well(exporter, sim.url(scheme))
                    probe_well(exporter, sim.url(scheme), module='full')
                sim.wait_counter('connections_open', 0)


@test
def a_modem_that_hangs_on_kept_connections_is_learned():
    with Cases() as cases:
        for scheme, first, then in (('https', 'gentle', 'full'),
                                    ('http', 'coda56', 'coda56')):
            with cases.row(scheme), Sim('--behave=length') as sim, \
                    Exporter() as exporter:
                if first == 'coda56':
                    probe_well(exporter, sim.url(scheme))
                sim.behave('length', 'hang-second')
                page = exporter.probe(sim.url(scheme), module=first,
                                      timeout=min(FACTOR, 5))
                # Those that waited for it as well.
                assert {sample.labels['reason'] for sample in page.samples(
                    'probe_endpoint_failure_info')} == {'timeout'}, page.text
                for again in range(3):
                    probe_well(exporter, sim.url(scheme), module=then)
                sim.wait_counter('connections_open', 0)


@test
def a_kept_connection_that_hung_is_the_last_to_be_used_again():
    with Sim('--behave=length', '--behave=' + SLOW) as sim, \
            Exporter() as exporter:
        probe_well(exporter, sim.https)
        sim.behave('length', 'hang-second')
        page = exporter.probe(sim.https, module='gentle',
                              timeout=min(FACTOR, 5))
        assert page.value('probe_success') == '0', page.text
        sim.wait_counter('connections_open', 0)
        probe_well(exporter, sim.https)


@test
def a_page_that_hangs_says_nothing_of_connections():
    with Sim('--behave=length', '--behave=' + SLOW) as sim, \
            Exporter() as exporter:
        probe_well(exporter, sim.https)
        sim.behave('length', 'usinfo,hang')
        page = exporter.probe(sim.https, timeout=min(FACTOR, 5))
        assert page.labels('probe_endpoint_failure_info') == {
            'endpoint': 'usinfo', 'reason': 'timeout'}, page.text
        sim.wait_counter('connections_open', PAGES - 1)
        sim.behave('length', SLOW)
        sim.reset()
        probe_well(exporter, sim.https)
        counters = sim.report_counters()
        assert counters['connections'] == 1, counters
        sim.wait_counter('connections_open', PAGES)


@test
def what_nobody_asked_for_is_no_answer():
    with Sim() as sim, Exporter() as exporter:
        healthy = probe_well(exporter, sim.http)
        sim.behave('extra')
        with Cases() as cases:
            for scheme in SCHEMES:
                for module in ('gentle', 'coda56', 'coda56'):
                    with cases.row(scheme + ' ' + module):
                        page = probe_well(exporter, sim.url(scheme),
                                          module=module)
                        for endpoint in contract.PAGES:
                            assert contract.modem_blocks(page, endpoint) == \
                                contract.modem_blocks(healthy, endpoint), \
                                endpoint
        sim.wait_counter('connections_open', 0)


@test
def bytes_on_an_idle_connection_end_it():
    # The end of what nobody asked for drips in after the probe.
    with Sim('--behave=length', '--behave=' + SLOW,
             '--behave=getSysInfo,extra', '--behave=getSysInfo,empty-array',
             '--behave=getSysInfo,drip=1') as sim, Exporter() as exporter:
        exporter.probe(sim.https)
        sim.wait_counter('connections_open', PAGES - 1)
        sim.behave('length', SLOW)
        probe_well(exporter, sim.https)
        sim.wait_counter('connections_open', PAGES)


@test
def the_page_of_an_error_costs_no_connection():
    with Cases() as cases:
        for scheme in SCHEMES:
            for frame in ('length', 'chunked'):
                with cases.row(scheme + ' ' + frame), \
                        Sim('--behave=' + frame, '--behave=' + SLOW,
                            '--behave=getSysInfo,status=404') as sim, \
                        Exporter() as exporter:
                    for again in range(3):
                        page = exporter.probe(sim.url(scheme))
                        assert page.value('probe_success') == '1', page.text
                        assert page.labels('probe_endpoint_failure_info')[
                            'reason'] == 'http_status', page.text
                    counters = sim.report_counters()
                    assert counters['connections'] == PAGES, counters
                    assert counters['connections_open'] == PAGES, counters


@test
def the_page_of_an_error_that_does_not_end_is_not_waited_for():
    with Cases() as cases:
        for scheme in SCHEMES:
            with cases.row(scheme), \
                    Sim('--behave=length', '--behave=' + SLOW,
                        '--behave=getSysInfo,status=404',
                        '--behave=getSysInfo,hang-body') as sim, \
                    Exporter() as exporter:
                for again in range(5):
                    page = exporter.probe(sim.url(scheme), timeout=8 * FACTOR)
                    assert page.value('probe_success') == '1', page.text
                    assert float(page.value('probe_duration_seconds')) < \
                        6 * FACTOR, page.text
                # One that waits for the end, instead of one that is idle.
                counters = sim.report_counters()
                assert counters['connections_highest'] <= PAGES + 1, counters
                sim.wait_counter('connections_open', PAGES)


@test
def errors_that_do_not_end_leave_gentle_its_one_connection():
    with Cases() as cases:
        for scheme in SCHEMES:
            with cases.row(scheme), \
                    Sim('--behave=length', '--behave=status=404',
                        '--behave=hang-body') as sim, \
                    Exporter() as exporter:
                page = exporter.probe(sim.url(scheme), module='gentle',
                                      timeout=8 * FACTOR)
                assert page.labels('probe_failure_info') == {
                    'reason': 'http_status'}, page.text
                sim.wait_counter('connections_open', 0)
                counters = sim.report_counters()
                assert counters['requests_total'] == PAGES, counters
                # One that is being closed may still be seen.
                assert counters['connections_highest'] <= 2, counters


@test
def a_page_that_is_always_closed_on_harms_no_other():
    with Cases() as cases:
        for scheme in SCHEMES:
            for rules in (('dsinfo,close', 'length'), ('dsinfo,close',),
                          ('dsinfo,reset', 'length')):
                with cases.row('%s %r' % (scheme, rules)), Sim() as sim, \
                        Exporter() as exporter:
                    sim.behave(*rules)
                    for again in range(3):
                        sim.reset()
                        page = exporter.probe(sim.url(scheme))
                        assert page.labels('probe_endpoint_failure_info') == {
                            'endpoint': 'dsinfo',
                            'reason': 'connection_reset'}, page.text
                        requests = sim.report_counters()['requests']
                        # New, then by one that was kept, then new again.
                        most = 3 if again == 0 and len(rules) > 1 else 2
                        assert requests.pop('dsinfo') <= most, requests
                        assert set(requests.values()) == {0, 1}, requests
                    # Once it is well, nothing is left of that.
                    sim.behave('length', SLOW)
                    sim.reset()
                    probe_well(exporter, sim.url(scheme))
                    probe_well(exporter, sim.url(scheme))
                    counters = sim.report_counters()
                    assert counters['requests_highest'] == PAGES, counters
                    assert counters['connections_open'] == PAGES, counters


@test
def a_session_that_the_modem_chokes_on_is_forgotten():
    with Sim() as sim, Exporter() as exporter:
        probe_well(exporter, sim.https)
        for rules in (('choke-resumed', 'length'), ('choke-resumed',)):
            sim.behave(*rules)
            for again in range(3):
                probe_well(exporter, sim.https)


@test
def kept_connections_do_not_delay_the_end():
    with Sim('--behave=length', '--behave=' + SLOW) as sim, \
            Exporter() as exporter:
        for url in sim.urls:
            probe_well(exporter, url)
        sim.wait_counter('connections_open', 2 * KEPT)
        exporter.process.terminate()
        assert exporter.wait_exit() == 0
        sim.wait_counter('connections_open', 0)


@test
def a_client_that_leaves_leaves_connections_good():
    with Sim('--behave=length', '--behave=delay=100') as sim, \
            Exporter() as exporter:
        probe_well(exporter, sim.https)
        sim.reset()
        try:
            exporter.ask('/probe?target=' + sim.https, patience=0.05)
        except (AssertionError, OSError):
            pass
        probe_well(exporter, sim.https)
        counters = sim.report_counters()
        assert counters['connections'] == 0, counters


def host_counters(sim, url):
    return sim.report_counters()['addresses'][
        url.split('/')[2].split(':')[0]]


@test
def of_too_many_kept_connections_each_target_has_its_share():
    most, targets = 256, 50
    urls = tuple('http://127.1.%d.1:0' % i for i in range(targets))
    with Sim('--behave=length', '--behave=delay=%d' % (15 * min(FACTOR, 10)),
             listen=urls) as sim, Exporter() as exporter:
        before = open_descriptors(exporter)

        def ask_all():
            for url in sim.urls:
                probe_well(exporter, url)
            assert open_descriptors(exporter) <= before + most
            return [host_counters(sim, url)['connections_open']
                    for url in sim.urls]

        # Who was not asked for longest has none, at first.
        kept = ask_all()
        assert kept[0] == 0 < min(kept[-40:]), kept
        ask_all()
        kept = ask_all()
        assert min(kept) >= most // targets, kept
        sim.reset()
        probe_well(exporter, sim.urls[0])
        assert sim.report_counters()['connections'] <= KEPT - min(kept)
        # Those that are in use are not idle, however old.
        probe_well(exporter, sim.urls[0])
        sim.behave('length', '127.1.0.1,delay=%d' % (3000 * min(FACTOR, 2.5)))
        sim.reset()
        slow = exporter.later(probe_well, exporter, sim.urls[0])
        sim.wait_counter('requests_open', PAGES)
        others = [exporter.later(probe_well, exporter, url)
                  for url in sim.urls[1:]]
        for other in others:
            other.result(PATIENCE)
        assert not slow.done(), 'too slow to see it in use'
        slow.result(PATIENCE)
        assert sim.report_counters()['addresses']['127.1.0.1'][
            'requests_total'] == PAGES


@test
def probes_of_many_targets_do_not_pile_up_descriptors():
    urls = tuple('%s://127.2.%d.1:0' % (scheme, i)
                 for scheme in SCHEMES for i in range(15))
    with Sim(listen=urls) as sim, Exporter() as exporter:
        before = open_descriptors(exporter)
        for rules in (('length',), (), ('dsinfo,reset', 'length'),
                      ('chunked', 'usinfo,status=404')):
            sim.behave(*rules)
            probes = [exporter.later(exporter.probe, url)
                      for url in sim.urls]
            for probe in probes:
                probe.result(PATIENCE)
            assert open_descriptors(exporter) <= before + 256
        sim.behave()
        for url in sim.urls:
            probe_well(exporter, url)
        wait_until(lambda: open_descriptors(exporter) <= before,
                   'at most %d descriptors' % before)


if __name__ == '__main__':
    main()
