import { prlimit } from '../policy/limits.ts';
import { FD, type RunPlan } from '../run/launch.ts';
import { UNDER_INIT } from './init.ts';
import { scratch } from './layout.ts';
import type { LaunchWords, Source, Sources, Tier } from './tier.ts';

export interface Filter {
  /** Path of the program. */
  file: string;
  /** Whether our init loads it and listens; else bubblewrap loads it. */
  byInit: boolean;
}

/**
 * Isolation by bubblewrap with the system call filter in a file. Nothing is ever mounted below /workspace: bwrap before
 * 0.12 would follow links there and create the destination on the host (CVE-2026-87766).
 */
export function bubblewrapTier(bwrap: string, filter: Filter): Tier {
  return {
    name: 'bubblewrap',
    file: bwrap,
    words: (plan, sources) => words(plan, sources, filter.byInit),
    seccompFile: filter.file,
    teller: filter.byInit ? 'init' : 'launcher',
  };
}

function words(plan: RunPlan, sources: Sources, byInit: boolean): LaunchWords {
  const filter = byInit ? ['--as-pid-1'] : ['--add-seccomp-fd', `${FD.seccomp}`];
  const command = [...prlimit(plan.limits), ...plan.command];
  return {
    args: ['--args', `${FD.args}`, '--', ...(byInit ? UNDER_INIT : []), ...command],
    hidden: [...isolation(plan, sources), ...filter, '--json-status-fd', `${FD.status}`],
  };
}

function isolation(plan: RunPlan, sources: Sources): string[] {
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
  ];
}

function writable(source: Source, destination: string): string[] {
  return 'descriptor' in source
    ? ['--bind-fd', `${source.descriptor}`, destination]
    : ['--bind', source.path, destination];
}
