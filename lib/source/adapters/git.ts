import fs from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { Config } from '../../config/config.ts';
import { diskUsage } from '../../sandbox/run/diskUsage.ts';
import { hostOf } from '../../task/repo.ts';
import { type GitOutcome, runGit } from '../gitCommand.ts';
import type { Fetched, FetchRequest, Source } from '../source.ts';
import { treeFlaw } from '../treeFlaw.ts';
import { type Refused, whyNotFetched } from '../whyNotFetched.ts';

export type GitSourceOptions = Pick<Config, 'repoHosts' | 'repoCaFile' | 'searchPath'> & {
  limits?: FetchLimits;
};

interface FetchLimits {
  /** Of one state, as it is sent and kept by Git. */
  packBytes: number;
  /** Of its files. */
  treeBytes: number;
  files: number;
  timeoutMs: number;
}

const LIMITS: FetchLimits = {
  packBytes: 512 * 1024 ** 2,
  treeBytes: 2 * 1024 ** 3,
  files: 50_000,
  timeoutMs: 300_000,
};
const LOOK_EVERY_MS = 250;

/** Fetches one state, without its history, with the `git` of this machine. */
export function createGitSource(options: GitSourceOptions): Source {
  return { fetch: (request) => fetchTree({ limits: LIMITS, ...options }, request) };
}

type Settled = GitSourceOptions & { limits: FetchLimits };

async function fetchTree(options: Settled, request: FetchRequest): Promise<Fetched> {
  const host = hostOf(request.url);
  if (!options.repoHosts.includes(host)) return hostDenied(host);
  const repository = `${request.to}.git`;
  await emptied(repository);
  await emptied(request.to);
  const bounds = bound(options.limits, repository, request.signal);
  let fetched: Fetched | undefined;
  try {
    fetched = await take(options, request, { repository, ...bounds });
    return fetched;
  } catch (error) {
    request.signal.throwIfAborted();
    if (error instanceof LimitReached) return { kind: 'denied', ...error.refused };
    throw error;
  } finally {
    bounds.end();
    await rm(repository, { recursive: true, force: true });
    if (fetched?.kind !== 'fetched') await rm(request.to, { recursive: true, force: true });
  }
}

interface Place {
  repository: string;
  signal: AbortSignal;
  /** Aborts when the repository is too large already. */
  look(): Promise<void>;
}

/** init > fetch > how much is it? > write the files. */
async function take(options: Settled, request: FetchRequest, place: Place): Promise<Fetched> {
  const { url, ref = 'HEAD', to } = request;
  const { repoCaFile: caFile, searchPath, limits } = options;
  const { repository, signal } = place;
  const git = (...args: string[]) => runGit({ repository, signal, args, caFile, searchPath });
  const init = await git('init', '--quiet', '--bare', '--template=');
  if (init.kind !== 'done') return notFetched(init, request);
  // With its progress git writes all the time, and so dies with a worker that is killed.
  const flags = ['--progress', '--depth=1', '--no-tags', '--no-recurse-submodules'];
  const fetched = await git('fetch', ...flags, '--', url, ref);
  if (fetched.kind !== 'done') return notFetched(fetched, request);
  await place.look();
  const commit = outputOf(await git('rev-parse', '--verify', 'FETCH_HEAD^{commit}'));
  const listing = outputOf(await git('ls-tree', '-r', '-l', '-z', '--full-tree', commit));
  const flaw = treeFlaw(listing, { bytes: limits.treeBytes, files: limits.files });
  if (flaw !== undefined) return { kind: 'denied', ...tooMuch(flaw) };
  outputOf(await git('read-tree', commit));
  outputOf(await git(`--work-tree=${to}`, 'checkout-index', '--all'));
  return { kind: 'fetched', commit };
}

function notFetched(
  outcome: Exclude<GitOutcome, { kind: 'done' }>,
  request: FetchRequest,
): Fetched {
  if (outcome.kind === 'failed') return whyNotFetched(outcome.message, request);
  return {
    kind: 'missing',
    why: `${request.url} was not fetched: git is not installed where the worker runs`,
    remedy: 'Install git there, or put the code below the workspace root and name its path.',
  };
}

/** Of a step that works on what was fetched already. */
function outputOf(outcome: GitOutcome): string {
  if (outcome.kind === 'done') return outcome.output;
  throw new Error(outcome.kind === 'failed' ? `git: ${outcome.message}` : 'git is gone');
}

class LimitReached extends Error {
  readonly refused: Refused;

  constructor(refused: Refused) {
    super(refused.why);
    this.name = 'LimitReached';
    this.refused = refused;
  }
}

/** Aborts when the caller does, when time is up, and when more comes in than is wanted: nothing announces how much will. */
function bound({ timeoutMs, packBytes }: FetchLimits, repository: string, asked: AbortSignal) {
  const limit = new AbortController();
  const late = setTimeout(() => limit.abort(new LimitReached(tooLate(timeoutMs))), timeoutMs);
  const folder = fs.openSync(repository, 'r');
  const look = async () => {
    const bytes = await diskUsage(folder);
    const flaw = `more than ${packBytes} bytes were sent`;
    if (bytes > packBytes) limit.abort(new LimitReached(tooMuch(flaw)));
  };
  let looking = Promise.resolve();
  const looks = setInterval(() => {
    looking = looking.then(look).catch((error: unknown) => limit.abort(error));
  }, LOOK_EVERY_MS);
  const end = () => {
    clearTimeout(late);
    clearInterval(looks);
    void looking.finally(() => fs.closeSync(folder));
  };
  return { signal: AbortSignal.any([asked, limit.signal]), look, end };
}

async function emptied(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

function hostDenied(host: string): Fetched {
  return {
    kind: 'denied',
    why: `repo.url: ${host} is not among REPO_HOSTS of this worker`,
    remedy: `Add ${host} to REPO_HOSTS, or put the code below the workspace root and name its path.`,
  };
}

function tooMuch(flaw: string): Refused {
  return {
    why: `repo.url: ${flaw}`,
    remedy: 'Put what the task needs below the workspace root and name its path.',
  };
}

function tooLate(timeoutMs: number): Refused {
  return {
    why: `repo.url: the server had not sent everything after ${timeoutMs / 1_000} s`,
    remedy: 'Resume the task to try again, or name a folder below the workspace root.',
  };
}
