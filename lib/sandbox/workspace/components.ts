import path from 'node:path';
import { DeniedPath } from './deniedPath.ts';

const LONGEST_PATH = 4096;
/** Bytes in one name on every file system of Linux. */
const LONGEST_NAME = 255;

/**
 * The parts of a relative path as a model may write it, or DeniedPath: no climbing, no absolute path, no drive, no
 * control character (it could forge a line of a log) and nothing of version control (hooks are programs).
 */
export function components(root: string, given: string): string[] {
  const deny = (reason: string): never => {
    throw new DeniedPath({ path: given, target: path.resolve(root, printable(given)), reason });
  };
  if (given === '') deny('the path is empty');
  if (given.length > LONGEST_PATH) deny(`the path is longer than ${LONGEST_PATH} characters`);
  if (given.startsWith('/') || /^[A-Za-z]:/.test(given)) deny('the path is absolute');
  if (given.includes('\\')) deny('the path holds a backslash');
  const parts = given.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.length === 0) deny('the path names the root itself');
  for (const part of parts) {
    const reason = flawOf(part);
    if (reason !== undefined) deny(reason);
  }
  return parts;
}

function flawOf(part: string): string | undefined {
  if (part === '..') return 'the path climbs with ".."';
  if (isVersionControl(part)) return 'version control is not touched';
  if (Buffer.byteLength(part) > LONGEST_NAME) return `a name is longer than ${LONGEST_NAME} bytes`;
  if (CONTROL.test(part)) return 'a name holds a control character';
  return part.isWellFormed() ? undefined : 'a name is not valid Unicode';
}

/** `.git` in any case: some file systems fold it. */
export function isVersionControl(name: string): boolean {
  return name.toLowerCase() === '.git';
}

const CONTROL = /\p{Cc}/u;

function printable(text: string): string {
  return text.slice(0, LONGEST_PATH).replaceAll('\0', '\uFFFD');
}
