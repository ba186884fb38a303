import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PartialFile } from './partialFile.ts';
import { changedSince, gaveUp, otherFileThere, unusable, wrongHash } from './pullComplaints.ts';
import { hashOf, readRecordedHash, recordHash } from './recordedHash.ts';
import { Cut, transfer } from './transfer.ts';

export interface Download {
  url: string;
  /** Where the file shall lie, absolute. */
  file: string;
  /** In hex, when it is known. */
  sha256: string | undefined;
  signal: AbortSignal;
  onProgress: (done: number, total: number | undefined) => void;
  /** Called with the reason whenever the transfer was cut and is taken up again. */
  onCut?: (why: string) => void;
  /** Looks at the whole file before it is put in its place; what it says is why it cannot be used. */
  flawOf?: (path: string) => Promise<string | undefined>;
  idleMs?: number;
  /** First pause between tries, in milliseconds; it doubles. */
  pauseMs?: number;
}

interface Downloaded {
  /** False: the file was there already. */
  fetched: boolean;
  bytes: number;
  sha256: string;
}

const IDLE_MS = 30_000;
const PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** Tries without a single byte: more of them once it is known that there is somebody. */
const TRIES_AT_FIRST = 2;
const TRIES = 6;

/**
 * Fetches a file, goes on where an earlier call was cut, and puts it in its place only when it is whole and has the right
 * hash. Throws a `Complaint`, or the signal's reason; what has come by then is kept for the next call.
 */
export async function download(job: Download): Promise<Downloaded> {
  if (existsSync(job.file)) return checkThere(job);
  const part = new PartialFile(job.file, job.url);
  part.claim();
  try {
    await fetchAll(job, part);
    const { bytes } = part;
    const sha256 = await hashOf(part.path, job.signal);
    if (job.sha256 !== undefined && sha256 !== job.sha256) {
      part.discard();
      throw wrongHash(job.file, job.sha256, sha256);
    }
    const flaw = await job.flawOf?.(part.path);
    if (flaw !== undefined) {
      part.discard();
      throw unusable(job.url, flaw);
    }
    // First: a file without its record is one that nobody can check any more.
    recordHash(job.file, sha256);
    part.finish();
    return { fetched: true, bytes, sha256 };
  } finally {
    part.release();
  }
}

/** A file that came by another way gets its record now. */
async function checkThere({ file, sha256: expected, signal }: Download): Promise<Downloaded> {
  const sha256 = await hashOf(file, signal);
  if (expected !== undefined && sha256 !== expected) throw otherFileThere(file, expected, sha256);
  const recorded = readRecordedHash(file);
  if (typeof recorded === 'object' && recorded.sha256 !== sha256 && expected === undefined) {
    throw changedSince(file, recorded.sha256, sha256);
  }
  recordHash(file, sha256);
  return { fetched: false, bytes: 0, sha256 };
}

async function fetchAll(job: Download, part: PartialFile): Promise<void> {
  const { pauseMs = PAUSE_MS } = job;
  let tries = TRIES_AT_FIRST;
  let failed = 0;
  while (!isWhole(part)) {
    const before = part.bytes;
    const cut = await tryOnce(job, part);
    if (cut === undefined) return;
    const moved = part.bytes > before;
    if (moved) tries = TRIES;
    failed = moved ? 1 : failed + 1;
    if (failed >= tries) throw gaveUp(job.url, cut, part);
    job.onCut?.(cut.message);
    const pause = cut.pauseMs ?? pauseMs * 2 ** (failed - 1);
    await wait(Math.min(pause, LONGEST_PAUSE_MS), job.signal);
  }
}

/** A process may have ended between the last byte and the check. */
function isWhole({ bytes, origin }: PartialFile): boolean {
  return bytes > 0 && bytes === origin?.total;
}

async function tryOnce(job: Download, part: PartialFile): Promise<Cut | undefined> {
  try {
    await transfer({ ...job, part, idleMs: job.idleMs ?? IDLE_MS });
    return undefined;
  } catch (cause) {
    if (cause instanceof Cut) return cause;
    throw cause;
  }
}

async function wait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (cause) {
    signal.throwIfAborted();
    throw cause;
  }
}
