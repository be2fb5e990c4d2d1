#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: container.py SIM

Builds the container image with buildah and runs what is in it: as its user,
in its root, where there is nothing else.  Needs root, and Debian's archive;
an image debian:bookworm-slim that is not there is made by debootstrap.  Takes
two minutes, and leaves the two images to whoever wants to look at them.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, 'test', 'e2e'))
from harness import Exporter, Sim, Skip, call, main, test

BASE = 'localhost/debian:bookworm-slim'
IMAGE = 'localhost/coda56-exporter'
PROGRAM = '/coda56-exporter'

# Neither a daemon nor an overlay file system is needed.
os.environ.setdefault('STORAGE_DRIVER', 'vfs')
os.environ.setdefault('BUILDAH_ISOLATION', 'chroot')


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, '%s:\n%s' % (
        ' '.join(command), done.stdout[-4000:])
    return done.stdout.strip()


def make_base(folder):
    """As the registry's: a minimal system that knows Debian's archive."""
    root = os.path.join(folder, 'base')
    run('debootstrap', '--variant=minbase', 'bookworm', root)
    # From where this machine installs, the image can.
    run('cp', '-a', '/etc/apt/.', root + '/etc/apt/')
    container = run('buildah', 'from', 'scratch')
    run('buildah', 'add', '--quiet', container, root, '/')
    run('buildah', 'commit', '--quiet', '--rm', container, BASE)


def build(folder):
    for tool in 'buildah', 'debootstrap':
        if not shutil.which(tool):
            raise Skip('needs ' + tool)
    if os.getuid() != 0:
        raise Skip('needs root')
    if subprocess.run(['buildah', 'inspect', '--type=image', BASE],
                      capture_output=True).returncode != 0:
        make_base(folder)
    # OCI's format knows no health check.
    run('buildah', 'bud', '--format=docker', '--pull=never',
        '--network=host', '--tag', IMAGE,
        '--file', TOP + '/contrib/container/Dockerfile', TOP)


@test
def the_image_is_small_and_its_program_runs_with_nothing_else():
    with tempfile.TemporaryDirectory() as folder:
        build(folder)
        container = run('buildah', 'from', '--pull=never', IMAGE)
        try:
            look_at(run('buildah', 'mount', container))
            look_at_config(json.loads(run('buildah', 'inspect',
                                          '--type=image', IMAGE)))
        finally:
            run('buildah', 'rm', container)
        archive = folder + '/image.tar'
        run('buildah', 'push', '--quiet', IMAGE, 'oci-archive:' + archive)
        size = os.path.getsize(archive)
        print('# compressed: %d bytes' % size)
        assert size < 3e6, size


def look_at(root):
    files = [os.path.join(where, name) for where, _, names in os.walk(root)
             for name in names]
    assert files == [root + PROGRAM], files
    size = os.path.getsize(files[0])
    print('# program: %d bytes' % size)
    assert size < 7e6, size
    inside = ('chroot', '--userspec=65532:65532', '--groups=', root)
    os.environ['TEST_WRAPPER'] = ' '.join(inside)
    with Sim() as sim:
        began = time.monotonic()
        with Exporter() as exporter:
            for url in sim.urls:
                page = exporter.probe(url)
                assert page.value('probe_success') == '1', page.answer.text
                print('# start to answer: %.0f ms' %
                      ((time.monotonic() - began) * 1e3))
            page = exporter.probe('http://modem.example')
            assert page.value('probe_success') == '0'
            status, _, err = call('healthcheck', 'http://%s:%d' %
                                  exporter.addresses[0])
            assert status == 0, err
        assert call('healthcheck')[0] == 1


def look_at_config(image):
    config = image['OCIv1']['config']
    assert config['User'] == '65532:65532', config
    assert config['Entrypoint'] == [PROGRAM], config
    assert [port.split('/')[0] for port in config['ExposedPorts']] == [
        '8000'], config
    assert image['Docker']['config']['Healthcheck']['Test'] == [
        'CMD', PROGRAM, 'healthcheck'], image['Docker']['config']


if __name__ == '__main__':
    sys.argv.insert(1, PROGRAM)
    main()
