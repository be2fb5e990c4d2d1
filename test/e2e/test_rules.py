#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A real Prometheus with the configuration and the rules of
contrib/prometheus: every recording rule has data, no rule has an error, and
alerts say what they mean."""

import os

from harness import (Exporter, FACTOR, Sim, host_and_port, loopback_address,
                     main, test, wait_until)
from prometheus import prometheus

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                     'contrib', 'prometheus')
# Seconds; where all is slow, still within the ten that a module has.
UNIT = min(FACTOR, 3)


def configuration(replacements):
    """many-modems.yml, with other addresses and times."""
    with open(os.path.join(RULES, 'many-modems.yml')) as file:
        text = file.read()
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return text


def alerts(rules):
    """Those that are pending or firing: name and instance to annotations."""
    return {(rule['name'], alert['labels'].get('instance')):
            alert['annotations'] for rule in rules
            if rule['type'] == 'alerting' for alert in rule['alerts']}


@test
def every_rule_has_data():
    host = loopback_address().rsplit('.', 1)[0]
    with Sim('--behave=%s.2,refuse' % host, '--behave=%s.3,dsinfo,hang' % host,
             listen=['http://%s.%d:0' % (host, n) for n in (1, 2, 3)],
             still=False) as sim, Exporter() as exporter:
        well, dead, partial = sim.urls
        interval = '%dms' % (1000 * UNIT)
        config = configuration((
            ('- 192.168.100.1\n', '- %s\n          - %s\n          - %s\n' % (
                well, dead, partial)),
            ('localhost:8000', '%s:%d' % exporter.addresses[0]),
            ('scrape_interval: 30s', 'scrape_interval: ' + interval),
            ('evaluation_interval: 30s', 'evaluation_interval: ' + interval),
            ('scrape_timeout: 10s', 'scrape_timeout: ' + interval)))
        with prometheus(config, [os.path.join(RULES, name) for name in (
                'recording.yml', 'alerts.yml')]) as server:
            records = sorted(rule['name'] for rule in server.rules()
                             if rule['type'] == 'recording')
            assert len(records) > 20, records
            for name in records:
                # Of the modem that is well, or of all.
                series = name if name.startswith('job') else \
                    '%s{instance="%s",site="home"}' % (name, well)
                wait_until(lambda: server.query(series), series)
            # What is wrong with the two, and why; the third is well, though
            # where all is slow so are its probes.
            wanted = {('ModemUnreachable', dead): 'connect_refused',
                      ('ModemProbeFailing', partial): 'dsinfo (timeout)'}
            slow = {(name, target) for target in sim.urls for name in (
                'ModemProbeNearTimeout', 'ModemProbeFlapping')}
            wait_until(lambda: set(alerts(server.rules())) - slow ==
                       set(wanted), 'alerts for what is wrong, and no other')
            rules = server.rules()
            found = alerts(rules)
            for which, why in wanted.items():
                assert why in found[which]['description'], found
                assert which[1] in found[which]['summary'], found
            for rule in rules:
                assert rule['health'] == 'ok', rule


if __name__ == '__main__':
    main()
