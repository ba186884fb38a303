import { cpSync, existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import * as z from 'zod';
import type { Context } from './context.ts';

const WithRepo = z.object({ input: z.object({ repo: z.object({ path: z.string().min(1) }) }) });

/**
 * An example ships its repository beside its payload: `x.json` and `x/`. Where the payload's repository is not there yet
 * and belongs below the local workspace, the folder is copied to it. Nothing is ever overwritten.
 */
export function seedExample(context: Context, file: string | undefined, payload: unknown): void {
  const { directory, environment } = context.host;
  if (file === undefined || file === '-' || !isLoopback(context.settings.url)) return;
  const shipped = join(dirname(resolve(directory, file)), basename(file, '.json'));
  if (!existsSync(shipped) || !statSync(shipped).isDirectory()) return;
  const parsed = WithRepo.safeParse(payload);
  if (!parsed.success) return;
  const target = resolve(directory, parsed.data.input.repo.path);
  const workspace = resolve(directory, environment['WORKSPACE_ROOT'] || './workspace');
  if (target === shipped || !isBelow(target, workspace)) return;
  if (existsSync(target)) {
    context.terminal.err(`using ${target} as it is (remove it to start anew)\n`);
    return;
  }
  cpSync(shipped, target, { recursive: true, errorOnExist: true, force: false });
  context.terminal.err(`copied the example's repository to ${target}\n`);
}

/** Strictly below, with links resolved as far as the path exists. */
function isBelow(path: string, root: string): boolean {
  const way = relative(realPathOf(root), realPathOf(path));
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`);
}

function realPathOf(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realPathOf(parent), basename(path));
}

function isLoopback(url: string): boolean {
  return /^https?:\/\/(?:localhost|127\.[\d.]+|\[::1\])(?::\d+)?(?:\/|$)/.test(url);
}
