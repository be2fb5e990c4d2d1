#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The benchmark still runs and fills its table: no figure is judged."""

import os
import re
import subprocess
import sys

import harness

FIGURE = r'[0-9.]+( ms)?( \([0-9.]+\.\.[0-9.]+\))?'
BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..',
                     'bench', 'bench')


@harness.test
def a_quick_run_fills_the_table():
    build = os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[1])))
    if not os.path.exists(os.path.join(build, 'test', 'bench', 'floor')):
        raise harness.Skip('the benchmark is for Linux')
    done = subprocess.run(
        [sys.executable, BENCH, build, '--quick', 'warm_http', 'start'],
        capture_output=True, text=True, timeout=6 * harness.PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    caption, blank, table = done.stdout.partition('\n\n')
    assert caption.startswith('coda56-exporter ') and blank, done.stdout
    head, line, *rows = [[cell.strip() for cell in row.split('|')[1:-1]]
                         for row in table.splitlines()]
    assert head == ['scenario', 'measure', 'exporter', 'floor', 'ratio',
                    'goal', 'simulator, cores'], head
    assert set(line) == {'---'} and len(line) == len(head), line
    assert [row[:2] for row in rows] == [
        ['warm http', 'CPU a probe'], ['warm http', 'wall, p50'],
        ['warm http', 'wall, p99'], ['start', 'https'], ['start', 'http'],
    ], rows
    for row in rows:
        assert len(row) == len(head), row
        figures = row[2:5] if row[0] == 'warm http' else row[2:3]
        assert all(re.fullmatch(FIGURE, cell) for cell in figures), row
    assert re.fullmatch(r'<= 2.50, (met|\*\*missed\*\*)', rows[0][5]), rows


if __name__ == '__main__':
    harness.main()
