#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: manual.py MANUAL ROUTES.H EXPORTER

The manual has the options that the program's own help has, with the same
values, defaults and limits, and the routes that the table has.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys

manual_path, routes_path, exporter = sys.argv[1:]
wrapper = shlex.split(os.environ.get('TEST_WRAPPER', ''))


def of_help():
    """Each option as name, value, default, repeatable, only with probe."""
    text = subprocess.run(wrapper + [exporter, '--help'], check=True,
                          stdout=subprocess.PIPE, timeout=300,
                          text=True).stdout
    for item in re.split(r'^  --', text, flags=re.M)[1:]:
        head, body = item.split('\n', 1)
        name, _, value = head.partition('=')
        # A list is broken behind its commas.
        default = re.search(r'Default: (.*)', body, re.S)
        yield (name, value, re.sub(r'\s', '', default[1]) if default else '',
               'May be repeated.' in body, 'Only with probe.' in body)


def of_manual(text):
    section = re.search(r'^\.Sh OPTIONS$(.*?)^\.Sh', text, re.M | re.S)[1]
    for item in re.split(r'^\.It Fl -', section, flags=re.M)[1:]:
        head, body = item.split('\n', 1)
        name, _, value = head.partition(' Ns = Ns Ar ')
        default = re.search(r'^Default:\n((?:\.Ql .*\n)+)', body, re.M)
        yield (name, value,
               ','.join(re.findall(r'\.Ql (\S+) [.,]', default[1]))
               if default else '',
               'May be repeated.' in body, 'Only with\n.Cm probe .' in body)


def compare(wanted, found):
    return ['%s: %r' % (where, row)
            for where, rows, others in (
                ('not in the manual', wanted, found),
                ('only in the manual', found, wanted))
            for row in rows if row not in others]


def routes(manual, table):
    section = re.search(r'^\.Sh ROUTES$(.*?)^\.Sh', manual, re.M | re.S)[1]
    # One of them has its path from an option.
    return (re.findall(r'^\tX\("(/[^"]*)"', table, re.M) + ['/metrics'],
            re.findall(r'^\.It Pa (\S+)$', section, re.M))


def lint():
    done = subprocess.run(['mandoc', '-T', 'lint', manual_path],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=60)
    # What else is installed on this machine is not the manual's affair.
    return [line for line in done.stdout.splitlines()
            if 'referenced manual not found' not in line and
            'mandoc.db' not in line]


def result(number, name, complaints):
    print('%s %d - %s' % ('not ok' if complaints else 'ok', number, name))
    for line in complaints:
        print('# ' + line)
    return not complaints


with open(manual_path) as file:
    manual = file.read()
with open(routes_path) as file:
    table = file.read()
options = list(of_help())
print('1..3')
good = [
    result(1, 'the options are those of --help',
           compare(options, list(of_manual(manual))) if len(options) > 10
           else ['--help lists hardly any']),
    result(2, 'the routes are those of the table',
           compare(*routes(manual, table))),
]
if shutil.which('mandoc'):
    good.append(result(3, 'mandoc has no complaint', lint()))
else:
    print('ok 3 - mandoc has no complaint # SKIP mandoc is missing')
sys.exit(0 if all(good) else 1)
