#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The dashboards in contrib/grafana: their shape, and that a real Prometheus
answers every query in them."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

from harness import (Cases, Exporter, FACTOR, PATIENCE, Sim, Skip,
                     host_and_port, loopback_address, main, test,
                     wait_until)
from prometheus import prometheus

# Seconds; where all is slow, still within the ten that a module has.
UNIT = min(FACTOR, 3)
GRAFANA = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..',
                       'contrib', 'grafana')
CONFIG = '''
global: {scrape_interval: %dms, scrape_timeout: %dms}
scrape_configs:
  - job_name: modem
    metrics_path: /probe
    params: {module: [full]}
    static_configs: [{targets: ["%s"]}]
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_target}
      - {source_labels: [__param_target], target_label: instance}
      - {target_label: __address__, replacement: "%s"}
  - job_name: exporter
    static_configs: [{targets: ["%s"]}]
'''
# The modems: one that is well, one with a bad line, one that reboots, and one
# that refuses connections.
MODEMS = ('healthy', 'sick', 'rebooted', 'dead')
ALIVE = {'healthy', 'sick', 'rebooted'}
# Panels, or queries of panels, for which others have data than all who are
# alive.
ANSWERED = {
    'Duration by phase': set(MODEMS),
    'Duration per page': set(MODEMS),
    'Modem': set(MODEMS),
    'Failed probes by reason': {'dead'},
    'Failed pages by reason': {'sick', 'dead'},
    'Pages': set(MODEMS),
    'Probe duration': set(MODEMS),
    ('Pages now', 0): set(MODEMS),
    ('Pages now', 1): set(MODEMS),
    ('TLS', 2): set(MODEMS),
}
# Queries that find trouble: panel, its query, modem, and what one of the
# values must be within.
TROUBLE = (
    ('Modem', 0, 'dead', 0, 0),
    ('Modem', 0, 'sick', 1, 1),
    ('Line', 0, 'sick', 2, 2),
    ('Line', 0, 'healthy', 0, 1),
    ('Uptime', 0, 'rebooted', 40, 40),
    ('DOCSIS', 0, 'sick', 0, 0),
    ('Network access', 0, 'sick', 0, 0),
    ('Worst downstream SNR', 0, 'sick', 28, 28),
    ('Downstream power range', 0, 'sick', -13, -13),
    ('Upstream power range', 1, 'sick', 53, 53),
    ('Lost codewords', 0, 'sick', 0.29, 0.31),
    ('Lost codewords', 0, 'healthy', 0, 0.000001),
    ('Lost codewords of QAM channels', 0, 'sick', 0.09, 0.11),
    ('Lost codewords of OFDM channels', 0, 'sick', 0.29, 0.31),
    ('Corrected codewords of QAM channels', 0, 'sick', 0.09, 0.11),
    ('Lost codewords, number', 0, 'sick', 1, 1e6),
    ('Channels', 0, 'sick', 4, 4),
    ('Reboots', 0, 'rebooted', 1, 1),
    ('Reboots', 0, 'healthy', 0, 0),
    ('OFDM locks', 0, 'sick', 0, 0),
    ('OFDMA operation', 0, 'sick', 0, 0),
    ('Coming online', 0, 'sick', 0, 0),
    ('Pages', 0, 'sick', 0, 0),
    ('Failed probes by reason', 0, 'dead', 1, 10),
)
FLEET = (
    ('Modems', 0, 4, 4),
    ('Failing', 0, 1, 1),
    ('Bad lines', 0, 1, 1),
    ('Tolerable lines', 0, 2, 2),
    ('Rebooted', 0, 1, 1),
    ('Not online', 0, 1, 1),
    ('Modems by state', 0, 0, 0),
    ('Lowest downstream SNR', 0, 28, 28),
    ('Most lost codewords', 0, 0.29, 0.31),
    ('Highest upstream power', 0, 53, 53),
    ('Downstream power farthest from 0', 0, 13, 13),
    ('Most reboots', 0, 1, 1),
    ('Fewest downstream channels', 0, 4, 4),
)
# How a line is judged that is good but for one series: 0 is good, 1 is
# tolerable, 2 is bad.
GOOD = {
    'modem_downstream_channels': '2',
    'modem_downstream_channel_info{channel="1",modulation="256QAM"}': '1',
    'modem_downstream_channel_info{channel="2",modulation="64QAM"}': '1',
    'modem_downstream_power{channel="1"}': '-7',
    'modem_downstream_power{channel="2"}': '7',
    'modem_downstream_snr{channel="1"}': '35',
    'modem_downstream_snr{channel="2"}': '27',
    'modem_downstream_uncorrectable_codewords_total{channel="1"}': '0',
    'modem_downstream_corrected_codewords_total{channel="1"}': '0+10x15',
    'modem_downstream_octets_total{channel="1"}': '0+1000000x15',
    'modem_upstream_power{channel="1"}': '35',
    'modem_upstream_power{channel="2"}': '49',
    'modem_ofdm_power{channel="1"}': '12',
    'modem_ofdm_snr{channel="1"}': '35',
    'modem_ofdm_lock{channel="1",stage="plc"}': '1',
    'modem_ofdm_lock{channel="1",stage="ncp"}': '1',
    'modem_ofdm_lock{channel="2",stage="plc"}': '0',
    'modem_ofdm_lock{channel="2",stage="ncp"}': '0',
    'modem_ofdm_uncorrectable_codewords_total{channel="1"}': '0',
    'modem_ofdm_corrected_codewords_total{channel="1"}': '0+900000x15',
    'modem_ofdm_octets_total{channel="1"}': '0+1000000x15',
    'modem_ofdma_power_1_6mhz{channel="1"}': '48',
}
JUDGED = (
    ('modem_downstream_power{channel="1"}', '-7.1', 1),
    ('modem_downstream_power{channel="1"}', '-10.1', 2),
    ('modem_downstream_power{channel="1"}', '7.1', 1),
    ('modem_downstream_power{channel="1"}', '12.1', 2),
    ('modem_downstream_snr{channel="1"}', '34.9', 1),
    ('modem_downstream_snr{channel="1"}', '30.9', 2),
    ('modem_downstream_snr{channel="2"}', '26.9', 1),
    ('modem_downstream_snr{channel="2"}', '24.9', 2),
    ('modem_downstream_uncorrectable_codewords_total{channel="1"}',
     '0+2x15', 1),
    ('modem_downstream_uncorrectable_codewords_total{channel="1"}',
     '0+20000x15', 2),
    ('modem_upstream_power{channel="1"}', '34.9', 1),
    ('modem_upstream_power{channel="1"}', '29.9', 2),
    ('modem_upstream_power{channel="1"}', '49.1', 1),
    ('modem_upstream_power{channel="1"}', '51.1', 2),
    ('modem_ofdm_power{channel="1"}', '-12.1', 1),
    ('modem_ofdm_power{channel="1"}', '-15.1', 2),
    ('modem_ofdm_power{channel="1"}', '12.1', 1),
    ('modem_ofdm_power{channel="1"}', '15.1', 2),
    ('modem_ofdm_snr{channel="1"}', '34.9', 1),
    ('modem_ofdm_snr{channel="1"}', '29.9', 2),
    ('modem_ofdm_lock{channel="1",stage="ncp"}', '0', 2),
    ('modem_ofdm_uncorrectable_codewords_total{channel="1"}', '0+4x15', 1),
    ('modem_ofdm_uncorrectable_codewords_total{channel="1"}', '0+40000x15',
     2),
    ('modem_ofdma_power_1_6mhz{channel="1"}', '37.9', 2),
    ('modem_ofdma_power_1_6mhz{channel="1"}', '48.1', 2),
)


