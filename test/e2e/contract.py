# SPDX-License-Identifier: MIT
"""What /probe promises: families, in their order, by the page they come from.

Kept apart from the exporter's own tables on purpose: a name that changes there
must fail here, because dashboards and alerts out there would fail too.
"""

from collections import namedtuple

PAGES = ('dsinfo', 'usinfo', 'dsofdminfo', 'usofdminfo', 'getCmDocsisWan',
         'getSysInfo')
REQUIRED = PAGES[:-1]
# What module `full` asks for.
ALL_PAGES = PAGES + ('getCMInit', 'getLinkStatus', 'system_model',
                     'status_log')

# `count`: samples for the healthy simulated modem; `help`: None if free.
Family = namedtuple('Family', 'name type count help')


def gauge(name, count, text=None):
    return Family(name, 'gauge', count, text)


def counter(name, count, text=None):
    return Family(name, 'counter', count, text)


PROBE_OUTCOME = (
    gauge('probe_success', 1),
    gauge('probe_duration_seconds', 1),
    gauge('probe_timeout_seconds', 1),
    gauge('probe_endpoint_success', len(PAGES)),
    gauge('probe_endpoint_duration_seconds', len(PAGES)),
    gauge('probe_endpoint_response_bytes', len(PAGES)),
    gauge('probe_endpoint_age_seconds', len(PAGES)),
    gauge('probe_endpoint_rejected_values', len(PAGES)),
    gauge('probe_phase_duration_seconds', None),
    gauge('probe_ip_protocol', 1),
)
PROBE_TLS = (
    gauge('probe_tls_certificate_expiry_timestamp_seconds', 1),
    gauge('probe_tls_info', 1),
)

MODEM = {
    'dsinfo': (
        gauge('modem_downstream_power', 32, 'Downstream Power Level (dBmV)'),
        gauge('modem_downstream_snr', 32, 'Downstream SNR (dB)'),
        gauge('modem_downstream_correctables', 32, 'Correctable Codewords'),
        gauge('modem_downstream_uncorrectables', 32,
              'Uncorrectable Codewords'),
        gauge('modem_downstream_frequency_hertz', 32),
        counter('modem_downstream_corrected_codewords_total', 32),
        counter('modem_downstream_uncorrectable_codewords_total', 32),
        counter('modem_downstream_octets_total', 32),
        gauge('modem_downstream_channel_info', 32),
        gauge('modem_downstream_channels', 1),
    ),
    'usinfo': (
        gauge('modem_upstream_power', 5, 'Upstream Power Level (dBmV)'),
        gauge('modem_upstream_frequency_hertz', 5),
        gauge('modem_upstream_bandwidth_hertz', 5),
        gauge('modem_upstream_channel_info', 5),
        gauge('modem_upstream_channels', 1),
    ),
    'dsofdminfo': (
        gauge('modem_ofdm_power', 2, 'OFDM Downstream Power Level (dBmV)'),
        gauge('modem_ofdm_snr', 2, 'OFDM Downstream SNR (dB)'),
        gauge('modem_ofdm_correctable', 2),
        gauge('modem_ofdm_uncorrectable', 2),
        gauge('modem_ofdm_subcarrier0_frequency_hertz', 2),
        counter('modem_ofdm_corrected_codewords_total', 2),
        counter('modem_ofdm_uncorrectable_codewords_total', 2),
        counter('modem_ofdm_octets_total', 2),
        gauge('modem_ofdm_lock', 6),
        gauge('modem_ofdm_channel_info', 2),
    ),
    # One of the two channels is off: it shows the first two families only.
    'usofdminfo': (
        gauge('modem_ofdma_operational', 2),
        gauge('modem_ofdma_channel_info', 2),
        gauge('modem_ofdma_power', 1),
        gauge('modem_ofdma_power_1_6mhz', 1),
        gauge('modem_ofdma_frequency_hertz', 1),
        gauge('modem_ofdma_bandwidth_hertz', 1),
        gauge('modem_ofdma_digital_attenuation', 1),
        gauge('modem_ofdma_digital_attenuation_backoff', 1),
    ),
    'getCmDocsisWan': (
        gauge('modem_wan_info', 1),
        gauge('modem_wan_network_access', 1),
        gauge('modem_wan_dhcp_lease_seconds', 1),
    ),
    'getSysInfo': (
        gauge('modem_uptime', 1, 'Modem uptime in seconds'),
        gauge('modem_system_time', 1, 'Modem system time (unix timestamp)'),
        gauge('modem_uptime_str_info', 1, 'Modem uptime as string'),
        gauge('modem_info', 1),
    ),
}

