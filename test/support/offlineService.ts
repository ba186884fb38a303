import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ExecaError, execaNode } from 'execa';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';

const root = join(import.meta.dirname, '../..');

export interface OfflineService {
  url: string;
  /** Sends the signal and resolves with the exit code, or the signal's name if that is what ended the process. */
  stop(signal: 'SIGTERM' | 'SIGINT'): Promise<number | string>;
  output(): string;
}

/** Runs `serverless offline start` over a service of its own: functions and resources, and a source for each function. */
export async function startOfflineService(
  service: object,
  sources: Record<string, string>,
  env: Record<string, string>,
): Promise<OfflineService> {
  const folder = layOut(service, sources);
  const child = execaNode(
    join(root, 'node_modules/serverless/bin/serverless.js'),
    ['offline', 'start', '--stage', 'local', '--noSponsor'],
    { cwd: folder, env: { HOME: folder, ...env }, ipc: true, all: true, reject: false },
  );
  let output = '';
  child.all.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await child;
    rmSync(folder, { recursive: true, force: true });
  });
  const url = await listeningUrl(child, () => output);
  const stop = async (signal: 'SIGTERM' | 'SIGINT') => {
    child.kill(signal);
    const ended = await child;
    return ended.exitCode ?? ended.signal ?? 'unknown';
  };
  return { url, stop, output: () => output };
}

async function listeningUrl(
  child: { getOneMessage(): Promise<unknown> },
  output: () => string,
): Promise<string> {
  const message = await child.getOneMessage().catch((error: ExecaError) => {
    throw new Error(`serverless offline did not start:\n${output()}`, { cause: error });
  });
  return (message as { url: string }).url;
}

function layOut(service: object, sources: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'offline-'));
  for (const name of ['node_modules', 'infra']) symlinkSync(join(root, name), join(folder, name));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'serverless.yml'), stringify(service));
  for (const [name, source] of Object.entries(sources)) {
    const file = join(folder, 'dist', name, 'handler.mjs');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
  }
  return folder;
}