def load(name):
    with open(os.path.join(GRAFANA, name + '.json')) as file:
        return json.load(file)


def queries(board):
    """Panel, number within it, expression, and whether it is of a moment."""
    return [(panel['title'], number, target['expr'], target['instant'])
            for panel in board['panels']
            for number, target in enumerate(panel.get('targets', ()))]


def fill(text, **variables):
    """With the values of the variables; one without is a mistake."""
    values = dict(variables, __rate_interval='%ds' % (4 * UNIT),
                  __interval='%ds' % UNIT, __range='1m')
    return re.sub(r'\$([a-z_]+)', lambda m: values[m.group(1)], text)


def ask(server, expression, instant, now):
    """The values that it has."""
    if instant:
        rows = server.ask('query', query=expression)['result']
        return [float(row['value'][1]) for row in rows]
    rows = server.ask('query_range', query=expression, start=now - 10 * UNIT,
                      end=now, step=UNIT)['result']
    return [float(value) for row in rows for when, value in row['values']]


class Line:
    """The pages of a modem with a bad line, and of one that reboots."""

    def __init__(self, directory):
        self._directory = directory

    def path(self, name):
        return os.path.join(self._directory, name)

    def write(self, name, body):
        """At once: the modem may be reading it."""
        with open(self.path('new'), 'w') as file:
            json.dump(body, file)
        os.replace(self.path('new'), self.path(name))

    def write_all(self, uptime, count):
        """`count`: a tenth of the codewords; as many are lost of a QAM
        channel and three times as many of an OFDM channel with its name."""
        self.write('uptime', [{
            'swVersion': '7.3.5.3.2b1', 'hwVersion': '1A',
            'systemUptime': uptime,
            'systemTime': 'Sun Mar 01, 2026, 00:00:00'}])
        counters = {'dsoctets': str(8 * count), 'correcteds': str(count),
                    'uncorrect': str(count)}
        self.write('dsinfo', [dict(counters, **{
            'portId': str(n), 'channelId': str(n), 'modulation': '2',
            'frequency': str(387000000 + 6000000 * n), 'snr': '28.000',
            'signalStrength': '-13.000'}) for n in range(1, 5)])
        counters = dict(counters, dsoctets=str(6 * count),
                        uncorrect=str(3 * count))
        self.write('dsofdminfo', [dict(counters, **{
            'receive': str(n), 'ffttype': '4K', 'plclock': 'YES',
            'Subcarr0freqFreq': '741600000', 'ncplock': lock,
            'mdc1lock': lock, 'plcpower': '-16.000', 'SNR': '27'})
            for n, lock in enumerate(('YES', ' NO'), 1)])

    def rules(self, address):
        self.write('usinfo', [{
            'portId': '1', 'channelId': '1', 'frequency': '25900000',
            'bandwidth': '6400000', 'modtype': '16QAM', 'scdmaMode': 'ATDMA',
            'signalStrength': '53.000'}])
        self.write('getCMInit', [{
            'hwInit': 'Success', 'registration': 'Process',
            'bpiStatus': 'AUTH:start, TEK:start', 'networkAccess': 'Denied',
            'trafficStatus': 'Disable'}])
        self.write('getCmDocsisWan', [{
            'Configname': 'sick.cfg', 'NetworkAccess': 'Denied',
            'CmIpAddress': '192.0.2.9', 'CmNetMask': '255.255.255.0',
            'CmGateway': '192.0.2.1',
            'CmIpLeaseDuration': 'D: 0 H: 00 M: 10 S: 00'}])
        self.write('usofdminfo', [{
            'uschindex': str(n), 'state': state, 'frequency': '42000000',
            'digAtten': '0.1', 'digAttenBo': '5.6', 'channelBw': '39.2',
            'repPower': '51.6', 'repPower1_6': '37.7', 'fftVal': '2K'}
            for n, state in enumerate(('   OPERATE', '      RNG3'))])
        return ['%s,%s,body=%s' % (address, page, self.path(page))
                for page in ('dsinfo', 'usinfo', 'dsofdminfo', 'usofdminfo',
                             'getCmDocsisWan', 'getCMInit')] + [
            address + ',system_model,status=404']


