#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: hardening.py EXPORTER FORTIFIED

The program was built so that an error in memory stays one: what readelf says
of it.  FORTIFIED is yes if the build asked for _FORTIFY_SOURCE.
"""

import re
import shutil
import subprocess
import sys

exporter, fortified = sys.argv[1:]

if not shutil.which('readelf'):
    print('1..0 # SKIP needs readelf (package binutils)')
    sys.exit(0)
done = subprocess.run(['readelf', '--wide', '--file-header', '--segments',
                       '--dynamic', '--dyn-syms', exporter],
                      capture_output=True, text=True, timeout=60,
                      env={'LC_ALL': 'C'})
if done.returncode != 0:
    print('1..0 # SKIP no ELF program: ' + done.stderr.strip())
    sys.exit(0)
elf = done.stdout
static = 'There is no dynamic section' in elf
glibc = 'Shared library: [libc.so.' in elf
imports = set(re.findall(r' UND (\w+)', elf))

# What is to be, whether it is, and why it cannot be looked at, if so.
rows = [
    ('it is loaded at an address that nobody knows',
     re.search(r'^ *Type: +DYN', elf, re.M), None),
    ('what the loader writes is read-only then',
     re.search(r'^ *GNU_RELRO ', elf, re.M), None),
    ('all of that, as nothing is bound later',
     re.search(r'\((FLAGS|FLAGS_1|BIND_NOW)\).*\b(BIND_NOW|NOW)\b|'
               r'\(BIND_NOW\)', elf), 'a static program' if static else None),
    ('the stack holds no code',
     re.search(r'^ *GNU_STACK .* RW +0x', elf, re.M), None),
    ('nothing is both written and run',
     not re.search(r'^ *LOAD .* RWE ', elf, re.M), None),
    ('returns are guarded on the stack', '__stack_chk_fail' in imports,
     'a static program' if static else None),
    ('copies are bounded by their destination',
     any(re.match(r'__\w+_chk$', name) for name in imports),
     'not a release build' if fortified != 'yes' else
     None if glibc else 'not a C library that can do so'),
]

print('1..%d' % len(rows))
failed = False
for number, (what, found, why_not) in enumerate(rows, 1):
    failed |= not (found or why_not)
    print('%sok %d - %s%s' % ('' if found or why_not else 'not ', number,
                              what, ' # SKIP ' + why_not if why_not else ''))
sys.exit(failed)
