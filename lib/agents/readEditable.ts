import { isUtf8 } from 'node:buffer';
import { DeniedPath } from '../sandbox/workspace/deniedPath.ts';
import { openJail } from '../sandbox/workspace/jail.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * Content of a file that can be written back as it was read; undefined when there is none, it is larger than 1 MiB, or not
 * UTF-8: written back from a text with replacement characters, every line with such bytes would be another.
 */
export function readEditable(root: string, path: string): string | undefined {
  const jail = openJail(root);
  try {
    if (!jail.exists(path)) return undefined;
    const bytes = jail.read(path, MAX_BYTES);
    return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8') : undefined;
  } catch (error) {
    if (error instanceof DeniedPath) return undefined;
    throw error;
  } finally {
    jail.close();
  }
}
