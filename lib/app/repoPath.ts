import { isAbsolute, relative, resolve, sep } from 'node:path';
import { Refusal } from '../kernel/errors.ts';

interface Place {
  /** Where relative paths start; absolute. */
  workingDirectory: string;
  /** Absolute. */
  workspaceRoot: string;
}

/** A lexical check only: the worker, which sees the files, looks through symlinks. */
export function requireRepoBelowWorkspace(path: string, place: Place): void {
  const target = resolve(place.workingDirectory, path);
  const way = relative(place.workspaceRoot, target);
  if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)) return;
  const detail = `repo.path leads to ${target}, outside the workspace ${place.workspaceRoot}`;
  throw new Refusal('invalid', detail, {
    code: 'path_outside_workspace',
    remedy:
      'give a path at or below the workspace, or start the service with WORKSPACE_ROOT set to a folder above',
    errors: [{ pointer: '/input/repo/path', detail }],
  });
}
