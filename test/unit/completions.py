#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: completions.py DIRECTORY EXPORTER

The shells themselves, asked to complete: all options of --help and no other,
the words that an option chooses from, and files.
"""

import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time

directory, exporter = map(os.path.abspath, sys.argv[1:])
# Reached only if what is awaited never comes.
PATIENCE = 60 * float(os.environ.get('TEST_TIMEOUT_FACTOR', '1'))
ENVIRONMENT = dict(os.environ, TERM='dumb', PATH='%s:%s' % (
    os.path.dirname(exporter), os.environ['PATH']))
OPTIONS = set(re.findall(
    '^  (--[a-z.-]+)', subprocess.run(
        [exporter, '--help'], check=True, stdout=subprocess.PIPE, text=True,
        timeout=PATIENCE).stdout, re.M))

# What is typed, and what is to be added.
TYPED = (
    ('coda56-exporter --web.l', 'isten-address='),
    ('coda56-exporter --web.sy', 'stemd-socket '),
    ('coda56-exporter --log.level=d', 'ebug '),
    ('coda56-exporter --log.format j', 'son '),
    ('coda56-exporter probe 10.0.0.7 --format=o', 'penmetrics '),
    ('coda56-exporter --dns.resolv-conf=/dev/nul', 'l '),
    ('coda56-exporter pro', 'be '),
)


class Shell:
    """A shell at a terminal, wide enough for all that it lists."""

    def __init__(self, *command):
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.execvpe(command[0], command, ENVIRONMENT)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ,
                    struct.pack('HHHH', 200, 300, 0, 0))
        self._number = 0

    def close(self):
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)

    def type(self, text, wanted):
        """What it shows from now on, up to when `wanted` is all there."""
        os.write(self._terminal, text.encode())
        end = time.monotonic() + PATIENCE
        shown = ''
        while not all(word in shown for word in wanted):
            left = end - time.monotonic()
            assert left > 0, '%r does not show %r, but %r' % (
                text, wanted, shown)
            if select.select([self._terminal], [], [], left)[0]:
                shown += os.read(self._terminal, 65536).decode(
                    'utf-8', 'replace')
        return shown

    def settle(self, text=''):
        """Has it done this, with an empty line: all that it showed."""
        self._number += 1
        # What is echoed is the sum, what is shown its result.
        return self.type('%s\necho $((%d+1))end\n' % (
            text, self._number), ['%dend' % (self._number + 1)])

    def check(self):
        for typed, added in TYPED:
            self.type(typed + '\t', [added])
            self.settle('\x15')
        shown = self.type('coda56-exporter --\t\t', OPTIONS)
        found = set(re.findall(r'--[a-z-]+(?:\.[a-z-]+)*', shown +
                               self.settle('\x15')))
        assert found == OPTIONS, found ^ OPTIONS


def try_bash():
    shell = Shell('bash', '--norc', '--noprofile', '-i')
    try:
        shell.settle('source "%s/coda56-exporter.bash"' % directory)
        shell.check()
    finally:
        shell.close()


def try_zsh():
    shell = Shell('zsh', '-f', '-i')
    try:
        shell.settle('fpath=("%s" $fpath); autoload -Uz compinit; '
                     'compinit -u -D' % directory)
        shell.check()
    finally:
        shell.close()


def try_fish():
    def ask(typed):
        done = subprocess.run(
            ['fish', '--no-config', '-c',
             'source $argv[1]; complete -C $argv[2]',
             directory + '/coda56-exporter.fish', typed], check=True,
            env=ENVIRONMENT, stdout=subprocess.PIPE, text=True,
            timeout=PATIENCE)
        return [line.split('\t')[0] for line in done.stdout.splitlines()]

    for typed, added in TYPED:
        # It knows by itself whether a blank or a sign follows.
        assert ask(typed) == [typed.split()[-1] + added.rstrip(' =')], typed
    found = set(ask('coda56-exporter --'))
    assert found == OPTIONS, found ^ OPTIONS


shells = (('bash', try_bash), ('zsh', try_zsh), ('fish', try_fish))
print('1..%d' % len(shells))
failed = False
for number, (name, attempt) in enumerate(shells, 1):
    title = '%d - %s completes' % (number, name)
    if not shutil.which(name):
        print('ok %s # SKIP %s is missing' % (title, name))
        continue
    try:
        attempt()
        print('ok ' + title)
    except Exception as problem:
        failed = True
        print('not ok ' + title)
        for line in str(problem).splitlines():
            print('# ' + line)
    sys.stdout.flush()
sys.exit(1 if failed or not OPTIONS else 0)
