import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';

/** Beside a model, in the form that `sha256sum --check` reads. */
const recordOf = (file: string) => `${file}.sha256`;

/** Of a whole file, in hex. Throws the signal's reason. */
export async function hashOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
    signal.throwIfAborted();
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/** Keeps what the hash of a file was when it was fetched. */
export function recordHash(file: string, sha256: string): void {
  const unfinished = `${recordOf(file)}.new`;
  writeFileSync(unfinished, `${sha256}  ${basename(file)}\n`);
  renameSync(unfinished, recordOf(file));
}

/** `unreadable`: there is a record, and no hash in it. */
export function readRecordedHash(file: string): { sha256: string } | 'none' | 'unreadable' {
  if (!existsSync(recordOf(file))) return 'none';
  const [, sha256] = /^([0-9a-f]{64})\s/i.exec(readFileSync(recordOf(file), 'utf8')) ?? [];
  return sha256 === undefined ? 'unreadable' : { sha256: sha256.toLowerCase() };
}