def check_modem(server, board, targets):
    now = time.time()
    values = {}
    with Cases() as cases:
        for panel, number, expression, instant in queries(board):
            for name, target in targets.items():
                text = fill(expression, job='modem', instance=target,
                            exporter='.*')
                values[panel, number, name] = ask(server, text, instant, now)
            with cases.row('%s, query %d' % (panel, number)):
                found = {name for name in targets
                         if values[panel, number, name]}
                wanted = set(targets) if 'coda56_exporter' in expression or \
                    'process_' in expression else \
                    ANSWERED.get(panel, ANSWERED.get((panel, number),
                                                     ALIVE))
                # On a busy machine others may fail as well.
                assert found >= wanted, found
        for panel, number, name, least, most in TROUBLE:
            with cases.row('%s of %s' % (panel, name)):
                found = values[panel, number, name]
                assert any(least <= one <= most for one in found), found
        with cases.row('reboots'):
            expression = board['annotations']['list'][1]['expr']
            found = {name for name, target in targets.items() if ask(
                server, fill(expression, job='modem', instance=target),
                False, now)}
            assert found == {'rebooted'}, found


def check_fleet(server, board):
    now = time.time()
    values = {}
    with Cases() as cases:
        for panel, number, expression, instant in queries(board):
            with cases.row('%s, query %d' % (panel, number)):
                values[panel, number] = ask(server, fill(
                    expression, job='.*', instance='.*', exporter='.*',
                    worst='10'), instant, now)
                assert values[panel, number], 'nothing'
        for panel, number, least, most in FLEET:
            with cases.row(panel):
                found = values[panel, number]
                assert any(least <= one <= most for one in found), found


