#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a scrape of a healthy modem gets, and what it costs the modem."""

import http.client
import json

import contract
from exposition import CONTENT_TYPE
from harness import (Cases, Exporter, PATIENCE, Sim, host_and_port,
                     loopback_address, low_ports, main, probe_path,
                     promtool_check, test, version)


def check_healthy(page, tls):
    """All that is promised of a healthy modem, family by family."""
    assert page.value('probe_success') == '1', page.text
    wanted = contract.healthy_families(tls)
    assert list(page.families) == [family.name for family in wanted]
    with Cases() as cases:
        for family in wanted:
            with cases.row(family.name):
                found = page.families[family.name]
                assert found.type == family.type, found.type
                assert family.help in (None, found.help), found.help
                assert family.count in (None, len(found.samples)), \
                    found.samples


@test
def everything_is_there_over_https():
    with Sim() as sim, Exporter() as exporter:
        check_healthy(exporter.probe(sim.https), tls=True)


@test
def everything_is_there_over_http():
    with Sim() as sim, Exporter() as exporter:
        check_healthy(exporter.probe(sim.http), tls=False)


@test
def everything_is_there_over_ipv6():
    with Sim(listen=('https://[::1]:0', 'http://[::1]:0')) as sim, \
            Exporter('--web.listen-address=[::1]:0') as exporter:
        assert exporter.addresses[0][0] == '::1'
        for url in sim.urls:
            page = exporter.probe(url)
            check_healthy(page, tls=url == sim.https)
            assert page.value('probe_ip_protocol') == '6'


@test
def the_answer_says_what_it_is():
    with Sim() as sim, Exporter() as exporter:
        answer = exporter.ask(probe_path(sim.https))
        assert answer.status == 200
        assert answer.header('Content-Type') == CONTENT_TYPE
        assert answer.header('Cache-Control') == 'no-store'
        assert answer.header('X-Content-Type-Options') == 'nosniff'


@test
def lines_of_the_replaced_exporter_are_there():
    with Sim() as sim, Exporter() as exporter:
        lines = exporter.probe(sim.https).text.splitlines()
        with Cases() as cases:
            for line in contract.EXAMPLE:
                with cases.row(line):
                    assert lines.count(line) == 1


@test
def other_modem_families_name_page_and_field():
    # HELP of the replaced exporter's families is fixed and names neither.
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe(sim.https)
        with Cases() as cases:
            for endpoint, families in contract.MODEM.items():
                for family in families:
                    with cases.row(family.name):
                        assert family.help is not None or \
                            endpoint in page.families[family.name].help, \
                            page.families[family.name].help
        octets = page.families['modem_downstream_octets_total'].help
        assert 'codewords' in octets and 'bytes' in octets, octets


def counter_of_the_firmware(text):
    """`53 * 2e32 + 4142950845` means 53 * 2^32 + 4142950845."""
    high, times, low = text.partition(' * 2e32 + ')
    return str((int(high) << 32) + int(low) if times else int(text))


@test
def downstream_samples_are_what_the_modem_said():
    with Sim() as sim, Exporter() as exporter:
        modem = http.client.HTTPConnection(host_and_port(sim.http),
                                           timeout=PATIENCE)
        modem.request('GET', '/data/dsinfo.asp')
        rows = json.loads(modem.getresponse().read())
        modem.close()
        assert any('2e32' in row['dsoctets'] for row in rows)
        page = exporter.probe(sim.https)
        order = [row['channelId'] for row in rows]
        for family in contract.MODEM['dsinfo'][:-1]:
            assert order == [s.labels['channel']
                             for s in page.samples(family.name)], family.name
        for row in rows:
            def value(name):
                return page.value('modem_downstream_' + name,
                                  channel=row['channelId'])
            assert float(value('power')) == float(row['signalStrength'])
            assert float(value('snr')) == float(row['snr'])
            assert value('frequency_hertz') == row['frequency']
            assert value('octets_total') == \
                counter_of_the_firmware(row['dsoctets'])
            for key, names in (
                    ('correcteds', ('correctables',
                                    'corrected_codewords_total')),
                    ('uncorrect', ('uncorrectables',
                                   'uncorrectable_codewords_total'))):
                for name in names:
                    assert value(name) == row[key], (name, row)
            info = page.labels('modem_downstream_channel_info',
                               channel=row['channelId'])
            assert info == {
                'channel': row['channelId'], 'port': row['portId'],
                'frequency': row['frequency'],
                'modulation': {'1': '64QAM', '2': '256QAM'}[
                    row['modulation']]}, info
        assert page.value('modem_downstream_channels') == '32'


