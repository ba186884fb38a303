"""Tries to get out by every call there is; prints {"id name": "what happened"} as JSON. Arguments: JSON of the host's facts."""
import ctypes, errno, json, mmap, os, signal, socket, struct, sys

HOST = json.loads(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)
told = {}


def name(number):
    return errno.errorcode.get(number, str(number))


def attempt(what, work):
    try:
        result = work()
        told[what] = 'done' if result is None else str(result)
    except OSError as error:
        told[what] = name(error.errno)


def call(what, number, *arguments):
    ctypes.set_errno(0)
    values = [ctypes.c_long(value) if isinstance(value, int) else value for value in arguments]
    told[what] = 'done' if libc.syscall(ctypes.c_long(number), *values) >= 0 else name(ctypes.get_errno())


def append(path):
    return lambda: os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666))


def read(path):
    return lambda: os.close(os.open(path, os.O_RDONLY))


def in_child(work):
    pid = os.fork()
    if pid == 0:
        work()
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f'exit {os.WEXITSTATUS(status)}'


def files():
    for path in ['/etc/passwd', '/etc/new', '/usr/bin/new', '/new']:
        attempt(f'FS01 {path}', append(path))
    attempt('FS02', append('../../../../../../../etc/passwd'))
    attempt('FS03', append('link'))
    attempt('FS04', lambda: os.listdir('folder'))
    for path in ['/proc/self/root/etc/passwd', '/proc/1/root/etc/passwd', '/proc/self/cwd/../../etc/passwd']:
        attempt(f'FS05 {path}', append(path))
    for path in HOST['secrets']:
        attempt(f'FS06 {path}', read(path))
    for path in ['/usr/bin/env', '/etc/passwd']:
        attempt(f'FS07 {path}', lambda: os.link(path, 'hard'))
    for kind in [0o060000, 0o020000]:
        attempt(f'FS11 {kind:o}', lambda: os.mknod('node', kind | 0o666, os.makedev(1, 3)))
    for device in ['vda', 'sda', 'mem', 'kmsg', 'kvm', 'vsock', 'net/tun', 'fuse']:
        attempt(f'FS12 {device}', read(f'/dev/{device}'))
    links = [os.readlink(f'/proc/self/fd/{fd}') for fd in os.listdir('/proc/self/fd') if int(fd) > 2 and os.path.islink(f'/proc/self/fd/{fd}')]
    told['FS14'] = ' '.join(link for link in links if link != '/dev/null') or 'none'
    for path in ['/run/sandboxInit', '/opt/toolchain/bin/node', '/run/new', '/dev/new', '/boot']:
        attempt(f'FS15 {path}', append(path))
    attempt('FS15 move', lambda: os.rename('/run', '/run2'))
    told['FS16'] = 'nosuid' if os.statvfs('/workspace').f_flag & os.ST_NOSUID else 'suid'
    status = dict(line.split(':\t', 1) for line in open('/proc/self/status').read().splitlines() if ':\t' in line)
    told['FS17'] = f"privileges {status['NoNewPrivs']}, capabilities {int(status['CapEff'], 16)}"
    for path in ['/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/sys/vm/drop_caches']:
        attempt(f'FS18 {path}', append(path))
    attempt('FS18 kcore', read('/proc/kcore'))
    attempt('FS18 oom_score_adj', spare_me)
    attempt('FS19', lambda: os.listdir('/sys/fs/cgroup'))
    attempt('FS20 workspace', lambda: os.rename('/workspace', '/tmp/workspace'))
    attempt('FS20 file', lambda: os.rename('given', '/etc/given'))
    attempt('FS23', append('oldroot'))


def spare_me():
    setting = os.open('/proc/self/oom_score_adj', os.O_WRONLY)
    os.write(setting, b'-1000')


def calls():
    for what, number in {'mount': 165, 'umount2': 166}.items():
        call(f'FS08 {what}', number, 0, 0, 0, 0, 0)
    for number in [428, 429, 430, 431, 432, 433, 442]:
        call(f'FS09 {number}', number, -1, 0, 0, 0, 0)
    for what, number in {'chroot': 161, 'pivot_root': 155}.items():
        call(f'FS10 {what}', number, b'/workspace', b'/workspace')
    for what, number in {'name_to_handle_at': 303, 'open_by_handle_at': 304}.items():
        call(f'FS13 {what}', number, -100, 0, 0, 0, 0)
    call('NET46', 425, 1, 0)
    call('KRN50 unshare', 272, 0x10000000)
    call('KRN50 setns', 308, 0, 0)
    call('KRN50 clone', 56, 0x10000011, 0, 0, 0, 0)
    call('KRN50 clone3', 435, 0, 0)
    kernel = {'bpf': 321, 'perf': 298, 'keyctl': 250, 'add_key': 248, 'userfaultfd': 323, 'init_module': 175, 'finit_module': 313, 'kexec': 246, 'syslog': 103}
    for what, number in kernel.items():
        call(f'KRN52 {what}', number, 0, 0, 0, 0, 0)
    call('KRN54', 0x40000000 | 39)
    for what, request in {'TIOCSTI': 0x5412, 'TIOCSTI with a high bit': 0x5412 | 1 << 32, 'TIOCLINUX': 0x541C}.items():
        call(f'KRN55 {what}', 16, 0, request, b'x')
    attempt('KRN55 /dev/tty', read('/dev/tty'))
    for what, number in {'ptrace': 101, 'process_vm_readv': 310, 'process_vm_writev': 311}.items():
        call(f'KRN56 {what}', number, 1, 1, 0, 0, 0, 0)
    attempt('KRN56 /proc/1/mem', append('/proc/1/mem'))
    attempt('KRN56 /proc/1/environ', read('/proc/1/environ'))
    for what, number in {'memfd_create': 319, 'shmget': 29, 'memfd_secret': 447}.items():
        call(f'KRN58 {what}', number, 0, 4096, 0o1600)
    told['KRN53'] = in_child(foreign_call)
    told['KRN51 unshare'] = in_child(lambda: os.execv('/usr/bin/unshare', ['unshare', '--user', 'true']))


