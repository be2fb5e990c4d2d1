#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The soak still runs, for a few seconds and among a few modems."""

import os
import subprocess
import sys

import harness

SOAK = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'soak',
                    'soak')


@harness.test
def a_short_run_finds_nothing_wrong():
    build = os.path.dirname(os.path.dirname(os.path.abspath(sys.argv[1])))
    if not os.path.exists(os.path.join(build, 'test', 'soak', 'clock.so')):
        raise harness.Skip('the soak is for Linux')
    if 'TEST_WRAPPER' in os.environ:
        raise harness.Skip('the soak has limits of time of its own')
    done = subprocess.run(
        [sys.executable, SOAK, build, '0.1', '--modems=100', '--seed=1'],
        capture_output=True, text=True, timeout=6 * harness.PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == '0.1 minutes, 100 modems, --seed=1', lines
    assert any(line.startswith('1 min: ') for line in lines), lines
    assert lines[-1] == 'all as it should be', lines


if __name__ == '__main__':
    harness.main()
