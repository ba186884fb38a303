import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { FD, type Launch, type Launcher, type RunPlan } from '../run/launch.ts';
import { DRAFTS } from './drafts.ts';
import { freeFolder } from './freeFolder.ts';
import { underGuard } from './init.ts';
import type { LaunchWords, Source, Sources, Tier } from './tier.ts';

/**
 * The user under which a service that runs as root starts its sandboxes: the kernel puts no limit on the number of
 * processes of root. It has no name and owns nothing but the copies of tasks.
 */
export const SANDBOX_USER = 61_000;

/** The owner that files of a task must have, undefined where the service runs as an ordinary user: they are its own. */
export function sandboxUser(): number | undefined {
  return process.getuid?.() === 0 ? SANDBOX_USER : undefined;
}

/**
 * Starts a tier as the right user. bwrap and mount resolve every source to a path, as that user; below a home that is
 * closed to others root first makes the sources appear elsewhere, in a mount namespace of this run alone.
 */
export function createLauncher(tier: Tier, { drafts, init }: LauncherPlace): Launcher {
  const environment = { ...LAUNCHER_ENVIRONMENT, [DRAFTS]: drafts };
  return (plan) => {
    const userId = sandboxUser();
    const closed = userId === undefined ? [] : closedSources(tier, plan);
    const { hidden, file, args, ...user } =
      closed.length > 0
        ? { ...staged(tier, plan, closed), userId: undefined }
        : { file: tier.file, ...tier.words(plan, sourcesOf(plan)), userId };
    const hiddenArgs = hidden && fileOfArguments(drafts, hidden);
    return {
      ...(init === undefined ? { file, args } : underGuard(init, { file, args }, plan)),
      ...user,
      environment,
      guarded: init !== undefined,
      ...{ hiddenArgs, seccomp: openSeccomp(tier), teller: tier.teller },
    };
  };
}

export interface LauncherPlace {
  /** Folder of this process for what it needs in passing. */
  drafts: string;
  /** Our init, which guards a launch as well; undefined where there is none. */
  init: string | undefined;
}

const LAUNCHER_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

/** An open file without a name: each argument ends with a NUL. */
function fileOfArguments(folder: string, words: readonly string[]): number {
  const file = path.join(folder, `arguments-${randomBytes(6).toString('hex')}`);
  fs.writeFileSync(file, words.map((word) => `${word}\0`).join(''), { mode: 0o600, flag: 'wx' });
  const descriptor = fs.openSync(file, 'r');
  fs.unlinkSync(file);
  return descriptor;
}

function openSeccomp({ seccompFile }: Tier): number | undefined {
  return seccompFile === undefined ? undefined : fs.openSync(seccompFile, 'r');
}

function sourcesOf({ mounts, report }: RunPlan): Sources {
  const workspace = { descriptor: FD.workspace };
  return {
    mounts,
    workspace,
    report: report === undefined ? undefined : { descriptor: FD.report },
  };
}

/** Host paths that the sandbox user cannot walk to. */
function closedSources(tier: Tier, plan: RunPlan): string[] {
  return [tier.file, ...pathsOf(plan)].filter((source) => !isOpenToAll(source));
}

function pathsOf({ mounts, workspace, report }: RunPlan): string[] {
  const folders = report === undefined ? [workspace] : [workspace, report];
  return [...mounts.map((mount) => mount.source), ...folders.map(pathOf)];
}

function pathOf(descriptor: number): string {
  return fs.readlinkSync(`/proc/self/fd/${descriptor}`);
}

/** Whether anybody may walk to a path: the search bit for others on every folder above it. */
export function isOpenToAll(file: string): boolean {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    if ((fs.statSync(folder).mode & 0o001) === 0) return false;
    if (folder === '/') return true;
  }
}

type Staged = Pick<Launch, 'file' | 'args'> & Pick<LaunchWords, 'hidden'>;

function staged(tier: Tier, plan: RunPlan, closed: string[]): Staged {
  const stage = freeFolder([tier.file, ...pathsOf(plan)]);
  const moved = (source: string) => {
    const index = closed.indexOf(source);
    return index === -1 ? source : `${stage}/${index}`;
  };
  const writable = (descriptor: number, number: number): Source => {
    const path = pathOf(descriptor);
    return closed.includes(path) ? { path: moved(path) } : { descriptor: number };
  };
  const sources: Sources = {
    mounts: plan.mounts.map(({ source, destination }) => ({ source: moved(source), destination })),
    workspace: writable(plan.workspace, FD.workspace),
    report: plan.report === undefined ? undefined : writable(plan.report, FD.report),
  };
  const checks = [check(sources.workspace, FD.workspace), check(sources.report, FD.report)];
  const { args, hidden = undefined } = tier.words(plan, sources);
  const words = [stage, ...closed, '--', moved(tier.file), ...args];
  const script = [STAGE, ...checks, BECOME].join('\n');
  return {
    file: '/usr/bin/unshare',
    args: ['--mount', '--propagation', 'private', '--', '/bin/sh', '-euc', script, 'sh', ...words],
    ...(hidden === undefined ? {} : { hidden }),
  };
}

/**
 * A folder can only be mounted by its path (a descriptor belongs to the mount namespace it was opened in): whether it is
 * still the one that was opened shows afterwards. Then the descriptor has done its work, and must not go inside.
 */
function check(source: Source | undefined, number: number): string {
  if (source === undefined || 'descriptor' in source) return '';
  const told = `echo "the folder ${number} was exchanged" >&2; exit 1;`;
  return `[ "${source.path}" -ef /proc/self/fd/${number} ] || { ${told} }\nexec ${number}<&-`;
}

const STAGE = `
umask 022
stage=$1
shift
mount -t tmpfs -o mode=755,size=1m,nosuid,nodev tmpfs "$stage"
index=0
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir "$stage/$index"; else : > "$stage/$index"; fi
  mount -c --bind "$1" "$stage/$index"
  index=$((index + 1))
  shift
done
shift
`;

const BECOME = `exec setpriv --reuid=${SANDBOX_USER} --regid=${SANDBOX_USER} --clear-groups --inh-caps=-all -- "$@"\n`;
