#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: packages.py SIM LIST

Builds the Debian package, reads it with lintian, and installs, runs and purges
it in a system of its own, under systemd; lets the RPM spec and the APKBUILD
build here.  LIST is what is installed below /usr, with the modes.  Packages
what was committed last.  Needs root and Debian's archive; takes four minutes.
"""

import contextlib
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(TOP, 'test', 'e2e'))
from harness import Sim, Skip, main, test, wait_until

NAME = 'coda56-exporter'
LIST = sys.argv.pop(2)
# As lintian sees one that is in no archive yet, and is for systemd alone.
KNOWN = 'initial-upload-closes-no-bugs,' \
    'package-supports-alternative-init-but-no-init.d-script'
# What a package system itself leaves, and systems that run.
UNSTEADY = re.compile(
    r'/(dev|proc|run|sys|tmp)/|/var/(cache|log|tmp)/|'
    r'/var/lib/(apt|dpkg|systemd)/|'
    r'/etc/(ld\.so\.cache|machine-id|resolv\.conf|hostname|\.pwd\.lock)$')

# What Fedora's packages of meson and systemd have, as much as the spec needs.
MACROS = r'''
%_unitdir /usr/lib/systemd/system
%meson meson setup --buildtype=plain --prefix=/usr redhat-build
%meson_build meson compile -C redhat-build
%meson_install DESTDIR=%{buildroot} meson install -C redhat-build
%meson_test meson test -C redhat-build --no-rebuild
%systemd_post() :
%systemd_preun() :
%systemd_postun_with_restart() :
%debug_package %{nil}
'''
# What Alpine's abuild-meson calls, and what abuild does with an APKBUILD.
ABUILD = '''
set -e
abuild-meson() {
	meson setup --prefix=/usr --libdir=/usr/lib --sysconfdir=/etc \
	    --mandir=/usr/share/man --buildtype=plain "$@"
}
. ./APKBUILD
cd "$srcdir/$pkgname-$pkgver"
build
package
'''


def need(*tools):
    for tool in tools:
        if not shutil.which(tool):
            raise Skip('needs ' + tool)


def run(*command, cwd=TOP, **environ):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=cwd,
                          env=dict(os.environ, LC_ALL='C.UTF-8', **environ),
                          stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    assert done.returncode == 0, '%s:\n%s' % (
        ' '.join(command), done.stdout[-4000:])
    return done.stdout.strip()


def expected(units):
    """Files of packages, as `meson install` has them with this prefix."""
    with open(LIST) as file:
        names = [line.split()[1] for line in file]
    for place, path in (('bindir', '/usr/bin'), ('datadir', '/usr/share'),
                        ('mandir', '/usr/share/man'), ('units', units or '')):
        names = [name.replace('@%s@' % place, path) for name in names
                 if units or place != 'units' or '@units@' not in name]
    return set(names)


def found(names):
    """The same of a package, whatever it compresses."""
    return {re.sub(r'\.gz$', '', name) for name in names}


def files(root):
    return {os.path.join(where, name)[len(root):]
            for where, folders, names in os.walk(root)
            for name in names + folders}


def archive(folder):
    version = re.search("^  version: '([0-9.]+)',$",
                        open(TOP + '/meson.build').read(), re.M).group(1)
    name = '%s-%s' % (NAME, version)
    path = os.path.join(folder, name + '.tar')
    run('git', 'archive', '--prefix=%s/' % name, '-o', path, 'HEAD')
    run('xz', '-0', path)
    return name


@contextlib.contextmanager
def debian_package():
    need('dpkg-buildpackage', 'dh', 'git')
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        run(TOP + '/contrib/build-deb', folder)
        yield glob.glob(folder + '/%s_*.deb' % NAME)[0]


@contextlib.contextmanager
def system(package):
    """A minimal Debian that has what the package needs, and its file."""
    with tempfile.TemporaryDirectory() as folder:
        root = folder + '/root'
        run('debootstrap', '--variant=minbase', '--include=systemd',
            'bookworm', root)
        # From where this machine installs, it can.
        run('cp', '-a', '/etc/apt/.', root + '/etc/apt/')
        shutil.copy(package, root + '/package.deb')
        run('chroot', root, 'apt-get', '-q', 'update')
        needed = run('dpkg-deb', '--field', package, 'Depends')
        run('chroot', root, 'apt-get', '-qy', 'install',
            '--no-install-recommends',
            *re.findall(r'(?:^|, )([^ ,]+)', needed))
        yield root


# A shell that becomes the first process of a machine that has nothing but
# loopback.
BOOT = '''
ip link set lo up
cd "$1"
mount --bind . .
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for device in full null random tty urandom zero; do
	: >dev/$device
	mount --bind /dev/$device dev/$device
done
ln -s /proc/self/fd dev/fd
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
# In what chroot makes, no user namespaces are to be had.
pivot_root . .
umount --lazy .
cd /
exec env -i container=other \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd
'''


class Machine:
    """systemd in a root, in namespaces of its own."""

    def __init__(self, root):
        need('unshare', 'nsenter', 'ip', 'curl')
        self._root = root
        with open('/proc/self/mountinfo') as file:
            groups = re.findall(r' (/\S+) \S+ (?:\S+ )*- cgroup2 ',
                                file.read())
        if not groups or not os.access(groups[0], os.W_OK):
            raise Skip('needs cgroup2')
        self._group = '%s/%s-test-%d' % (groups[0], NAME, os.getpid())

    def __enter__(self):
        os.mkdir(self._group)
        self._outer = subprocess.Popen(
            ['sh', '-ec', 'echo $$ >"$1/cgroup.procs"; shift; exec unshare '
             '--mount --pid --net --ipc --uts --cgroup --fork --kill-child '
             '--propagation private sh -ec "$@"', 'sh', self._group, BOOT,
             'sh', self._root], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            children = '/proc/%d/task/%d/children' % (
                (self._outer.pid,) * 2)
            self._first = wait_until(
                lambda: open(children).read().split(), 'the first process')[0]
            wait_until(lambda: self.try_('systemctl', 'is-system-running')
                       in ('running', 'degraded'), 'systemd runs', 60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *why):
        # Its child goes with it, and with that all others.
        self._outer.send_signal(signal.SIGKILL)
        self._outer.wait()

        def gone():
            folders = [where for where, _, _ in os.walk(self._group)]
            with contextlib.suppress(OSError):
                for folder in reversed(folders):
                    os.rmdir(folder)
            return not os.path.exists(self._group)
        wait_until(gone, 'all its processes end')

    def enter(self, *command):
        """Of this machine's programs, in that one's network."""
        return ['nsenter', '--target', self._first, '--net'] + list(command)

    def run(self, *command):
        return run('nsenter', '--target', self._first, '--all', '--root',
                   '--wd', 'env', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
                   *command, DEBIAN_FRONTEND='noninteractive')

    def try_(self, *command):
        try:
            return self.run(*command)
        except AssertionError as why:
            return str(why).splitlines()[-1]

    def probe(self, target):
        return run(*self.enter(
            'curl', '-sS', '--noproxy', '*', '--max-time', '20', '--get',
            '--data-urlencode', 'target=' + target,
            'http://localhost:8000/probe'))


@test
def the_debian_package_runs_under_systemd_and_leaves_nothing():
    need('debootstrap', 'lintian')
    if os.getuid() != 0:
        raise Skip('needs root')
    with debian_package() as package:
        said = run('lintian', '--allow-root', '-EI', '--pedantic',
                   '--fail-on=info', '--suppress-tags=' + KNOWN,
                   glob.glob(os.path.dirname(package) + '/*.changes')[0])
        assert not said, said
        with system(package) as root, Machine(root) as machine:
            before = files(root)
            machine.run('dpkg', '--install', '/package.deb')
            look_at_package(machine)
            look_at_service(machine)
            machine.run('dpkg', '--purge', NAME)
            for unit in NAME + '.socket', NAME + '.service':
                said = machine.try_('systemctl', 'is-active', unit)
                assert said == 'inactive', (unit, said)
            left = sorted(name for name in files(root) - before
                          if not UNSTEADY.match(name + '/'))
            assert not left, left


def look_at_package(machine):
    has = found(machine.run('dpkg', '-L', NAME).splitlines())
    missing = expected('/lib/systemd/system') - has - {
        '/usr/share/licenses/coda56-exporter/LICENSE'}
    assert not missing, missing


def look_at_service(machine):
    assert machine.run('systemctl', 'is-active', NAME) == 'active'
    assert machine.try_('systemctl', 'is-active', NAME + '.socket') == \
        'inactive'
    pid = machine.run('systemctl', 'show', '-P', 'MainPID', NAME)
    status = dict(re.findall(r'^(\w+):\s*(\S+)',
                             machine.run('cat', '/proc/%s/status' % pid),
                             re.M))
    assert status['Uid'] != '0' and status['CapEff'].strip('0') == '', status
    # By the program itself, within systemd's own filter.
    log = machine.run('journalctl', '-o', 'cat', '-u', NAME)
    assert 'system_calls=filtered' in log, log
    sim = Sim()
    sim.command = machine.enter(*sim.command)
    with sim:
        for url in sim.urls:
            answer = machine.probe(url)
            assert '\nprobe_success 1\n' in answer, answer
        machine.run('systemctl', 'reload', NAME)
        # Configured, and by the socket that systemd keeps.
        machine.run('sh', '-c', 'echo \'ARGS="--web.systemd-socket '
                    '--modem.target=%s"\' >/etc/default/%s' % (
                        sim.https, NAME))
        machine.run('systemctl', 'stop', NAME)
        machine.run('systemctl', 'start', NAME + '.socket')
        assert '\nprobe_success 1\n' in machine.probe(sim.https)
        assert machine.run('systemctl', 'is-active', NAME) == 'active'
    complaints = [line for line in
                  machine.run('journalctl', '-o', 'cat', '-u',
                              NAME).splitlines()
                  if re.search('level=(warn|error)|[Ff]ailed', line)]
    assert not complaints, complaints


@test
def the_rpm_spec_packs_all_that_is_installed():
    need('rpmbuild', 'git', 'xz')
    with tempfile.TemporaryDirectory() as folder:
        archive(folder)
        with open(folder + '/macros', 'w') as file:
            file.write(MACROS)
        run('rpmbuild', '-bb', '--nodeps', '--nocheck',
            '--load=%s/macros' % folder, '--define=_topdir ' + folder,
            '--define=_sourcedir ' + folder,
            '--define=_docdir /usr/share/doc',
            TOP + '/contrib/rpm/%s.spec' % NAME)
        built = glob.glob(folder + '/RPMS/*/*.rpm')
        assert len(built) == 1, built
        names = run('rpm', '-qp', '--qf', '[%{FILENAMES}\n]', built[0])
        missing = (expected('/usr/lib/systemd/system') |
                   {'/etc/default/coda56-exporter'}) - \
            found(names.splitlines())
        assert not missing, missing


@test
def the_functions_of_the_apkbuild_install_all():
    need('git', 'xz')
    with tempfile.TemporaryDirectory() as folder:
        run('sh', '-c', 'cp -R "$1"/contrib/alpine/. "$2"', 'sh', TOP, folder)
        run('tar', '-xf', folder + '/' + archive(folder) + '.tar.xz', '-C',
            folder)
        run('bash', '-c', ABUILD, cwd=folder, srcdir=folder,
            pkgdir=folder + '/pkg')
        has = {name for name in files(folder + '/pkg')
               if not os.path.isdir(folder + '/pkg' + name)}
        assert has == expected(None) | {
            '/etc/conf.d/coda56-exporter',
            '/etc/init.d/coda56-exporter'}, has ^ expected(None)


if __name__ == '__main__':
    sys.argv.insert(1, '/usr/bin/' + NAME)
    main()