def check_variables(server, board, wanted):
    """Each offers what it should."""
    found = {}
    for variable in board['templating']['list']:
        if variable['type'] == 'query':
            metric, label = re.fullmatch(
                r'label_values\((.*), ([a-z]+)\)',
                variable['query']['query']).groups()
            found[variable['name']] = set(server.ask(
                'label/%s/values' % label,
                **{'match[]': fill(metric, job='modem')}))
    assert found == wanted, found


@test
def every_query_has_an_answer():
    host = loopback_address().rsplit('.', 1)[0]
    addresses = {name: '%s.%d' % (host, number)
                 for number, name in enumerate(MODEMS, 1)}
    boards = load('modem'), load('fleet')
    with tempfile.TemporaryDirectory() as directory, \
            Exporter('--timeout-offset=0.1') as exporter:
        line = Line(directory)
        line.write_all('1419h:53m:24s', 10000)
        rules = line.rules(addresses['sick']) + [
            addresses['dead'] + ',refuse',
            '%s,getSysInfo,body=%s' % (addresses['rebooted'],
                                       line.path('uptime'))]
        with Sim(*['--behave=' + rule for rule in rules], still=False,
                 listen=['https://%s:0' % addresses[name]
                         for name in MODEMS]) as sim:
            targets = dict(zip(MODEMS, map(host_and_port, sim.urls)))
            scraper = '%s:%d' % exporter.addresses[0]
            config = CONFIG % (1000 * UNIT, 1000 * UNIT,
                               '", "'.join(targets.values()), scraper,
                               scraper)
            assert exporter.ask('/probe').status == 400
            with prometheus(config) as server:
                wait_until(lambda: len(server.query(
                    'count_over_time(up[1m]) > 2')) == len(MODEMS) + 1,
                    'all are scraped three times')
                line.write_all('0h:00m:40s', 20000)
                wait_until(lambda: server.query(
                    'resets(modem_uptime[1m]) > 0 and on () sum(rate('
                    'modem_ofdm_uncorrectable_codewords_total[1m])) > 1'),
                    'one rebooted and one loses codewords')
                with Cases() as cases:
                    with cases.row('modem'):
                        check_modem(server, boards[0], targets)
                    with cases.row('fleet'):
                        check_fleet(server, boards[1])
                    for board in boards:
                        with cases.row('variables of ' + board['title']):
                            check_variables(server, board, {
                                'job': {'modem'}, 'exporter': {scraper},
                                'instance': set(targets.values())})
    for board in boards:
        print('# %s: %d panels, %d queries' % (board['title'], sum(
            panel['type'] != 'row' for panel in board['panels']),
            len(queries(board))))


