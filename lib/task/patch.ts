import * as z from 'zod';

/** One file of a patch. Contents are base64 so that any bytes survive; null means the file is not there. */
export const FileChange = z.object({
  path: z.string(),
  /** Content in the base tree. */
  before: z.string().nullable(),
  /** Content in the result. */
  after: z.string().nullable(),
  /** POSIX permission bits of the result. */
  mode: z.int(),
  /** The same of the base tree; absent where the file is not there, or was recorded before bits were kept. */
  before_mode: z.int().optional(),
});
export type FileChange = z.infer<typeof FileChange>;

/** The result of a task against the tree it started from. */
export const Patch = z.object({
  base_tree_hash: z.string(),
  tree_hash: z.string(),
  changes: z.array(FileChange),
});
export type Patch = z.infer<typeof Patch>;

/** The patch that takes this one back. */
export function reversed({ base_tree_hash, tree_hash, changes }: Patch): Patch {
  return {
    base_tree_hash: tree_hash,
    tree_hash: base_tree_hash,
    changes: changes.map(({ path, before, after, mode, before_mode: beforeMode = mode }) => ({
      path,
      before: after,
      after: before,
      mode: beforeMode,
      before_mode: mode,
    })),
  };
}