def foreign_call():
    os.close(2)
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b'\xb8\x14\x00\x00\x00\xcd\x80\xc3')  # mov eax, getpid; int 0x80; ret
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


def network():
    def reach(family, address):
        with socket.socket(family, socket.SOCK_STREAM) as door:
            door.settimeout(3)
            door.connect(address)

    for address in ['127.0.0.1', '10.0.0.1', '169.254.169.254', '169.254.170.2', '1.1.1.1']:
        attempt(f'NET40 {address}', lambda: reach(socket.AF_INET, (address, HOST['port'])))
    attempt('NET40 ::1', lambda: reach(socket.AF_INET6, ('::1', HOST['port'])))
    attempt('NET40 UDP', lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('1.1.1.1', 53)))
    try:
        socket.getaddrinfo('example.com', 80)
        told['NET40 DNS'] = 'done'
    except socket.gaierror:
        told['NET40 DNS'] = 'no name'
    for what, family in {'packet': 17, 'vsock': 40, 'alg': 38, 'xdp': 44, 'bluetooth': 31}.items():
        attempt(f'NET41 {what}', lambda: socket.socket(family, socket.SOCK_RAW).close())
    attempt('NET41 raw', lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1).close())
    attempt('NET42', lambda: reach(socket.AF_UNIX, '\0' + HOST['abstract']))
    attempt('NET43', lambda: reach(socket.AF_UNIX, '/var/run/docker.sock'))
    attempt('NET45', add_link)
    spellings()
    server = socket.create_server(('127.0.0.1', 0))
    attempt('NET47', lambda: reach(socket.AF_INET, server.getsockname()))


def spellings():
    """Whatever would talk an allowlist of hosts into something else: there is no way out for any of them."""
    names = ['example.com.', 'EXAMPLE.com', 'example.com\0.evil.example', 'example.com%00', '127.0.0.1.nip.io', 'localtest.me', 'metadata.google.internal']
    literals = ['134744072', '0x08080808', '010.8.8.8', '8.524296', '::ffff:8.8.8.8', '64:ff9b::808:808', 'fd00:ec2::254', '::ffff:169.254.169.254']
    loopbacks = ['0', '0.0.0.0', '127.1', '2130706433', '0x7f.1', '::', '::ffff:127.0.0.1', 'localhost']
    for name in names:
        attempt_name(f'NET48 {name!r}', lambda: socket.create_connection((name, 443), 3))
    for address in literals:
        attempt_name(f'NET48 {address}', lambda: socket.create_connection((address, 443), 3))
    for address in loopbacks:
        attempt_name(f'NET48 {address}', lambda: socket.create_connection((address, HOST['port']), 3))
    for port in [53, 1080, 3128, 8080, 8118, 8888]:
        attempt_name(f'NET48 a proxy at {port}', lambda: socket.create_connection(('127.0.0.1', port), 3))
    for resolver in ['127.0.0.53', '8.8.8.8', '169.254.169.253']:
        attempt_name(f'NET48 the resolver {resolver}', lambda: ask(resolver))
    told['NET48 variables'] = ' '.join(name for name, value in os.environ.items() if 'proxy' in name.lower() and value != 'off') or 'none'


def attempt_name(what, work):
    try:
        attempt(what, lambda: work() and None)
    except (ValueError, UnicodeError):
        told[what] = 'no name'
    if told[what].startswith('-'):
        told[what] = 'no name'


def ask(resolver):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.settimeout(3)
        door.connect((resolver, 53))
        door.send(b'\0\1\1\0\0\1\0\0\0\0\0\0\7example\3com\0\0\1\0\1')
        door.recv(512)


def add_link():
    link = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
    kind = struct.pack('HH', 4 + 6, 1) + b'dummy\0\0\0'
    info = struct.pack('HH', 4 + len(kind), 18) + kind
    body = struct.pack('BxHiII', 0, 0, 0, 0, 0) + info
    link.send(struct.pack('IHHII', 16 + len(body), 16, 0x605, 1, 0) + body)
    code = struct.unpack('i', link.recv(4096)[16:20])[0]
    if code != 0:
        raise OSError(-code, '')


def processes():
    told['ENV30'] = 'told' if any(HOST['secret'] in environ(pid) for pid in numbers()) else 'not told'
    told['ENV32'] = f'{len(numbers())} processes'
    attempt('KRN57 1', lambda: os.kill(1, signal.SIGKILL))
    attempt('KRN57 parent', lambda: os.kill(os.getppid(), signal.SIGKILL) if os.getppid() else None)
    attempt('KRN57 all', lambda: os.kill(-1, signal.SIGKILL))
    attempt('KRN57 host', lambda: os.kill(HOST['pid'], signal.SIGKILL))


def numbers():
    return [name for name in os.listdir('/proc') if name.isdigit()]


def environ(pid):
    try:
        return open(f'/proc/{pid}/environ', errors='replace').read()
    except OSError:
        return ''


files()
calls()
network()
processes()
print(json.dumps(told))
