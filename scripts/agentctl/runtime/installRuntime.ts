import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { Complaint } from '../complaint.ts';
import { EXIT } from '../exitCode.ts';
import type { Host } from '../host.ts';
import { type Accelerator, packagesFor } from './binaries.ts';
import { prove } from './prove.ts';
import { runNpm } from './runNpm.ts';

/** Where the runtime of this checkout lies. */
export const RUNTIME_LAYER = fileURLToPath(new URL('../../../layers/llama', import.meta.url));

export interface RuntimeInstall {
  /** Folder with package.json and package-lock.json of the runtime; its node_modules is what is made. */
  layer: string;
  accelerator: Accelerator | undefined;
  host: Pick<Host, 'environment' | 'interrupted'>;
}

const Manifest = z.object({ dependencies: z.object({ 'node-llama-cpp': z.string() }) });
/** Everything but the binary for this machine: the other optional packages are 640 MB for machines of others. */
const QUIET = [
  '--omit=optional',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--prefer-offline',
];
const UNFINISHED = /^\.installing-(\d+)$/;

/**
 * Installs the runtime beside the old one, proves that it starts on this machine, and only then puts it in its place: an
 * install that is cut, or does not start, changes nothing, and what it leaves the next one removes. What npm had fetched
 * by then is in its cache. Resolves with what the runtime says of itself.
 */
export async function installRuntime(install: RuntimeInstall): Promise<string> {
  const { layer, accelerator, host } = install;
  removeUnfinished(layer);
  const packages = packagesFor(`${process.platform}-${process.arch}`, accelerator);
  const folder = join(layer, `.installing-${process.pid}`);
  mkdirSync(folder);
  try {
    for (const name of ['package.json', 'package-lock.json']) {
      copyFileSync(join(layer, name), join(folder, name));
    }
    await runNpm(['ci', ...QUIET], folder, host);
    const version = wantedVersion(layer);
    const wanted = packages.map((name) => `${name}@${version}`);
    await runNpm(['install', '--no-save', ...QUIET, ...wanted], folder, host);
    const proved = await prove(folder, accelerator, host);
    putInPlace(folder, layer);
    return proved;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** As a worker looks for it. */
export function isRuntimeInstalled(layer: string): boolean {
  return existsSync(join(layer, 'node_modules/node-llama-cpp/dist/index.js'));
}

/** Those of processes that are gone; refuses while one is at work. */
function removeUnfinished(layer: string): void {
  for (const name of readdirSync(layer)) {
    const [, holder] = UNFINISHED.exec(name) ?? [];
    if (holder === undefined) continue;
    if (isAlive(Number(holder))) {
      throw new Complaint(EXIT.rejected, {
        what: 'the runtime is being installed already',
        why: [`process ${holder} works in ${join(layer, name)}`],
        next: 'wait for it, or end that process and try again',
      });
    }
    rmSync(join(layer, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    return cause.code === 'EPERM';
  }
}

/** The binary must be of the version that the lock file has. */
function wantedVersion(layer: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(layer, 'package.json'), 'utf8'));
  return Manifest.parse(manifest).dependencies['node-llama-cpp'];
}

/** Models that run keep the old files, which are open. */
function putInPlace(folder: string, layer: string): void {
  const place = join(layer, 'node_modules');
  const old = join(folder, 'old');
  if (existsSync(place)) renameSync(place, old);
  renameSync(join(folder, 'node_modules'), place);
}