@test
def other_pages_samples_are_what_the_modem_said():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe(sim.https)
        assert page.value('modem_upstream_channels') == '5'
        assert page.value('modem_upstream_bandwidth_hertz',
                          channel='7') == '3200000'
        assert page.labels('modem_upstream_channel_info', channel='1') == {
            'channel': '1', 'port': '2', 'frequency': '17400000',
            'modulation': '64QAM', 'mode': 'ATDMA'}
        assert page.value('modem_ofdm_subcarrier0_frequency_hertz',
                          channel='0') == '279600000'
        for stage in ('plc', 'ncp', 'mdc1'):
            assert page.value('modem_ofdm_lock', channel='1',
                              stage=stage) == '1'
        assert page.value('modem_ofdma_operational', channel='0') == '1'
        assert page.value('modem_ofdma_operational', channel='1') == '0'
        assert page.labels('modem_ofdma_channel_info', channel='1') == {
            'channel': '1', 'state': 'DISABLED', 'fft': '2K'}
        assert page.value('modem_ofdma_power_1_6mhz', channel='0') == '41.5'
        assert page.value('modem_ofdma_bandwidth_hertz',
                          channel='0') == '36800000'
        assert page.labels('modem_wan_info') == {
            'config_name': 'sim-coda56-1g-00005e005301.cfg',
            'ip_address': '192.0.2.117', 'netmask': '255.255.255.0',
            'gateway': '192.0.2.1'}
        assert page.value('modem_wan_network_access') == '1'
        assert page.value('modem_wan_dhcp_lease_seconds') == '482901'
        assert page.value('modem_uptime') == '108725'
        assert page.labels('modem_uptime_str_info') == {
            'uptime': '30h:12m:05s'}
        assert page.value('modem_system_time') == '1773130530'


@test
def identifiers_of_the_subscriber_stay_in_the_modem():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe(sim.https)
        assert page.labels('modem_info') == {
            'vendor': '', 'model': '', 'hardware_version': '1A',
            'software_version': '7.3.5.3.2b1'}
        assert 'SIM000000042' not in page.text
        assert '00:00:5E:00:53:01' not in page.text.upper()


@test
def the_probe_describes_itself():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe(sim.https)
        for name in ('success', 'duration_seconds', 'response_bytes',
                     'age_seconds', 'rejected_values'):
            assert [s.labels for s in
                    page.samples('probe_endpoint_' + name)] == [
                        {'endpoint': p} for p in contract.PAGES], name
        for endpoint in contract.PAGES:
            def value(name):
                return float(page.value('probe_endpoint_' + name,
                                        endpoint=endpoint))
            assert value('success') == 1
            assert 0 < value('duration_seconds') <= \
                float(page.value('probe_duration_seconds'))
            assert value('response_bytes') > 100
            assert value('age_seconds') == 0
            assert value('rejected_values') == 0
        phases = [s.labels['phase']
                  for s in page.samples('probe_phase_duration_seconds')]
        # An address needs no resolving; whether that took time is open.
        assert phases[-4:] == ['connect', 'tls', 'wait', 'transfer'], phases
        assert phases[:-4] in ([], ['resolve']), phases
        assert page.value('probe_ip_protocol') == '4'
        plain = exporter.probe(sim.http)
        assert 'tls' not in [
            s.labels['phase']
            for s in plain.samples('probe_phase_duration_seconds')]


