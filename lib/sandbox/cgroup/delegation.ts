import path from 'node:path';

/** The group that the processes of a service move to, so that groups with limits can stand beside it. */
export const SERVICE_GROUP = 'agent-service';

export const CONTROLLERS = ['memory', 'pids'] as const;

/** The path of the own group of version 2 in /proc/self/cgroup; undefined where there is none. */
export function ownGroup(procCgroup: string): string | undefined {
  return /^0::(\/.*)$/m.exec(procCgroup)?.[1];
}

/** Where /proc/self/mountinfo has the hierarchy of version 2, and which group of it is its top. */
export function hierarchyIn(mountinfo: string): { root: string; at: string } | undefined {
  for (const line of mountinfo.split('\n')) {
    const [mount = '', file = ''] = line.split(' - ');
    const [, , , root, at] = mount.split(' ');
    if (file.split(' ')[0] !== 'cgroup2' || root === undefined || at === undefined) continue;
    return { root: plain(root), at: plain(at) };
  }
  return undefined;
}

/** The kernel writes blanks, tabs, line ends and backslashes as octal numbers. */
function plain(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

export interface Place {
  /** Folder of the group below which runs get theirs. */
  base: string;
  /** Whether this process is in the group beside them already. */
  hasMoved: boolean;
}

/** Where groups of runs would be; undefined where the own group cannot be seen. */
export function placeOf(procCgroup: string, mountinfo: string): Place | undefined {
  const [own, hierarchy] = [ownGroup(procCgroup), hierarchyIn(mountinfo)];
  if (own === undefined || hierarchy === undefined) return undefined;
  // The kernel tells so of what is outside the cgroup namespace.
  if (`${own}/${hierarchy.root}/`.includes('/../')) return undefined;
  const below = path.posix.relative(hierarchy.root, own);
  if (below.startsWith('..')) return undefined;
  const folder = path.posix.join(hierarchy.at, below);
  const hasMoved = path.posix.basename(own) === SERVICE_GROUP;
  return { base: hasMoved ? path.posix.dirname(folder) : folder, hasMoved };
}

/** What tells whether a group is the service's to divide. */
export interface Facts {
  place: Place | undefined;
  /** What its cgroup.controllers holds. */
  controllers: string;
  mayWrite: boolean;
  /** It is the top of what can be seen, it is marked by systemd, or was given to this user by another one. */
  isHanded: boolean;
}

/** Why there are no groups for runs; undefined where there are. */
export function whyNotDelegated(facts: Facts): string | undefined {
  const { place, controllers, mayWrite, isHanded } = facts;
  if (place === undefined) return 'there is no cgroup v2 of this process here';
  const missing = CONTROLLERS.filter((name) => !listed(controllers).includes(name));
  if (missing.length > 0) return `${place.base} has no ${missing.join(' and no ')} controller`;
  if (!mayWrite) return `${place.base} may not be written by this user`;
  if (!isHanded && !place.hasMoved) return `${place.base} is not delegated to this service`;
  return undefined;
}

export function hasBoth(controllers: string): boolean {
  return CONTROLLERS.every((name) => listed(controllers).includes(name));
}

function listed(controllers: string): string[] {
  return controllers.trim().split(/\s+/);
}

/**
 * Whether memory.events tells of processes killed because the group itself was full: a machine that is full as a whole kills
 * as well, which is no limit of the run.
 */
export function ranOutOfMemory(memoryEvents: string): boolean {
  const count = (name: string) =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(memoryEvents)?.[1] ?? 0);
  return count('oom') > 0 && count('oom_kill') > 0;
}

/** Whether cgroup.events tells of a living process. */
export function isPopulated(cgroupEvents: string): boolean {
  return /^populated 1$/m.test(cgroupEvents);
}

/** The process that made the group of a run, by the name of its folder. */
export function makerOf(name: string): string | undefined {
  return /^run-(\d+)-[0-9a-f]+$/.exec(name)?.[1];
}
