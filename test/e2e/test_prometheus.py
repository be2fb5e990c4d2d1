#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A real Prometheus, configured as the README says."""

import re

import readme
from harness import (Cases, Exporter, FACTOR, Sim, host_and_port,
                     loopback_address, main, test, wait_until)
from prometheus import prometheus
from webfiles import Directory, TLS, users

# Seconds; where all is slow, still within the ten that a module has.
UNIT = min(FACTOR, 3)
CONFIG = '''
global: {scrape_interval: %dms, scrape_timeout: %dms}
scrape_configs:
''' % (1000 * UNIT, 1000 * UNIT)
# What Prometheus adds to each target.
ADDED = {'up', 'scrape_duration_seconds', 'scrape_samples_scraped',
         'scrape_samples_post_metric_relabeling', 'scrape_series_added'}


def relabel(exporter):
    """What the README has of a job of many modems, but for its targets."""
    job = next(block.text for block in readme.blocks(readme.read('README.md'))
               if 'relabel_configs' in block.text)
    job, found = re.subn(r'^scrape_configs:\n.*job_name: modem\n'
                         r'((?:.*\n)*?) +static_configs:\n.*targets:.*\n',
                         r'\n\1', job)
    assert found == 1 and 'localhost:8000' in job, job
    return job.replace('localhost:8000', exporter)


def series(metrics):
    """Series but for those of Prometheus itself, as sets of labels."""
    return {frozenset((k, v) for k, v in metric.items()
                      if k not in ('instance', 'job'))
            for metric, value in metrics if metric['__name__'] not in ADDED}


def series_of(page):
    """The same of a page; to Prometheus an empty label is none."""
    return {frozenset([(k, v) for k, v in s.labels.items() if v] +
                      [('__name__', s.name)])
            for family in page.families.values() for s in family.samples}


def check_modems(server, exporter, healthy, dead, slow):
    """`healthy`: targets that are."""
    wanted = dict({target: '1' for target in healthy + [slow]}, **{dead: '0'})
    wait_until(lambda: server.by('instance', 'probe_success{job="modem"}') ==
               wanted, 'modems are scraped as they are')
    assert server.by('instance', 'up{job="modem"}') == \
        dict.fromkeys(wanted, '1')
    assert server.query('probe_failure_info{job="modem"}')[0][0][
        'reason'] == 'connect_refused'
    took = server.by('instance', 'probe_duration_seconds{job="modem"}')
    assert float(took[slow]) > 0.15 * UNIT, took
    # The scrape's timeout, less half a second.
    limits = server.by('instance', 'probe_timeout_seconds{job="modem"}')
    assert limits == dict.fromkeys(wanted, '%.12g' % (UNIT - 0.5)), limits
    for target in healthy:
        expected = series_of(exporter.probe(target))
        labels = '{job="modem",instance="%s"}' % target
        found = series(server.query(labels))
        assert found == expected, found ^ expected
        assert server.by('instance', 'scrape_samples_scraped' + labels)[
            target] == str(len(expected)), target


def check_metrics(server, exporter):
    """The exporter's own page, with its modem."""
    def stable():
        """Requests of this test and of Prometheus come in any order."""
        return {s for s in series_of(exporter.page('/metrics'))
                if 'http_requests' not in dict(s)['__name__']}

    wait_until(lambda: stable() <= series(server.query('{job="exporter"}')),
               'all of the page is there')
    assert server.by('job', 'up{job="exporter"}') == {'exporter': '1'}
    assert server.by('job', 'probe_success{job="exporter"}') == {
        'exporter': '1'}
    for expression in (
            'histogram_quantile(0.5, rate('
            'coda56_exporter_probe_duration_seconds_bucket[1m])) > 0',
            'rate(coda56_exporter_probes_total{result="success"}[1m]) > 0'):
        wait_until(lambda: server.query(expression), expression)


def check_guarded(server):
    """Only who trusts the certificate and has the password gets anything."""
    jobs = '{job=~"right|wrong|plain|stranger"}'
    wait_until(lambda: server.by('job', 'up' + jobs) == {
        'right': '1', 'wrong': '0', 'plain': '0', 'stranger': '0'},
        'one of them may scrape')
    assert server.by('job', 'probe_success' + jobs) == {'right': '1'}
    errors = server.errors()
    assert not errors['right'] and '401' in errors['wrong'], errors
    assert 'certificate' in errors['stranger'], errors


@test
def prometheus_scrapes_as_the_readme_says():
    # One for all: it takes five seconds to look at its targets.
    host = loopback_address().rsplit('.', 1)[0]
    listen = ['%s://%s.%d:0' % (scheme, host, number) for scheme, number in (
        ('https', 1), ('https', 2), ('https', 3), ('http', 1))]
    job = '''
  - job_name: %s
    static_configs: [{targets: ["%s"]}]%s'''
    guarded = '''    scheme: https
    tls_config: {ca_file: %s}
    basic_auth: {username: alice, password: %s}'''
    with Directory() as files, \
            Sim('--behave=%s.2,refuse' % host,
                '--behave=%s.3,delay=%d' % (host, 150 * UNIT),
                listen=listen) as sim:
        files.certificate('server')
        with Exporter('--modem.target=' + sim.http) as exporter, \
                Exporter(files.config(TLS + users('alice')),
                         tls=files.client()) as closed:
            # With a scheme only where it is not the module's.
            healthy, dead, slow = map(host_and_port, sim.urls[:3])
            trusted = files.path('server.crt')
            one, other = ('%s:%d' % e.addresses[0] for e in (exporter, closed))
            jobs = job % ('modem', '", "'.join(
                (healthy, dead, slow, sim.http)), relabel(one))
            jobs += job % ('exporter', one, '')
            for name, more in (
                    ('right', guarded % (trusted, 'wonderland')),
                    ('wrong', guarded % (trusted, 'Wonderland')),
                    ('stranger', '    scheme: https'), ('plain', '')):
                jobs += job % (name, healthy, relabel(other) + more)
            with prometheus(CONFIG + jobs) as server, Cases() as cases:
                with cases.row('modems'):
                    check_modems(server, exporter, [healthy, sim.http], dead,
                                 slow)
                with cases.row('exporter'):
                    check_metrics(server, exporter)
                with cases.row('TLS and passwords'):
                    check_guarded(server)


if __name__ == '__main__':
    main()
