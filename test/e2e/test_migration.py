#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Who used the Python exporter for this modem changes neither the scrape job
nor the dashboard."""

import re
import subprocess
import tempfile

from harness import (Cases, Exporter, FACTOR, PATIENCE, Sim, Skip, isolated,
                     main, test, wait_until)
from prometheus import prometheus

# Seconds between scrapes, where the job says 15.
UNIT = min(FACTOR, 3)
JOB = '''scrape_configs:
  - job_name: hitron_modem
    honor_timestamps: true
    track_timestamps_staleness: false
    scrape_interval: 15s
    scrape_timeout: 10s
    scrape_protocols:
      - OpenMetricsText1.0.0
      - OpenMetricsText0.0.1
      - PrometheusText0.0.4
    metrics_path: /metrics
    scheme: http
    enable_compression: true
    follow_redirects: true
    enable_http2: true
    static_configs:
      - targets:
          - localhost:8000
'''
# Of the dashboard, with the number of series of the simulated modem.
QUERIES = (
    ('modem_downstream_power', 32),
    ('modem_downstream_snr', 32),
    ('modem_downstream_correctables', 32),
    ('modem_downstream_uncorrectables', 32),
    ('modem_upstream_power', 5),
    ('modem_ofdm_power', 2),
    ('modem_ofdm_snr', 2),
    ('modem_ofdm_correctable', 2),
    ('modem_ofdm_uncorrectable', 2),
    ('modem_uptime/86400', 1),
    ('modem_uptime_str_info', 1),
)


def known(job):
    """The job without what this Prometheus is too old for, in a hurry."""
    job = job.replace(': 15s', ': %ds' % UNIT).replace(': 10s', ': %ds' % UNIT)
    with tempfile.NamedTemporaryFile('w', suffix='.yml') as file:
        file.write(job)
        file.flush()
        try:
            said = subprocess.run(
                ['promtool', 'check', 'config', '--syntax-only', file.name],
                capture_output=True, text=True, timeout=PATIENCE)
        except FileNotFoundError:
            raise Skip('promtool is missing (package prometheus)')
    for key in re.findall('field ([a-z_]+) not found', said.stderr):
        job = re.sub(r'    %s:.*\n(      .*\n)*' % key, '', job)
    return job


# Port 8000 is free there.
@test
@isolated
def scrape_job_and_dashboard_stay_as_they_are():
    with Sim() as sim, Exporter('--modem.target=' + sim.https,
                                '--web.listen-address=:8000'), \
            prometheus(known(JOB)) as server, Cases() as cases:
        wait_until(lambda: server.by('job', 'up') == {'hitron_modem': '1'},
                   'the modem is scraped')
        for query, count in QUERIES:
            with cases.row(query):
                found = server.query(query)
                assert len(found) == count, found
                for labels, value in found:
                    assert labels['instance'] == 'localhost:8000', labels
        with cases.row('labels'):
            assert '9.1' == server.by('channel', 'modem_downstream_power')['1']
            assert server.by('uptime', 'modem_uptime_str_info') == {
                '30h:12m:05s': '1'}
        sim.behave('refuse')
        wait_until(lambda: server.by('job', 'probe_success') ==
                   {'hitron_modem': '0'}, 'it is gone')
        with cases.row('a modem that is gone'):
            assert server.by('job', 'up') == {'hitron_modem': '1'}
            assert not server.query('modem_downstream_power')


if __name__ == '__main__':
    main()