def judgement(expression, series, wanted):
    """A test for promtool: what the expression makes of these."""
    labels = 'instance="modem",job="modem"'
    return {
        'interval': '1m',
        'input_series': [{
            'series': '%s{%s' % (name.split('{')[0], labels) + (
                ',' + name.split('{')[1] if '{' in name else '}'),
            'values': value if 'x' in value else value + 'x15',
        } for name, value in series.items()],
        'promql_expr_test': [{
            'expr': expression, 'eval_time': '15m',
            'exp_samples': [] if wanted is None else [
                {'labels': '{%s}' % labels, 'value': wanted}],
        }],
    }


@test
def a_line_is_as_bad_as_what_is_worst():
    if not shutil.which('promtool'):
        raise Skip('promtool is missing (package prometheus)')
    expression = fill([text for panel, number, text, instant
                       in queries(load('modem')) if panel == 'Line'][0],
                      job='modem', instance='modem')
    assert {name for name, value, wanted in JUDGED} < set(GOOD)
    tests = [judgement(expression, GOOD, 0), judgement(expression, {
        'probe_success': '0'}, None)]
    tests += [judgement(expression, dict(GOOD, **{name: value}), wanted)
              for name, value, wanted in JUDGED]
    with tempfile.NamedTemporaryFile('w', suffix='.yml') as file:
        # JSON is YAML.
        json.dump({'evaluation_interval': '1m', 'tests': tests}, file)
        file.flush()
        done = subprocess.run(['promtool', 'test', 'rules', file.name],
                              capture_output=True, text=True,
                              timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


@test
def dashboards_are_as_grafana_wants_them():
    with Cases() as cases:
        for name in ('modem', 'fleet'):
            board = load(name)
            ids, taken = set(), set()
            for panel in board['panels']:
                with cases.row('%s: %s' % (name, panel['title'])):
                    check_panel(panel, ids, taken)
            with cases.row(name):
                check_board(board, 'coda56-' + name)


def check_board(board, uid):
    assert board['uid'] == uid
    assert board['schemaVersion'] == 39
    assert 'coda56' in board['tags'] and board['refresh'] and board['title']
    assert 'id' not in board and '__inputs' not in board
    names = [v['name'] for v in board['templating']['list']]
    assert names[:3] == ['datasource', 'job', 'instance']
    titles = [panel['title'] for panel in board['panels']
              if panel['type'] != 'row']
    assert len(titles) == len(set(titles)), 'titles are not unique'


def check_panel(panel, ids, taken):
    assert panel['id'] not in ids
    ids.add(panel['id'])
    place = panel['gridPos']
    assert place['x'] + place['w'] <= 24
    covered = {(x, y) for x in range(place['x'], place['x'] + place['w'])
               for y in range(place['y'], place['y'] + place['h'])}
    assert covered and not covered & taken, 'overlaps'
    taken |= covered
    if panel['type'] == 'row':
        return
    assert panel['description'].endswith('.')
    assert panel['fieldConfig']['defaults']['unit']
    assert panel['datasource']['uid'] == '${datasource}'
    references = [target['refId'] for target in panel['targets']]
    assert references and len(references) == len(set(references))
    for target in panel['targets']:
        assert target['datasource']['uid'] == '${datasource}'
        assert target['instant'] != target['range']
        assert '{M' not in target['expr'] and '{X' not in target['expr']


@test
def dashboards_are_what_the_generator_writes():
    done = subprocess.run(
        [sys.executable, '-B', os.path.join(GRAFANA, 'generate'), '--check'],
        capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


if __name__ == '__main__':
    main()
