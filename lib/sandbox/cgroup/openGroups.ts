import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { sandboxUser } from '../launch/launcher.ts';
import { DEFAULT_LIMITS } from '../policy/limits.ts';
import type { Limits, SandboxStatus } from '../sandbox.ts';
import { errorCode } from '../workspace/deniedPath.ts';
import {
  CONTROLLERS,
  hasBoth,
  makerOf,
  type Place,
  placeOf,
  SERVICE_GROUP,
  whyNotDelegated,
} from './delegation.ts';
import { killGroup, RunGroup, writeTo } from './runGroup.ts';

export interface Groups {
  status: NonNullable<SandboxStatus['limits']>;
  /** Makes the group of one run; undefined where nothing is delegated. */
  open: ((limits: Limits) => RunGroup) | undefined;
}

/** Finds out whether runs can have control groups of their own, by making one. `init` puts launches into them. */
export async function openGroups(init: string | undefined): Promise<Groups> {
  if (init === undefined) return withoutGroups('without a C compiler nothing puts a run into one');
  try {
    const place = placeOf(readOr('/proc/self/cgroup'), readOr('/proc/self/mountinfo'));
    const reason = whyNotDelegated(factsOf(place, init));
    if (reason !== undefined || place === undefined) return withoutGroups(`${reason}`);
    const { base } = place;
    sweep(base);
    enable(place);
    await tryOne(base);
    const detail = `memory and processes of each run are held by the kernel, in a cgroup v2 below ${base}`;
    return { status: { by: 'cgroup', detail }, open: (limits) => new RunGroup(base, limits) };
  } catch (error) {
    return withoutGroups(error instanceof Error ? error.message : String(error));
  }
}

const REMEDY =
  'Optional: give the service a cgroup of its own, by systemd-run --user --scope -p Delegate=yes npm start, or by Delegate=yes in the [Service] part of its unit.';

function withoutGroups(reason: string): Groups {
  const detail = `memory and processes of each run are held by rlimits and a look every 100 ms, not by a cgroup: ${reason}`;
  return { status: { by: 'watchdog', detail, remedy: REMEDY }, open: undefined };
}

function factsOf(place: Place | undefined, init: string) {
  if (place === undefined) return { place, controllers: '', mayWrite: false, isHanded: false };
  const { base } = place;
  const files = ['.', 'cgroup.procs', 'cgroup.subtree_control'];
  return {
    place,
    controllers: readOr(path.join(base, 'cgroup.controllers')),
    mayWrite: files.every((name) => isWritable(path.join(base, name))),
    isHanded: isHanded(base, init),
  };
}

/** A manager such as systemd does not want its groups divided by others, root or not, unless it has said so. */
function isHanded(base: string, init: string): boolean {
  const parent = path.dirname(base);
  if (!fs.existsSync(path.join(parent, 'cgroup.procs'))) return true;
  if (fs.statSync(base).uid !== fs.statSync(parent).uid) return isOwn(base);
  return spawnSync(init, ['delegated', base]).status === 0;
}

function isOwn(folder: string): boolean {
  return fs.statSync(folder).uid === process.getuid?.();
}

/** What processes that died without a word have left. */
function sweep(base: string): void {
  for (const name of fs.readdirSync(base)) {
    const maker = makerOf(name);
    if (maker === undefined || fs.existsSync(`/proc/${maker}`)) continue;
    const folder = path.join(base, name);
    try {
      killGroup(folder);
      fs.rmdirSync(folder);
    } catch (error) {
      // Not empty yet, or gone meanwhile: the next start looks again.
      if (!['EBUSY', 'ENOENT'].includes(errorCode(error) ?? '')) throw error;
    }
  }
}

/** A group that has processes of its own cannot pass controllers on: they go to a group below it first. */
function enable({ base }: Place): void {
  const control = path.join(base, 'cgroup.subtree_control');
  if (hasBoth(readOr(control))) return;
  const wanted = CONTROLLERS.map((name) => `+${name}`).join(' ');
  try {
    writeTo(control, wanted);
    return;
  } catch (error) {
    if (errorCode(error) !== 'EBUSY') throw error;
  }
  moveAll(base, path.join(base, SERVICE_GROUP));
  writeTo(control, wanted);
}

const MOST_ROUNDS = 10;

/** Over and over, as they start others meanwhile. */
function moveAll(base: string, folder: string): void {
  fs.mkdirSync(folder, { recursive: true });
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const pids = readOr(path.join(base, 'cgroup.procs')).split('\n').filter(Boolean);
    if (pids.length === 0) return;
    if (pids.includes('0')) throw new Error(`${base} has processes of another container`);
    for (const pid of pids) move(pid, folder);
  }
}

function move(pid: string, folder: string): void {
  try {
    writeTo(path.join(folder, 'cgroup.procs'), pid);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error; // it ended meanwhile
  }
}

/** Whether a process of the user that runs are started as can join a group by an open file. */
async function tryOne(base: string): Promise<void> {
  const group = new RunGroup(base, DEFAULT_LIMITS);
  try {
    const uid = sandboxUser();
    const { status, stderr } = spawnSync('/bin/sh', ['-c', 'echo 0 >&3'], {
      stdio: ['ignore', 'ignore', 'pipe', group.procs],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    if (status !== 0) throw new Error(`a process cannot join a group of ${base}: ${stderr}`);
  } finally {
    await group.remove();
  }
}

function isWritable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readOr(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}
