#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: lint.py TOOL SOURCE-DIRECTORY BUILD-DIRECTORY

One of the static analysers reads lib and exporter, with the flags that they
are compiled with; what it finds fails.  Another version finds other things, so
that it is skipped, with status 77, where it is not the one that is known.
"""

import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

tool, source, build = sys.argv[1:]

# What is called, the version that is known, and the options.
TOOLS = {
    # Its checks are in .clang-tidy.
    'clang-tidy': (r'version 14\.', ['--quiet']),
    # POSIX promises that NULL is a pointer, parameters need no names, and of
    # an empty span nobody reads what it points to.  Lists such as
    # ROUTES(X) it cannot always expand; the compilers can.
    'cppcheck': (r'Cppcheck 2\.10', [
        '--quiet', '--inline-suppr', '--std=c11', '--error-exitcode=1',
        '--enable=warning,performance,portability',
        '--suppress=varFuncNullUB', '--suppress=funcArgOrderDifferent',
        '--suppress=legacyUninitvar',
        '--suppress=preprocessorErrorDirective']),
    # It takes what calloc() gave for unwritten, and what a structure holds
    # for lost; valgrind and the sanitizers look for both.
    'gcc': (r' 12\.', [
        '-fanalyzer', '-Werror', '-S', '-o', os.devnull,
        '-Wno-analyzer-malloc-leak',
        '-Wno-analyzer-use-of-uninitialized-value']),
}


def flags(command):
    """Those by which the preprocessor sees the same as the compiler."""
    return [word for word in shlex.split(command)
            if re.match(r'-[ID]', word) and 'FORTIFY' not in word]


def read(file, given):
    command = {
        'clang-tidy': [tool, *options, file, '--', '-std=c11', *given],
        'cppcheck': [tool, *options, *given, '-D__linux__', file],
        'gcc': [tool, *options, '-std=c11', *given, file],
    }[tool]
    done = subprocess.run(command, cwd=build, capture_output=True, text=True)
    return file, done.returncode, done.stdout + done.stderr


known, options = TOOLS[tool]
found = shutil.which(tool)
version = found and subprocess.run([tool, '--version'], capture_output=True,
                                   text=True).stdout
if not found or not re.search(known, version):
    print('%s is %s' % (tool, 'another version' if found else 'missing'))
    sys.exit(77)
with open(os.path.join(build, 'compile_commands.json')) as file:
    compiled = {os.path.realpath(os.path.join(build, entry['file'])):
                flags(entry['command']) for entry in json.load(file)
                # A test has flags of its own.
                if not entry['output'].startswith('test')}
files = [os.path.realpath(path) for directory in ('lib', 'exporter')
         for path in sorted(glob.glob(os.path.join(source, directory, '*.c')))]
failed = 0
with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
    for file, status, said in pool.map(
            lambda file: read(file, compiled[file]), files):
        if status != 0:
            failed += 1
            print('%s:\n%s' % (os.path.relpath(file, source), said))
print('%d files read, %d with findings' % (len(files), failed))
sys.exit(1 if failed or not files else 0)
