import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../../telemetry/telemetry.ts';
import { errorCode } from '../workspace/deniedPath.ts';

const run = promisify(execFile);
const UPDATE_MS = 60_000;
const STEP_MS = 30_000;

/**
 * Puts Debian's bubblewrap below `toolsDir`/bubblewrap, as any user: apt with lists and a cache of its own, so that the
 * machine's are neither needed nor touched. Gives the reason when it cannot be had. Processes that do the same at the
 * same time each work in a folder of their own; the first to finish wins.
 */
export async function downloadBubblewrap(
  toolsDir: string,
  logger: Logger,
): Promise<string | undefined> {
  if (!['/usr/bin/apt-get', '/usr/bin/dpkg'].every((file) => fs.existsSync(file)))
    return 'it is not installed, and without apt-get it cannot be fetched';
  logger.info('fetching bubblewrap from Debian, for the isolation of tools', { into: toolsDir });
  let folder: string | undefined;
  try {
    fs.mkdirSync(toolsDir, { recursive: true });
    folder = fs.mkdtempSync(path.join(toolsDir, '.bubblewrap-'));
    await fetchPackage(folder);
    const [unpacked, wanted] = [path.join(folder, 'unpacked'), path.join(toolsDir, 'bubblewrap')];
    fs.chmodSync(unpacked, 0o755);
    putInPlace(unpacked, wanted);
    logger.info('bubblewrap is in place', { at: wanted });
    return undefined;
  } catch (error) {
    const reason = lastWords(error);
    logger.warn('bubblewrap could not be fetched', { reason });
    return `it is not installed, and fetching it failed: ${reason}`;
  } finally {
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function fetchPackage(folder: string): Promise<void> {
  const [lists, cache] = [path.join(folder, 'lists'), path.join(folder, 'cache')];
  for (const needed of [path.join(lists, 'partial'), path.join(cache, 'archives', 'partial')])
    fs.mkdirSync(needed, { recursive: true });
  const own = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`];
  // As root apt would fetch as the user _apt, which cannot enter our folder; without languages it fetches half as much.
  const options = [...own, '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Languages=none'];
  const network = [
    '-o',
    'Acquire::http::Timeout=10',
    '-o',
    'Acquire::https::Timeout=10',
    '-o',
    'Acquire::Retries=1',
  ];
  // The environment of the service goes along: it may name a proxy.
  const apt = (words: string[], timeout: number) =>
    run('/usr/bin/apt-get', [...options, ...network, ...words], { cwd: folder, timeout });
  await apt(['update'], UPDATE_MS);
  await apt(['download', 'bubblewrap'], STEP_MS);
  const archive = fs.readdirSync(folder).find((name) => name.endsWith('.deb'));
  if (archive === undefined) throw new Error('apt-get download left no package');
  const unpack = ['-x', path.join(folder, archive), path.join(folder, 'unpacked')];
  await run('/usr/bin/dpkg', unpack, { timeout: STEP_MS });
}

function putInPlace(unpacked: string, wanted: string): void {
  try {
    fs.renameSync(unpacked, wanted);
  } catch (error) {
    // Another process was faster; what it left is the same.
    if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
  }
}

function lastWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return stderr.split('\n').at(-1) || error.message.split('\n')[0] || error.name;
}
