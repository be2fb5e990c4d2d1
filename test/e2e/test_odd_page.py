#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Oddities of real modems that are no reason to fail."""

import json

import contract
from harness import Cases, Exporter, FACTOR, Sim, main, test

# On all pages at once.
HARMLESS = ('bom', 'length', 'chunked', 'no-close-notify', 'lie-keepalive',
            'keepalive-no-length', 'obs-fold', 'no-resume',
            'handshake-cost=20', 'delay=20')


def check_unharmed(page, healthy):
    assert page.value('probe_success') == '1', page.text
    for endpoint in contract.PAGES:
        assert contract.modem_blocks(page, endpoint) == \
            contract.modem_blocks(healthy, endpoint), endpoint


def check_harmless(scheme):
    with Sim() as sim, Exporter() as exporter:
        url = sim.url(scheme)
        healthy = exporter.probe(url)
        with Cases() as cases:
            for behaviour in HARMLESS:
                with cases.row(behaviour):
                    sim.behave(behaviour)
                    check_unharmed(exporter.probe(url), healthy)
            with cases.row('several at once'):
                sim.behave('bom', 'chunked', 'no-close-notify', 'obs-fold')
                check_unharmed(exporter.probe(url), healthy)


@test
def oddities_are_harmless_over_https():
    check_harmless('https')


@test
def oddities_are_harmless_over_http():
    check_harmless('http')


@test
def bytes_that_are_not_utf8_become_the_replacement_character():
    with Sim('--behave=invalid-utf8') as sim, Exporter() as exporter:
        page = exporter.probe(sim.https)
        assert page.value('probe_success') == '1'
        assert page.labels('modem_downstream_channel_info', channel='12')[
            'port'] == '\N{REPLACEMENT CHARACTER}'
        mode = page.labels('modem_upstream_channel_info', channel='3')['mode']
        assert mode == '\N{REPLACEMENT CHARACTER}TDM\N{REPLACEMENT CHARACTER}'


@test
def texts_of_the_modem_cannot_break_the_format():
    texts = {'Configname': 'a"b\\c\nd"} 1\n# TYPE x', 'CmIpAddress': '\\',
             'CmNetMask': '"', 'CmGateway': 'Gr\u00fc\u00dfe \U0001f4f6'}
    with Sim() as sim, Exporter() as exporter:
        sim.serve('getCmDocsisWan', json.dumps([texts]).encode())
        page = exporter.probe(sim.http)
        assert page.value('probe_success') == '1', page.text
        assert page.labels('modem_wan_info') == {
            'config_name': texts['Configname'],
            'ip_address': texts['CmIpAddress'],
            'netmask': texts['CmNetMask'], 'gateway': texts['CmGateway']}


@test
def an_info_without_anything_to_say_is_left_out():
    # A serial number that is not shown is nothing to say.
    with Sim() as sim, Exporter() as exporter:
        sim.serve('getSysInfo', b'[{"serialNumber":"S1","hwVersion":"NA",'
                  b'"rfMac":"00:00:5E:00:53:01"}]')
        page = exporter.probe(sim.http)
        assert page.value('probe_endpoint_success',
                          endpoint='getSysInfo') == '1', page.text
        assert contract.modem_blocks(page, 'getSysInfo') == []


@test
def channels_without_an_identity_are_told_apart():
    row = '{"portId":"%s","channelId":"%s","snr":"%s"}'
    rows = (('1', '7', '31'), ('2', '7', '32'), ('', '7', '33'),
            ('2', '0', '34'), ('2', '0', '35'))
    with Sim() as sim, Exporter() as exporter:
        sim.serve('dsinfo', ('[%s]' % ','.join(
            row % values for values in rows)).encode())
        page = exporter.probe(sim.http)
        assert [(s.labels['channel'], s.value)
                for s in page.samples('modem_downstream_snr')] == [
                    ('7', '31'), ('port2', '32'), ('row3', '33'),
                    ('0', '34'), ('row5', '35')], page.text


@test
def more_rows_than_any_modem_has_are_dropped_and_counted():
    rows = ['{"channelId":"%d","snr":"30"}' % i for i in range(600)]
    with Sim() as sim, Exporter() as exporter:
        sim.serve('dsinfo', ('[%s]' % ','.join(rows)).encode())
        page = exporter.probe(sim.https)
        assert page.value('probe_success') == '1', page.text
        assert len(page.samples('modem_downstream_snr')) == 512
        assert page.value('probe_endpoint_rejected_values',
                          endpoint='dsinfo') == '88'


@test
def values_that_are_none_are_left_out_and_counted():
    with Sim() as sim, Exporter() as exporter:
        sim.serve('dsinfo', b'[{"channelId":"1","snr":"nan",'
                  b'"signalStrength":"1e3","correcteds":"-4",'
                  b'"uncorrect":"N/A","frequency":"0","dsoctets":null},5]')
        page = exporter.probe(sim.https)
        assert page.value('probe_success') == '1', page.text
        names = [name for name, kind, samples
                 in contract.modem_blocks(page, 'dsinfo')]
        assert names == ['modem_downstream_channels'], names
        assert page.value('modem_downstream_channels') == '0'
        # snr, signalStrength, correcteds and the 5; a frequency of 0 is
        # open: it is a number and yet no value.
        assert page.value('probe_endpoint_rejected_values',
                          endpoint='dsinfo') in ('4', '5'), page.text


@test
def one_byte_at_a_time_is_an_answer_too():
    with Sim('--behave=getCmDocsisWan,drip=1') as sim, \
            Exporter() as exporter:
        for url in sim.urls:
            page = exporter.probe(url)
            assert page.value('probe_success') == '1', page.text
            assert page.samples('modem_wan_info')


@test
def one_byte_at_a_time_is_cut_at_the_deadline():
    # Bytes keep coming, so no pause is long; the whole is what counts.
    with Sim('--behave=dsinfo,drip=50') as sim, Exporter() as exporter:
        for url in sim.urls:
            page = exporter.probe(url, timeout=2 * FACTOR)
            assert page.labels('probe_failure_info') == {'reason': 'timeout'}


@test
def what_a_modem_may_do_but_none_was_seen_to_do_hurts_its_page_only():
    # Either way the other pages are there and the deadline holds.
    with Sim() as sim, Exporter() as exporter:
        healthy = exporter.probe(sim.https)
        for behaviour in ('continue', 'two-lengths'):
            for url in sim.urls:
                sim.behave('dsinfo,' + behaviour)
                page = exporter.probe(url, timeout=2 * FACTOR)
                for endpoint in contract.PAGES[1:]:
                    assert contract.modem_blocks(page, endpoint) == \
                        contract.modem_blocks(healthy, endpoint), endpoint


@test
def a_modem_that_serves_one_connection_at_a_time_is_waited_for():
    with Sim('--behave=one-connection') as sim, Exporter() as exporter:
        for url in sim.urls:
            page = exporter.probe(url)
            assert page.value('probe_success') == '1', page.text
            assert sim.report_counters()['requests_highest'] == 1


if __name__ == '__main__':
    main()