@test
def body_bytes_are_counted():
    with Sim() as sim, Exporter() as exporter:
        modem = http.client.HTTPConnection(host_and_port(sim.http),
                                           timeout=PATIENCE)
        sizes = {}
        for endpoint in contract.PAGES:
            modem.request('GET', '/data/%s.asp' % endpoint)
            sizes[endpoint] = str(len(modem.getresponse().read()))
            modem.close()
        for rule in ('length', 'chunked', 'no-close-notify'):
            sim.behave(rule)
            page = exporter.probe(sim.https)
            for endpoint in contract.PAGES:
                assert page.value('probe_endpoint_response_bytes',
                                  endpoint=endpoint) == sizes[endpoint], rule


@test
def two_probes_differ_in_nothing_but_times():
    def without_times(page):
        return [line for line in page.text.splitlines()
                if '_duration_seconds' not in line or line[0] == '#']

    with Sim() as sim, Exporter() as exporter:
        first = without_times(exporter.probe(sim.https))
        # In whatever order the pages arrive.
        sim.behave('dsinfo,delay=60', 'usinfo,delay=30')
        assert without_times(exporter.probe(sim.https)) == first


@test
def a_modem_whose_values_move_is_healthy_too():
    with Sim(still=False) as sim, Exporter() as exporter:
        check_healthy(exporter.probe(sim.https), tls=True)


@test
def promtool_accepts_the_answer():
    with Sim() as sim, Exporter() as exporter:
        promtool_check(exporter.probe(sim.https).text)


@test
def each_page_is_asked_for_once():
    with Sim() as sim, Exporter() as exporter:
        exporter.probe(sim.https)
        seen = sim.report_counters()
        assert {page: count for page, count in seen['requests'].items()
                if count} == dict.fromkeys(contract.PAGES, 1), seen
        assert seen['requests_total'] == 6, seen
        assert seen['unknown_paths'] == seen['bad_requests'] == 0, seen
        assert seen['handshakes_failed'] == 0, seen


@test
def nobody_asks_the_modem_before_somebody_asks_the_exporter():
    with Sim() as sim, Exporter('--modem.target=' + sim.https) as exporter:
        assert exporter.ask('/-/ready').status == 200
        assert exporter.ask('/').status == 200
        assert sim.report_counters()['connections'] == 0


@test
def requests_say_who_asks_and_whom():
    with Sim(listen=('https://127.0.0.1:0', 'http://127.0.0.1:0',
                     'http://[::1]:0')) as sim, Exporter() as exporter:
        for url in sim.urls:
            exporter.probe(url)
            seen = sim.report_counters()['last_request']
            assert seen['method'] == 'GET', seen
            assert seen['path'].startswith('/data/'), seen
            assert seen['host'] == host_and_port(url), seen
            assert seen['user_agent'] == \
                'coda56-exporter/' + version(), seen


@test
@low_ports
def a_bare_address_is_https_on_its_usual_port():
    address = loopback_address()
    with Sim(listen=('https://%s:443' % address,
                     'http://%s:80' % address)) as sim, \
            Exporter() as exporter, Cases() as cases:
        for target, port in ((address, 443),
                             ('https://' + address, 443),
                             ('HTTPS://' + address + '/', 443),
                             (address + ':443', 443),
                             ('http://' + address, 80)):
            with cases.row(target):
                page = exporter.probe(target)
                assert page.value('probe_success') == '1'
                assert bool(page.samples('probe_tls_info')) == (port == 443)
                seen = sim.report_counters()['last_request']
                assert seen['host'] == address, seen


@test
def the_module_can_be_named():
    with Sim() as sim, Exporter() as exporter:
        page = exporter.probe(sim.https, module='coda56')
        assert page.value('probe_success') == '1'


@test
def head_probes_and_sends_no_body():
    with Sim() as sim, Exporter() as exporter:
        full = exporter.ask(probe_path(sim.https))
        sim.reset()
        # That no body follows is checked for every answer to HEAD.
        head = exporter.ask(probe_path(sim.https), method='HEAD')
        assert head.status == 200
        assert sim.report_counters()['requests_total'] == 6
        assert head.header('Content-Type') == CONTENT_TYPE
        # Two probes may need a few digits more or less for their times.
        assert abs(head.length - full.length) < 100, (head.length,
                                                      full.length)


if __name__ == '__main__':
    main()
