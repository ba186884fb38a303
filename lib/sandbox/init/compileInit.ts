import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { assetPath } from '../../kernel/assets.ts';
import type { Logger } from '../../telemetry/telemetry.ts';

const SOURCES = ['guard.h', 'refusedWrites.h', 'sandboxInit.c'];
const COMPILE_MS = 30_000;

export type FoundInit = { kind: 'found'; file: string } | { kind: 'missing'; reason: string };

export interface InitSearch {
  searchPath: readonly string[];
  /** Where the compiled program is kept. */
  toolsDir: string;
  logger: Logger;
}

/**
 * Our init as a program: compiled beside its source (as the worker's image does it) or once below `toolsDir`, under a name
 * that holds the hash of the source, so that another version is never taken for it.
 */
export async function findInit(search: InitSearch): Promise<FoundInit> {
  const folder = assetPath('lib/sandbox/init');
  const name = `sandboxInit-${hashOfSources(folder)}`;
  const wanted = path.join(search.toolsDir, name);
  const present = [path.join(folder, name), wanted].find((file) => fs.existsSync(file));
  if (present !== undefined) return { kind: 'found', file: present };
  const compiler = compilerIn([...search.searchPath, '/usr/bin']);
  if (compiler === undefined) return { kind: 'missing', reason: 'there is no C compiler' };
  try {
    await compile(compiler, path.join(folder, 'sandboxInit.c'), wanted);
    search.logger.info('compiled the init of the sandbox', { at: wanted, compiler });
    return { kind: 'found', file: wanted };
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    search.logger.warn('the init of the sandbox could not be compiled', { reason });
    return { kind: 'missing', reason: `it could not be compiled: ${reason.split('\n')[0]}` };
  }
}

/** `cat guard.h refusedWrites.h sandboxInit.c | sha256sum | cut -c1-12`: the worker's image is built with the same name. */
function hashOfSources(folder: string): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) hash.update(fs.readFileSync(path.join(folder, source)));
  return hash.digest('hex').slice(0, 12);
}

function compilerIn(folders: readonly string[]): string | undefined {
  const named = ['cc', 'gcc', 'clang'].flatMap((name) => folders.map((at) => path.join(at, name)));
  return named.find((file) => fs.existsSync(file));
}

/** Static where the C library can: it starts faster, and needs nothing of what it is going to guard. */
async function compile(compiler: string, source: string, wanted: string): Promise<void> {
  fs.mkdirSync(path.dirname(wanted), { recursive: true });
  const draft = `${wanted}.${process.pid}`;
  const run = (options: string[]) =>
    promisify(execFile)(compiler, [...options, '-O2', '-o', draft, source], {
      timeout: COMPILE_MS,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    });
  try {
    await run(['-static']).catch(() => run([]));
    fs.chmodSync(draft, 0o755);
    fs.renameSync(draft, wanted);
  } finally {
    fs.rmSync(draft, { force: true });
  }
}
