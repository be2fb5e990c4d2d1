#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What other people's parsers make of the answer to every fixture.

usage: parsers.py TEST_GOLDEN

TEST_GOLDEN is the program that knows the fixtures.  The parsers are those of
Prometheus's Python client and promtool; what is missing is skipped.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
import tap

SYSTEM_PYTHON = '/usr/bin/python3'

try:
    from prometheus_client import parser as text_parser
    from prometheus_client.openmetrics import parser as openmetrics_parser
except ImportError:
    # Distributions install it for their own Python.
    if os.path.exists(SYSTEM_PYTHON) and 'PARSERS_AGAIN' not in os.environ:
        os.environ['PARSERS_AGAIN'] = '1'
        os.execv(SYSTEM_PYTHON, [SYSTEM_PYTHON, '-B'] + sys.argv)
    text_parser = openmetrics_parser = None


def dump(form):
    """The fixtures' answers in a format, by name."""
    # Meson's name for what runs programs of another processor.
    wrapper = shlex.split(os.environ.get('MESON_EXE_WRAPPER', ''))
    done = subprocess.run(wrapper + [sys.argv[1], '--dump', form],
                          stdout=subprocess.PIPE, check=True)
    parts = done.stdout.decode('utf-8').split('\0')
    assert parts.pop() == '', 'the last answer has no end'
    answers = dict(zip(parts[::2], parts[1::2]))
    assert len(answers) > 200, 'only %d fixtures' % len(answers)
    return answers


def need_client():
    if text_parser is None:
        raise tap.Skip('no prometheus_client (package '
                   'python3-prometheus-client)')


def each(answers, check):
    """Every fixture is checked, whatever becomes of the others."""
    failures = []
    for name, text in answers.items():
        try:
            check(name, text)
        except Exception as problem:
            failures.append('%s: %r' % (name, problem))
    assert not failures, '%d of %d fail\n%s' % (
        len(failures), len(answers), '\n'.join(failures))


def samples(families):
    # One parser gives integers, the other none.
    return [(s.name, s.labels, float(s.value))
            for family in families for s in family.samples]


def read_text(text):
    return list(text_parser.text_string_to_metric_families(text))


def read_openmetrics(text):
    return list(openmetrics_parser.text_string_to_metric_families(text))


def the_text_parser_takes_every_answer():
    need_client()
    each(dump('text'), lambda name, text: read_text(text))


def the_strict_openmetrics_parser_takes_every_answer():
    need_client()
    each(dump('openmetrics'), lambda name, text: read_openmetrics(text))


def both_formats_have_the_same_samples():
    need_client()
    openmetrics = dump('openmetrics')

    def check(name, text):
        one, other = read_text(text), read_openmetrics(openmetrics[name])
        assert samples(one) == samples(other)
        lines = [line for line in text.split('\n')
                 if line and line[0] != '#']
        assert len(samples(one)) >= len(lines) > 0
        assert [family.documentation for family in one] == \
            [family.documentation for family in other]

    answers = dump('text')
    assert answers.keys() == openmetrics.keys()
    each(answers, check)


def units_are_known_to_the_openmetrics_parser():
    need_client()
    units = {}
    for text in dump('openmetrics').values():
        for family in read_openmetrics(text):
            units[family.name] = family.unit
    for name, unit in units.items():
        wanted = [u for u in ('seconds', 'bytes', 'hertz')
                  if name.endswith('_' + u)]
        assert [unit] == (wanted or ['']), (name, unit)
    assert len(set(units.values())) == 4, units


def json_has_every_sample_of_the_modem():
    # Counted, not compared: names differ.  A table's label and what is
    # counted over all rows are no members.
    texts = dump('text')

    def numbers(value):
        if isinstance(value, dict):
            return sum(map(numbers, value.values()))
        if isinstance(value, list):
            return sum(map(numbers, value))
        return not isinstance(value, (str, bool))

    def check(name, text):
        answer = json.loads(text)
        del answer['event']
        wanted = [line for line in texts[name].split('\n')
                  if line.startswith('modem_') and '_info{' not in line and
                  not line.startswith(('modem_downstream_channels ',
                                       'modem_upstream_channels '))]
        assert numbers(answer) == len(wanted), (numbers(answer), len(wanted))

    each(dump('json'), check)


def promtool_accepts_every_answer():
    if not shutil.which('promtool'):
        raise tap.Skip('no promtool (package prometheus)')

    def run(text):
        return subprocess.run(
            ['promtool', 'check', 'metrics'], input=text.encode('utf-8'),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    answers = dump('text')
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = dict(zip(answers, pool.map(run, answers.values())))

    def check(name, text):
        done = results[name]
        assert done.returncode == 0 and not done.stdout.strip(), done.stdout

    each(answers, check)


tap.run((
    the_text_parser_takes_every_answer,
    the_strict_openmetrics_parser_takes_every_answer,
    both_formats_have_the_same_samples,
    units_are_known_to_the_openmetrics_parser,
    json_has_every_sample_of_the_modem,
    promtool_accepts_every_answer,
))
