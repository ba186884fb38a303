import fs from 'node:fs';
import { prlimit } from '../policy/limits.ts';
import { FD, type RunPlan } from '../run/launch.ts';
import { freeFolder } from './freeFolder.ts';
import { INSIDE, UNDER_INIT } from './init.ts';
import { scratch } from './layout.ts';
import type { Source, Sources, Tier } from './tier.ts';

/**
 * Isolation by what every Linux has (util-linux): the same namespaces and the same fresh root as with bubblewrap. Nothing in
 * util-linux can load a filter of system calls: that takes our init. Without it, only where the operator has asked for it.
 */
export function namespacesTier(seccompFile: string | undefined): Tier {
  const byInit = seccompFile !== undefined;
  return {
    name: 'namespaces',
    file: '/usr/bin/setpriv',
    words: (plan, sources) => ({ args: words(plan, sources, byInit) }),
    seccompFile,
    teller: byInit ? 'init' : 'none',
  };
}

function words(plan: RunPlan, sources: Sources, byInit: boolean): string[] {
  const command = ['/usr/bin/env', ...variables(plan), ...prlimit(plan.limits), ...plan.command];
  return [
    ...['--pdeathsig', 'KILL', '--', '/usr/bin/unshare', '--user', '--map-root-user', '--mount'],
    ...['--pid', '--net', '--ipc', '--uts', '--cgroup', '--fork', '--kill-child=KILL'],
    ...['--propagation', 'private', '--', '/bin/sh', '-euc', SCRIPT, 'sh'],
    freeFolder(sourcePaths(plan, sources)),
    ...mountWords(plan, sources),
    ...(byInit
      ? [...UNDER_INIT, ...command]
      : ['/bin/sh', '-c', '"$@"; exit $?', 'sh', ...command]),
  ];
}

function variables({ environment }: RunPlan): string[] {
  return Object.entries(environment).map(([name, value]) => `${name}=${value}`);
}

function sourcePaths(plan: RunPlan, sources: Sources): string[] {
  const folders = [
    writable(sources.workspace, '', plan.workspace),
    ...(plan.report === undefined || sources.report === undefined
      ? []
      : [writable(sources.report, '', plan.report)]),
  ];
  return [...sources.mounts.map((mount) => mount.source), ...folders.map(([, path = '']) => path)];
}

/** The mounts as words for the script: kind, source, destination; `--` ends them. */
function mountWords(plan: RunPlan, sources: Sources): string[] {
  return [
    ...scratch(plan.limits).flatMap(({ path, bytes }) => ['scratch', `${bytes}`, path]),
    ...sources.mounts.flatMap(({ source, destination }) => ['ro', source, destination]),
    ...plan.links.flatMap(({ path, target }) => ['link', target, path]),
    ...writable(sources.workspace, '/workspace', plan.workspace),
    ...(plan.report === undefined || sources.report === undefined
      ? []
      : writable(sources.report, '/report', plan.report)),
    '--',
  ];
}

/** With a descriptor the script checks that what it has mounted by path is what was opened. */
function writable(source: Source, destination: string, opened: number): string[] {
  return 'descriptor' in source
    ? [`rw${source.descriptor}`, fs.readlinkSync(`/proc/self/fd/${opened}`), destination]
    : ['rw', source.path, destination];
}

/**
 * Builds the root on a tmpfs, makes it the root, drops every capability and becomes our init, or a shell in its place: the
 * command is not the first process, which the kernel spares most signals. Any failure ends it (`-e`) before `ready` is told.
 * The paths are ours, none is a model's.
 */
const SCRIPT = `
read -r pid rest < /proc/self/stat
echo "{\\"child-pid\\": $pid}" >&${FD.status}
umask 022
new=$1
shift
mount -t tmpfs -o mode=755,size=16m,nosuid,nodev tmpfs $new
cd $new
mkdir -p proc dev old etc run
for device in null zero full random urandom; do
  : > dev/$device
  mount --bind /dev/$device dev/$device
done
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
while [ "$1" != -- ]; do
  target=".$3"
  case $1 in
    link) mkdir -p "$(dirname "$target")"; ln -s "$2" "$target" ;;
    scratch) mkdir -p "$target"; mount -t tmpfs -o "size=$2,mode=1777,nosuid,nodev" tmpfs "$target" ;;
    *)
      if [ -d "$2" ]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")"; : > "$target"; fi
      mount -c --bind "$2" "$target"
      options=bind,nosuid,nodev
      if [ "$1" = ro ]; then options=$options,ro; fi
      mount -c -o "remount,$options" "$target"
      opened=\${1#rw}
      if [ "$1" != ro ] && [ -n "$opened" ] && ! [ "$target" -ef "/proc/self/fd/$opened" ]; then
        echo "the folder $3 was exchanged" >&2
        exit 1
      fi
      ;;
  esac
  shift 3
done
shift
if [ -x ".${INSIDE}" ]; then ".${INSIDE}" lo; fi
mount -t proc -o nosuid,nodev,noexec proc proc
hostname sandbox 2>/dev/null || true
pivot_root . old
cd /workspace
umount -l /old
mount -o remount,bind,ro,nosuid,nodev /
echo '{"ready": true}' >&${FD.status}
exec 4>&- 5<&- 6<&- 8<&-
if [ "$1" = /bin/sh ]; then exec 3<&- 7<&-; fi
exec env -i /usr/bin/setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"
`;
