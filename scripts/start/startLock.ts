import {
  linkSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { processIdentity } from './processIdentity.ts';
import { StartRefused } from './startRefused.ts';

export interface StartLock {
  /** True when the last holder died without letting go: what it started may still be ending. */
  isTakenOver: boolean;
  release(): void;
}

const Holder = z.object({ pid: z.int(), identity: z.string(), since: z.iso.datetime() });
type Holder = z.infer<typeof Holder>;

const ATTEMPTS = 20;
const GUARD_STALE_MS = 10_000;

/** One service per AGENT_HOME. Throws `StartRefused` when a live process holds the lock; that one is not touched. */
export function takeStartLock(agentHome: string): StartLock {
  mkdirSync(agentHome, { recursive: true });
  const file = join(agentHome, 'start.lock');
  let isTakenOver = false;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (create(file)) return { isTakenOver, release: () => release(file) };
    const holder = readHolder(file);
    if (holder !== undefined && isLive(holder)) throw isRunning(holder, agentHome);
    isTakenOver = removeStale(file) || isTakenOver;
  }
  throw new StartRefused(`${file} could not be taken; several starts contend for it. Start again.`);
}

function isRunning({ pid, since }: Holder, agentHome: string): StartRefused {
  return new StartRefused(
    `The service runs already: process ${pid}, since ${since}, with AGENT_HOME ${agentHome}.\n` +
      `Stop it with Ctrl-C in its terminal or \`kill ${pid}\`. To run another one beside it:\n` +
      `  AGENT_HOME=${agentHome}-2 PORT=8081 EDGE_PORT=0 POSTGRES_PORT=0 npm start`,
  );
}

/** By a link, which appears whole or not at all. */
function create(file: string): boolean {
  const identity = processIdentity(process.pid) ?? 'unknown';
  const draft = `${file}.${process.pid}`;
  const holder: Holder = { pid: process.pid, identity, since: new Date().toISOString() };
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Undefined when it is gone, or was cut off by a full disk or a power cut: both can be replaced. */
function readHolder(file: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const isUnreadable = error instanceof SyntaxError || error instanceof z.ZodError;
    if (isUnreadable || codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isLive({ pid, identity }: Holder): boolean {
  return processIdentity(pid) === identity;
}

/** Looks again inside a guard: of two starts that saw the same dead holder the slower must not remove the faster's lock. */
function removeStale(file: string): boolean {
  const guard = `${file}.guard`;
  if (!enter(guard)) return false;
  try {
    const holder = readHolder(file);
    if (holder !== undefined && isLive(holder)) return false;
    rmSync(file, { force: true });
    return true;
  } finally {
    rmdirSync(guard);
  }
}

function enter(guard: string): boolean {
  try {
    mkdirSync(guard);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  const made = statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Date.now() - made > GUARD_STALE_MS) rmSync(guard, { recursive: true, force: true });
  return false;
}

function release(file: string): void {
  const holder = readHolder(file);
  if (holder?.pid === process.pid) rmSync(file, { force: true });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
