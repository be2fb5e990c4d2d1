#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: compose.py COMPOSE-FILE

What the services of the compose file mount is there, and Prometheus and
Grafana find each other, the exporter and their files by it.  No engine runs
it here.
"""

import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap

try:
    import yaml
except ImportError:
    print('1..0 # SKIP PyYAML is missing (package python3-yaml)')
    sys.exit()

folder = os.path.dirname(os.path.abspath(sys.argv[1]))


def load(*path):
    with open(os.path.join(folder, *path), encoding='utf-8') as file:
        return yaml.safe_load(file)


def mounts(service):
    """Where in the container what of here is."""
    for volume in compose['services'][service].get('volumes', []):
        source, target = volume.split(':')[:2]
        if source.startswith('.'):
            yield target, os.path.normpath(os.path.join(folder, source))


def everything_mounted_is_there():
    for service in compose['services']:
        for target, source in mounts(service):
            assert os.path.exists(source), source
    build = compose['services']['coda56-exporter']['build']
    top = os.path.join(folder, build['context'])
    assert os.path.exists(os.path.join(top, build['dockerfile']))


def prometheus_takes_its_configuration():
    if not shutil.which('promtool'):
        raise tap.Skip('promtool is missing (package prometheus)')
    with tempfile.TemporaryDirectory() as root:
        for target, source in mounts('prometheus'):
            os.makedirs(os.path.dirname(root + target), exist_ok=True)
            os.symlink(source, root + target)
        done = subprocess.run(
            ['promtool', 'check', 'config',
             root + '/etc/prometheus/prometheus.yml'],
            capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    jobs = load('prometheus.yml')['scrape_configs']
    assert [job['static_configs'][0]['targets'] for job in jobs] == [
        ['coda56-exporter:8000']], jobs


def grafana_finds_prometheus_and_the_dashboards():
    found = dict(mounts('grafana'))
    provisioning = found['/etc/grafana/provisioning']
    source = load(provisioning, 'datasources', 'prometheus.yaml')
    assert source['datasources'][0]['url'] == 'http://prometheus:9090'
    provider = load(provisioning, 'dashboards', 'coda56.yaml')
    dashboards = found[provider['providers'][0]['options']['path']]
    assert {'modem.json', 'fleet.json'} <= set(os.listdir(dashboards))


compose = load(os.path.basename(sys.argv[1]))
tap.run((
    everything_mounted_is_there,
    prometheus_takes_its_configuration,
    grafana_finds_prometheus_and_the_dashboards,
))
