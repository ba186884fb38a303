import { realpath, rename, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { copyTree } from '../sandbox/workspace/copy.ts';
import { DeniedPath, errorCode } from '../sandbox/workspace/deniedPath.ts';
import { removeTree } from '../sandbox/workspace/removeTree.ts';
import { treeHash } from '../sandbox/workspace/tree.ts';
import type { Source } from '../source/source.ts';
import type { Denial } from '../task/audit.ts';
import type { EventData } from '../task/event.ts';
import type { Failure } from '../task/failure.ts';
import type { TaskPayload } from '../task/payload.ts';
import { repoSource } from '../task/repo.ts';
import { type Fetched, fetchRepository } from './fetchRepository.ts';
import { emptyFolder, type TaskFolders } from './folders.ts';

interface PrepareOptions {
  payload: TaskPayload;
  folders: TaskFolders;
  source: Source;
  workingDirectory: string;
  workspaceRoot: string;
  signal: AbortSignal;
}

export type Prepared = Ready | Unprepared;

interface Ready {
  kind: 'ready';
  /** Where a result belongs; undefined: the code came from a URL. */
  repository: string | undefined;
  baseTreeHash: string;
  /** What this attempt has fetched. */
  fetched?: EventData<'repo.fetched'> | undefined;
}

interface Unprepared {
  kind: 'failed';
  failure: Failure;
  /** What was denied, where that is why. */
  denial?: Denial;
}

const LIMITS = { maxFiles: 50_000, maxBytes: 2 * 1024 ** 3 };

/**
 * Makes the task's private copies: `base`, kept over attempts, and `work`, which starts as base at every attempt (the
 * journal then brings back what finished steps had changed).
 */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { payload, folders, signal } = options;
  const hasBase = await exists(folders.base);
  const origin = await findOrigin(options, hasBase);
  if (origin.kind === 'failed') return origin;
  const exclude = payload.input.repo.exclude ?? [];
  try {
    if (!hasBase) await copyOnce(origin.from, folders.base, { exclude, signal, ...LIMITS });
    await emptyFolder(folders.scratch);
    await emptyFolder(folders.work);
    await copyTree({ from: folders.base, to: folders.work, exclude: [], signal, ...LIMITS });
  } catch (error) {
    if (!(error instanceof DeniedPath)) throw error;
    const message = `${error.path} is not copied: ${error.reason} (it leads to ${error.target})`;
    const remedy =
      error.path === origin.from
        ? `Name the real folder as repo.path: ${error.target}`
        : `Remove ${error.path}, or leave it out by repo.exclude.`;
    return denied(error, { message, remedy });
  } finally {
    await removeTree(fetchedFolder(folders));
  }
  const { repository, fetched } = origin;
  return { kind: 'ready', repository, baseTreeHash: await treeHash(folders.base), fetched };
}

type Origin =
  | { kind: 'found'; from: string; repository: string | undefined; fetched?: undefined }
  | Fetched
  | Unprepared;

/** What comes from elsewhere is fetched once: a later attempt works on the same state. */
async function findOrigin(options: PrepareOptions, hasBase: boolean): Promise<Origin> {
  const { payload, folders, source, signal } = options;
  const remote = repoSource(payload.input.repo);
  if (remote.kind === 'remote') {
    if (hasBase) return { kind: 'found', from: folders.base, repository: undefined };
    return await fetchRepository(remote, { source, to: fetchedFolder(folders), signal });
  }
  const located = await locateRepository(options);
  return located.kind === 'failed' ? located : { ...located, from: located.repository };
}

function fetchedFolder({ base }: TaskFolders): string {
  return `${base}.fetched`;
}

type Located = { kind: 'found'; repository: string } | Unprepared;

/** Submit checked the path lexically; here its symbolic links are followed, and must stay below the root. */
export async function locateRepository(
  options: Pick<PrepareOptions, 'payload' | 'workingDirectory' | 'workspaceRoot'>,
): Promise<Located> {
  const { workingDirectory, workspaceRoot, payload } = options;
  const origin = repoSource(payload.input.repo);
  if (origin.kind === 'remote') return missing(origin.url);
  const asked = resolve(workingDirectory, origin.path);
  try {
    const root = await realpath(workspaceRoot);
    const repository = await realpath(asked);
    if (!isInside(root, repository)) {
      const reason = `outside of the workspace root ${root}`;
      const refused = { path: asked, target: repository, reason };
      const message = `${asked} leads to ${repository}, ${reason}`;
      const above = `start the service with WORKSPACE_ROOT set to a folder above ${repository}`;
      return denied(refused, { message, remedy: `${NAME_ANOTHER}, or ${above}.` });
    }
    const found = await stat(repository);
    return found.isDirectory() ? { kind: 'found', repository } : missing(asked);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return missing(asked);
    if (code === 'ELOOP') {
      const reason = 'a loop of symbolic links';
      const message = `${asked} is ${reason}`;
      return denied(
        { path: asked, target: asked, reason },
        { message, remedy: `${NAME_ANOTHER}.` },
      );
    }
    throw error;
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The folder appears whole or not at all: a crash while copying leaves nothing that looks finished. */
async function copyOnce(
  from: string,
  to: string,
  options: { exclude: string[]; signal: AbortSignal; maxFiles: number; maxBytes: number },
): Promise<void> {
  const unfinished = `${to}.copying`;
  await emptyFolder(unfinished);
  await copyTree({ from, to: unfinished, ...options });
  await removeTree(to);
  await rename(unfinished, to);
}

const NAME_ANOTHER = 'Name a folder below the workspace root';

function missing(path: string): Located {
  return {
    kind: 'failed',
    failure: {
      code: 'input_missing',
      message: `repo.path: there is no folder ${path}`,
      remedy: 'Create it, or name a folder below the workspace root.',
    },
  };
}

function denied(
  { path, target, reason }: Pick<DeniedPath, 'path' | 'target' | 'reason'>,
  told: { message: string; remedy: string },
): Unprepared {
  return {
    kind: 'failed',
    failure: { code: 'input_denied', ...told },
    denial: {
      ...{ kind: 'read', step: 'prepare', comm: null, pid: null, call: 'copy' },
      ...{ path, target, reason },
    },
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
