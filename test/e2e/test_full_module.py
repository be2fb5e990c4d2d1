#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Module `full`: all ten pages of the modem."""

import contract
from harness import Cases, Exporter, Sim, main, promtool_check, test


@test
def every_page_is_asked_for_once():
    with Sim() as sim, Exporter() as exporter:
        exporter.probe(sim.https, module='full')
        seen = sim.report_counters()
        assert {page: count for page, count in seen['requests'].items()
                if count} == dict.fromkeys(contract.ALL_PAGES, 1), seen
        assert seen['requests_total'] == 10, seen
        assert seen['unknown_paths'] == seen['bad_requests'] == 0, seen


@test
def every_family_is_there():
    with Sim() as sim, Exporter() as exporter:
        for url in sim.urls:
            page = exporter.probe(url, module='full')
            assert page.value('probe_success') == '1', page.text
            wanted = contract.full_families(tls=url == sim.https)
            assert list(page.families) == [f.name for f in wanted]
            with Cases() as cases:
                for family in wanted:
                    with cases.row(family.name):
                        found = page.families[family.name]
                        assert found.type == family.type, found.type
                        assert family.count in (None, len(found.samples)), \
                            found.samples
            promtool_check(page.text)


@test
def every_family_of_a_page_names_it():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe(sim.https, module='full')
        with Cases() as cases:
            for endpoint, families in contract.MORE.items():
                for family in families:
                    with cases.row(family.name):
                        text = page.families[family.name].help
                        assert endpoint in text, text


@test
def the_form_begins_with_the_module_of_the_modem():
    with Exporter('--modem.target=127.0.0.1',
                  '--modem.module=full') as exporter:
        text = exporter.ask('/').text
        assert '<option selected>full</option>' in text, text
        assert 'value="https://127.0.0.1:443"' in text, text


@test
def samples_are_what_the_modem_said():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe(sim.https, module='full')
        assert page.labels('modem_info') == {
            'vendor': 'HITRON', 'model': 'CODA', 'hardware_version': '1A',
            'software_version': '7.3.5.3.2b1'}
        assert [s.labels['stage']
                for s in page.samples('modem_docsis_init_success')] == [
                    'hw_init', 'find_downstream', 'ranging', 'dhcp',
                    'time_of_day', 'download_config', 'registration']
        assert page.labels('modem_docsis_bpi_info') == {
            'auth': 'authorized', 'tek': 'operational'}
        for name in ('bpi_operational', 'network_access', 'traffic_enabled'):
            assert page.value('modem_docsis_' + name) == '1', name
        assert page.value('modem_link_up', port='1') == '1'
        assert page.value('modem_link_speed_bytes', port='1') == '312500000'
        assert page.value('modem_link_full_duplex', port='1') == '1'
        assert [(s.labels['event'], s.value)
                for s in page.samples('modem_event_log_events')] == [
                    ('t3_timeout', '4'), ('t4_timeout', '1'),
                    ('lost_mdd', '2'), ('sync_failure', '1'),
                    ('partial_service', '2'), ('dhcp', '1'),
                    ('config', '0'), ('reboot', '1'), ('other', '8')]
        assert sum(int(s.value)
                   for s in page.samples('modem_event_log_entries')) == 20


@test
def a_page_that_fails_costs_only_its_own_series():
    with Sim() as sim, Exporter() as exporter:
        with Cases() as cases:
            for endpoint in contract.MORE:
                with cases.row(endpoint):
                    sim.behave(endpoint + ',status=404')
                    page = exporter.probe(sim.http, module='full')
                    assert page.value('probe_success') == '1', page.text
                    assert page.value('probe_endpoint_success',
                                      endpoint=endpoint) == '0'
                    assert page.labels('probe_endpoint_failure_info',
                                       endpoint=endpoint)[
                                           'reason'] == 'http_status'
                    lost = [f.name for f in contract.MORE[endpoint]]
                    assert contract.modem_names(page) == [
                        f.name for f in contract.full_families(tls=False)
                        if f.name.startswith('modem_') and
                        f.name not in lost]


@test
def modem_info_is_made_of_both_its_pages():
    with Sim() as sim, Exporter() as exporter:
        for failing, labels in (
                ('system_model', {'vendor': '', 'model': '',
                                  'hardware_version': '1A',
                                  'software_version': '7.3.5.3.2b1'}),
                ('getSysInfo', {'vendor': 'HITRON', 'model': 'CODA',
                                'hardware_version': '',
                                'software_version': ''})):
            sim.behave(failing + ',status=404')
            page = exporter.probe(sim.http, module='full')
            assert page.labels('modem_info') == labels, failing
        # In whatever order the two arrive.
        wanted = {'vendor': 'HITRON', 'model': 'CODA',
                  'hardware_version': '1A',
                  'software_version': '7.3.5.3.2b1'}
        for late in ('system_model', 'getSysInfo'):
            sim.behave(late + ',delay=60')
            page = exporter.probe(sim.http, module='full')
            assert page.labels('modem_info') == wanted, late


@test
def an_empty_log_has_every_kind_at_zero():
    with Sim('--behave=status_log,empty-array') as sim, \
            Exporter() as exporter:
        page = exporter.probe(sim.http, module='full')
        assert page.value('probe_endpoint_success',
                          endpoint='status_log') == '1'
        assert [s.value for s in page.samples('modem_event_log_events')] == \
            ['0'] * 9
        assert not page.samples('modem_event_log_entries')
        assert not page.samples('modem_event_log_latest_timestamp_seconds')


@test
def the_usual_module_leaves_the_other_pages_alone():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe(sim.https)
        assert not [name for name in page.families
                    if name.startswith(('modem_docsis_', 'modem_link_',
                                        'modem_event_'))]


if __name__ == '__main__':
    main()