# Of the pages that module `full` asks for beside those; what system_model
# says stands in modem_info.
MORE = {
    'getCMInit': (
        gauge('modem_docsis_init_success', 7),
        gauge('modem_docsis_bpi_info', 1),
        gauge('modem_docsis_bpi_operational', 1),
        gauge('modem_docsis_network_access', 1),
        gauge('modem_docsis_traffic_enabled', 1),
    ),
    'getLinkStatus': (
        gauge('modem_link_up', 1),
        gauge('modem_link_speed_bytes', 1),
        gauge('modem_link_full_duplex', 1),
    ),
    'system_model': (),
    'status_log': (
        gauge('modem_event_log_entries', 4),
        gauge('modem_event_log_events', 9),
        gauge('modem_event_log_latest_timestamp_seconds', 4),
    ),
}

# For the very values that stand in the documentation of the exporter that
# this one replaces; jobs and dashboards were written for these lines.
EXAMPLE = '''\
# HELP modem_downstream_power Downstream Power Level (dBmV)
# TYPE modem_downstream_power gauge
modem_downstream_power{channel="1"} 9.1
# HELP modem_downstream_snr Downstream SNR (dB)
# TYPE modem_downstream_snr gauge
modem_downstream_snr{channel="1"} 38.6
# HELP modem_downstream_correctables Correctable Codewords
# TYPE modem_downstream_correctables gauge
modem_downstream_correctables{channel="1"} 6421
# HELP modem_downstream_uncorrectables Uncorrectable Codewords
# TYPE modem_downstream_uncorrectables gauge
modem_downstream_uncorrectables{channel="1"} 0
# HELP modem_upstream_power Upstream Power Level (dBmV)
# TYPE modem_upstream_power gauge
modem_upstream_power{channel="1"} 41.2
# HELP modem_ofdm_power OFDM Downstream Power Level (dBmV)
# TYPE modem_ofdm_power gauge
modem_ofdm_power{channel="1"} 9.5
# HELP modem_ofdm_snr OFDM Downstream SNR (dB)
# TYPE modem_ofdm_snr gauge
modem_ofdm_snr{channel="1"} 39
'''.splitlines()


def healthy_families(tls):
    """Everything that a probe of a healthy modem shows, in order."""
    families = list(PROBE_OUTCOME)
    if tls:
        families += PROBE_TLS
    for page in PAGES:
        families += MODEM[page]
    return families


def full_families(tls):
    """The same, if all ten pages are asked for."""
    families = [f._replace(count=len(ALL_PAGES))
                if f.name.startswith('probe_endpoint_') else f
                for f in healthy_families(tls)]
    return families + [f for page in MORE for f in MORE[page]]


def modem_blocks(page, endpoint):
    """What a page shows of an endpoint: name, type and samples, in order."""
    names = [family.name for family in MODEM[endpoint]]
    return [(name, page.families[name].type,
             [(s.labels, s.value) for s in page.samples(name)])
            for name in page.families if name in names]


def modem_names(page):
    return [name for name in page.families if name.startswith('modem_')]


def check_silent(page, *reasons):
    """Nothing of a modem, and the reason for every page."""
    assert page.value('probe_success') == '0', page.text
    info = page.labels('probe_failure_info')
    assert list(info) == ['reason'] and info['reason'] in reasons, info
    for endpoint in PAGES:
        assert page.value('probe_endpoint_success', endpoint=endpoint) == '0'
        assert page.labels('probe_endpoint_failure_info',
                           endpoint=endpoint)['reason'] in reasons
    assert modem_names(page) == [], page.text


def check_dead(page, *reasons):
    """The same, and no TLS connection was made."""
    check_silent(page, *reasons)
    assert not page.samples('probe_tls_info')
