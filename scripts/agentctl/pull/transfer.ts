import { statfsSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bytes as amount } from '../render/text.ts';
import { codeOf, type PartialFile } from './partialFile.ts';
import { noRoom, notAModel, refused } from './pullComplaints.ts';

export interface Transfer {
  url: string;
  part: PartialFile;
  /** Silence after which the connection counts as lost, in milliseconds. */
  idleMs: number;
  signal: AbortSignal;
  /** In bytes; `total` is undefined while the server does not tell. */
  onProgress: (done: number, total: number | undefined) => void;
}

/** The connection was lost, or the server is busy: going on later may help. */
export class Cut extends Error {
  /** Milliseconds that the server asked to be left alone. */
  readonly pauseMs: number | undefined;

  constructor(why: string, options: { cause?: unknown; pauseMs?: number } = {}) {
    super(why, { cause: options.cause });
    this.name = 'Cut';
    this.pauseMs = options.pauseMs;
  }
}

const MAGIC = Buffer.from('GGUF');
/** Left free on the disk, for everybody else. */
const SPARE_BYTES = 67_108_864;
const DISK_FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** Fetches what is missing. Throws `Cut`, a `Complaint` for what will not pass, and the signal's reason. */
export async function transfer(job: Transfer): Promise<void> {
  const idle = new AbortController();
  const isAlive = (): void => void timer.refresh();
  const timer = setTimeout(() => idle.abort(), job.idleMs);
  const signal = AbortSignal.any([job.signal, idle.signal]);
  try {
    const response = await ask(job, signal);
    isAlive();
    await store(job, response, isAlive);
  } catch (cause) {
    job.signal.throwIfAborted();
    if (idle.signal.aborted) throw new Cut(`no data for ${job.idleMs / 1_000} s`, { cause });
    throw cause;
  } finally {
    clearTimeout(timer);
    // Whatever was not read of the answer: nobody waits for it any more.
    idle.abort();
  }
}

async function ask({ url, part }: Transfer, signal: AbortSignal): Promise<Response> {
  const { bytes } = part;
  const etag = part.origin?.etag;
  // Compressed, the bytes would not be those that a range counts.
  const headers: Record<string, string> = { 'accept-encoding': 'identity' };
  if (bytes > 0) headers['range'] = `bytes=${bytes}-`;
  if (bytes > 0 && etag !== undefined) headers['if-range'] = etag;
  const response = await reach(url, { headers, signal });
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 416) {
    part.discard();
    throw new Cut('the file there is shorter than what had come of it');
  }
  throw refused(url, response) ?? busy(response);
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new Cut(reasonOf(cause), { cause });
  }
}

function busy({ status, headers }: Response): Cut {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const asked = Number.isFinite(seconds) ? { pauseMs: seconds * 1_000 } : {};
  return new Cut(`the server answered ${status}`, asked);
}

async function store(job: Transfer, response: Response, isAlive: () => void): Promise<void> {
  const { part } = job;
  const total = startAt(part, response);
  requireRoom(part, total);
  const file = await part.openToAppend();
  try {
    await append(job, { response, file, total, isAlive });
    await file.sync();
  } catch (cause) {
    if (DISK_FULL.has(codeOf(cause) ?? '')) throw noRoom(part.path, { cause, bytes: part.bytes });
    throw cause;
  } finally {
    await file.close();
  }
  if (total !== undefined && part.bytes !== total) {
    throw new Cut(`${amount(part.bytes)} of ${amount(total)} had come`);
  }
}

/** Keeps what is there when the server goes on from there, and starts anew when it does not. */
function startAt(part: PartialFile, { status, headers }: Response): number | undefined {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '');
  const isPart = status === 206;
  const total = sizeIn(isPart ? range?.[2] : headers.get('content-length'));
  if (isPart && (Number(range?.[1]) !== part.bytes || isOther(part.origin?.total, total))) {
    part.discard();
    throw new Cut('another version of the file is there now');
  }
  if (!isPart) part.discard();
  const etag = headers.get('etag') ?? 'W/';
  // A weak one says nothing of single bytes.
  const strong = etag.startsWith('W/') ? {} : { etag };
  part.note({ ...strong, ...(total === undefined ? {} : { total }) });
  return total;
}

function sizeIn(text: string | null | undefined): number | undefined {
  return /^\d{1,15}$/.test(text ?? '') ? Number(text) : undefined;
}

function isOther(noted: number | undefined, total: number | undefined): boolean {
  return noted !== undefined && total !== undefined && noted !== total;
}

function requireRoom(part: PartialFile, total: number | undefined): void {
  if (total === undefined) return;
  const { bavail, bsize } = statfsSync(dirname(part.path));
  const free = bavail * bsize;
  const missing = total - part.bytes;
  if (missing + SPARE_BYTES > free) throw noRoom(part.path, { missing, free });
}

interface Stream {
  response: Response;
  file: FileHandle;
  total: number | undefined;
  isAlive: () => void;
}

async function append(job: Transfer, { response, file, total, isAlive }: Stream): Promise<void> {
  let done = job.part.bytes;
  job.onProgress(done, total);
  for await (const chunk of bodyOf(response)) {
    isAlive();
    if (done === 0 && !startsLikeGguf(chunk)) throw notAModel(job.url, chunk);
    await file.writeFile(chunk);
    done += chunk.byteLength;
    job.onProgress(done, total);
  }
}

async function* bodyOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  try {
    yield* body;
  } catch (cause) {
    throw new Cut(reasonOf(cause), { cause });
  }
}

/** A login page, an error page or a pointer to the file are what comes instead of it. */
function startsLikeGguf(chunk: Uint8Array): boolean {
  const head = Math.min(chunk.byteLength, MAGIC.byteLength);
  return Buffer.from(chunk.subarray(0, head)).equals(MAGIC.subarray(0, head));
}

/** `fetch` says only "fetch failed"; the system's own code is in the cause. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause;
  if (codeOf(inner) === 'UND_ERR_SOCKET') return 'the connection was lost';
  return codeOf(inner) ?? (inner instanceof Error ? inner.message : cause.message);
}
