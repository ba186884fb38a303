import { prlimit } from '../policy/limits.ts';
import { FD, type RunPlan } from '../run/launch.ts';
import { scratch } from './layout.ts';
import type { Source, Sources, Tier } from './tier.ts';

/**
 * Isolation by bubblewrap with the system call filter in a file. Nothing is ever mounted below /workspace: bwrap before
 * 0.12 would follow links there and create the destination on the host (CVE-2026-87766).
 */
export function bubblewrapTier(bwrap: string, seccompFile: string): Tier {
  return { name: 'bubblewrap', file: bwrap, args, seccompFile, tellsExitCode: true };
}

function args(plan: RunPlan, sources: Sources): string[] {
  return [
    ...['--unshare-all', '--unshare-user', '--disable-userns', '--cap-drop', 'ALL'],
    ...['--uid', '1000', '--gid', '1000', '--hostname', 'sandbox'],
    ...['--die-with-parent', '--new-session', '--clearenv'],
    ...['--proc', '/proc', '--dev', '/dev'],
    ...scratch(plan.limits).flatMap(({ path, bytes }) => ['--size', `${bytes}`, '--tmpfs', path]),
    // After scratch: a tool may be installed below /tmp or /home.
    ...sources.mounts.flatMap(({ source, destination }) => ['--ro-bind', source, destination]),
    ...plan.links.flatMap(({ path, target }) => ['--symlink', target, path]),
    ...writable(sources.workspace, '/workspace'),
    ...(sources.report === undefined ? [] : writable(sources.report, '/report')),
    ...['--remount-ro', '/dev', '--remount-ro', '/', '--chdir', '/workspace'],
    ...Object.entries(plan.environment).flatMap(([name, value]) => ['--setenv', name, value]),
    ...['--add-seccomp-fd', `${FD.seccomp}`, '--json-status-fd', `${FD.status}`],
    ...['--', ...prlimit(plan.limits), ...plan.command],
  ];
}

function writable(source: Source, destination: string): string[] {
  return 'descriptor' in source
    ? ['--bind-fd', `${source.descriptor}`, destination]
    : ['--bind', source.path, destination];
}
