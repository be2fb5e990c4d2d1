#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: check.py SOURCE-ROOT

What contrib/prometheus has: promtool accepts it, its unit tests pass and leave
no rule out, the README's table has the same numbers, and it asks for metrics
that there are.
"""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap

try:
    import yaml
except ImportError:
    yaml = None

root = sys.argv[1]
rules = os.path.join(root, 'contrib', 'prometheus')
tests = os.path.join(root, 'test', 'prometheus')
PATIENCE = 100 * float(os.environ.get('TEST_TIMEOUT_FACTOR', '1'))
# What an alert can compare with that is not for the eye of a reader.
NOT_IN_TABLE = {'ModemFirmwareChanged', 'ModemWanFlapping'}


def text(*path):
    with open(os.path.join(root, *path), encoding='utf-8') as file:
        return file.read()


def promtool(*args):
    if not shutil.which('promtool'):
        raise tap.Skip('promtool is missing (package prometheus)')
    done = subprocess.run(('promtool',) + args, capture_output=True, text=True,
                          timeout=PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def load(name):
    if not yaml:
        raise tap.Skip('PyYAML is missing (package python3-yaml)')
    with open(os.path.join(rules, name), encoding='utf-8') as file:
        return yaml.safe_load(file)


def group_rules(name, group=''):
    return [rule for g in load(name)['groups'] if group in g['name']
            for rule in g['rules']]


def rules_are_accepted():
    said = promtool('check', 'rules', '--lint=all', '--lint-fatal',
                    *(os.path.join(rules, name)
                      for name in ('recording.yml', 'alerts.yml')))
    assert said.count('SUCCESS') == 2, said


def configurations_are_accepted():
    for name in sorted(os.listdir(rules)):
        if name not in ('recording.yml', 'alerts.yml'):
            said = promtool('check', 'config', os.path.join(rules, name))
            assert '2 rule files found' in said, said


def unit_tests_pass():
    promtool('test', 'rules', os.path.join(tests, 'recording.yml'),
             os.path.join(tests, 'alerts.yml'))


def every_rule_is_tested():
    """Each alert is seen firing, and each recorded series with a value."""
    fires = set(re.findall(r'ALERTS\{alertname="(\w+)"',
                           text('test', 'prometheus', 'alerts.yml')))
    assert fires == {r['alert'] for r in group_rules('alerts.yml')}, \
        fires ^ {r['alert'] for r in group_rules('alerts.yml')}
    given = set(re.findall(r"expr: '(?:round\()?([\w:]+)[^:{]",
                           text('test', 'prometheus', 'recording.yml')))
    assert given == {r['record'] for r in group_rules('recording.yml')}, \
        given ^ {r['record'] for r in group_rules('recording.yml')}


def alerts_say_what_to_do():
    for rule in group_rules('alerts.yml'):
        assert rule['labels']['severity'] in (
            'critical', 'warning', 'info'), rule
        said = rule['annotations']
        assert set(said) == {'summary', 'description'}, rule['alert']
        assert '$labels' in said['summary'], rule['alert']
        assert len(said['description']) > 80, rule['alert']


def bounds(expression):
    """What it takes for too little, and for too much."""
    found = re.findall(r'([<>])(?: bool)? (-?[\d.]+)(?![\d.]* \*)', expression)
    return {(sign, float(number)) for sign, number in found}


def bounds_in_words(cell):
    found = re.findall(r'(below|above) ([-+]?\d+(?:\.\d+)?)', cell)
    assert bool(found) == bool(cell), cell
    return {({'below': '<', 'above': '>'}[word], float(number))
            for word, number in found}


def table():
    """The rows of the README's table, as lists of cells."""
    section = text('README.md').split("\n## How to read a line's health\n")
    lines = [line for line in section[1].split('\n## ')[0].splitlines()
             if line.startswith('|')]
    assert len(lines) > 5, lines
    return [[cell.strip() for cell in line.strip('|').split('|')]
            for line in lines[2:]]


def thresholds_are_those_of_the_table():
    alerts = {r['alert']: r for r in group_rules('alerts.yml', 'line')}
    counts = {r['record']: r['expr'] for r in group_rules('recording.yml')
              if r['record'].endswith(':out_of_range')}
    named = set()
    for measure, good, tolerable, bad, critical, names in table():
        names = re.findall(r'`(\w+)`', names)
        wanted = [bounds_in_words(cell) for cell in (bad, critical) if cell]
        # What is never bad may be worth a word.
        wanted = wanted or [bounds_in_words(tolerable)]
        assert len(names) == len(wanted), measure
        for name, limits in zip(names, wanted):
            rule = alerts[name]
            assert bounds(rule['expr']) == limits, (name, limits)
            if re.search(r'_(power|snr)', rule['expr']):
                for _, number in limits:
                    assert re.search(r'(?<!\d)%+g\b|(?<![-+\d])%g\b' % (
                        number, abs(number)), rule['annotations'][
                            'description']), (name, number)
        # What is tolerable ends where what is bad begins.
        edges = re.match(r'([-+]?\d+) to ([-+]?\d+)', tolerable)
        if edges:
            low, high = map(float, edges.groups())
            for sign, number in wanted[0]:
                assert number == (low if sign == '<' else high), measure
        stem = re.search(r'(instance:\w+):m', alerts[names[0]]['expr'])
        count = counts.pop(stem.group(1) + ':out_of_range', None) \
            if stem else None
        if count:
            assert bounds(count) == wanted[0], measure
        named.update(names)
    assert not counts, 'not in the table: %s' % counts
    rest = {name for name, rule in alerts.items() if bounds(rule['expr'])}
    assert rest - NOT_IN_TABLE == named, (rest - NOT_IN_TABLE) ^ named


def metrics_exist():
    """All that rules ask for is in the README's tables, or recorded."""
    known = set(re.findall(r'^\| `(\w+)`', text('README.md'), re.M))
    known |= {'up', 'ALERTS'}
    for name in ('recording.yml', 'alerts.yml'):
        for rule in group_rules(name):
            for metric in re.findall(
                    r'(?<![\w:])((?:modem|probe|coda56)_\w+)(?![\w:])',
                    rule['expr']):
                assert metric in known, (metric, rule)


tap.run((
    rules_are_accepted,
    configurations_are_accepted,
    unit_tests_pass,
    every_rule_is_tested,
    alerts_say_what_to_do,
    thresholds_are_those_of_the_table,
    metrics_exist,
))
