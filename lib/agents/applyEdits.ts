import { DeniedPath } from '../sandbox/workspace/deniedPath.ts';
import { type Jail, openJail } from '../sandbox/workspace/jail.ts';
import type { ChangedFile } from '../task/view.ts';
import type { EditProblem } from './edits/parseEdits.ts';

export interface DeniedWrite {
  path: string;
  /** Where it would have led: absolute. */
  target: string;
  reason: string;
}

export interface AppliedEdits {
  files: ChangedFile[];
  denied: DeniedWrite[];
  problems: EditProblem[];
}

const MAX_READ = 64 * 1024 * 1024;

/** Writes the files below `root`, never through a link. A file that is so already is no change. */
export function applyEdits(
  root: string,
  files: readonly { path: string; content: string }[],
): AppliedEdits {
  const applied: AppliedEdits = { files: [], denied: [], problems: [] };
  const jail = openJail(root);
  try {
    for (const file of files) applyOne(jail, file, applied);
  } finally {
    jail.close();
  }
  return applied;
}

function applyOne(
  jail: Jail,
  file: { path: string; content: string },
  applied: AppliedEdits,
): void {
  const { path, content } = file;
  try {
    const isThere = jail.exists(path);
    if (isThere && jail.read(path, MAX_READ).equals(Buffer.from(content))) return;
    jail.write(path, content);
    const action = isThere ? 'modified' : 'created';
    applied.files.push({ path, action, bytes: Buffer.byteLength(content) });
  } catch (error) {
    if (!(error instanceof DeniedPath)) throw error;
    const { target, reason } = error;
    applied.denied.push({ path, target, reason });
    applied.problems.push({ code: 'unsafe_path', path, detail: reason });
  }
}
