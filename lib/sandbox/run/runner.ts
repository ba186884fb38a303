import fs from 'node:fs';
import path from 'node:path';
import type { Groups } from '../cgroup/openGroups.ts';
import type { RunGroup } from '../cgroup/runGroup.ts';
import { isOpenToAll, sandboxUser } from '../launch/launcher.ts';
import { hostLayout } from '../launch/layout.ts';
import { FIXED_ENVIRONMENT } from '../policy/environment.ts';
import { limitsOf } from '../policy/limits.ts';
import { memoryEnvironment } from '../policy/tools.ts';
import type { ExecRan, Limits } from '../sandbox.ts';
import type { ToolCaches } from '../toolchain/caches.ts';
import type { HostTool } from '../toolchain/hostTool.ts';
import { type OwnTools, TOOLCHAIN } from '../toolchain/ownTools.ts';
import { openRoot } from '../workspace/beneath.ts';
import { preflight } from '../workspace/preflight.ts';
import type { Launcher, Mount, RunPlan } from './launch.ts';
import type { PipePool } from './pipes.ts';
import { type NotSetUp, type Supervision, supervise } from './supervise.ts';

/** A command inside, before any policy: only the sandbox itself makes these. */
export interface Command {
  /** Absolute path inside, then arguments. */
  words: readonly string[];
  /** Tools whose folders must be there, beyond the service's own. */
  tools: readonly HostTool[];
  /** What was fetched before for them. */
  caches?: ToolCaches | undefined;
  workspace: string;
  reportDir?: string | undefined;
  environment?: Readonly<Record<string, string>> | undefined;
  limits?: Partial<Limits> | undefined;
  signal: AbortSignal;
}

export interface Runner {
  launcher: Launcher;
  pipes: PipePool;
  etcFolder: string;
  own: OwnTools;
  /** Tools that every run sees where they cost nothing to show. */
  shown: readonly HostTool[];
  /** The control groups of runs. */
  groups: Groups;
}

/** Runs one command. Throws DeniedPath when the workspace or the report folder holds what no run may meet. */
export async function runCommand(runner: Runner, command: Command): Promise<ExecRan | NotSetUp> {
  using workspace = openFolder(command.workspace);
  using report = command.reportDir === undefined ? undefined : openFolder(command.reportDir);
  const owner = sandboxUser();
  const { bytes } = await preflight(workspace.descriptor, workspace.path, owner);
  if (report !== undefined) await preflight(report.descriptor, report.path, owner);
  const folders = { workspace: workspace.descriptor, report: report?.descriptor };
  const opened = openGroup(runner, limitsOf(command.limits));
  if (opened.kind === 'not_set_up') return opened;
  const { group } = opened;
  try {
    const plan = { ...planOf(runner, command, folders), group: group?.procs };
    const { pipes } = runner;
    const launch = runner.launcher(plan);
    const { signal } = command;
    return await superviseOnce({ launch, plan, pipes, diskAtStart: bytes, signal, group });
  } finally {
    await group?.remove();
  }
}

async function superviseOnce(supervision: Supervision): Promise<ExecRan | NotSetUp> {
  const { seccomp, hiddenArgs } = supervision.launch;
  try {
    return await supervise(supervision);
  } finally {
    for (const file of [seccomp, hiddenArgs]) if (file !== undefined) fs.closeSync(file);
  }
}

/** Where runs have control groups none runs without one. */
function openGroup(
  { groups }: Runner,
  limits: Limits,
): NotSetUp | { kind: 'opened'; group: RunGroup | undefined } {
  try {
    return { kind: 'opened', group: groups.open?.(limits) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'not_set_up', stderr: `the control group of the run: ${reason}` };
  }
}

function openFolder(folder: string): Disposable & { descriptor: number; path: string } {
  const absolute = path.resolve(folder);
  const descriptor = openRoot(absolute);
  return { descriptor, path: absolute, [Symbol.dispose]: () => fs.closeSync(descriptor) };
}

function planOf(
  runner: Runner,
  command: Command,
  folders: Pick<RunPlan, 'workspace' | 'report'>,
): Omit<RunPlan, 'group'> {
  const limits = limitsOf(command.limits);
  const host = hostLayout(runner.etcFolder);
  const tools = [...command.tools, ...runner.shown.filter((tool) => costsNothing(tool))];
  const mounts = [
    ...host.mounts,
    ...runner.own.mounts,
    ...tools.flatMap((tool) => tool.mounts),
  ].concat(command.caches?.mounts ?? []);
  return {
    ...folders,
    mounts: unique(mounts),
    links: [...host.links, ...runner.own.links],
    environment: {
      ...FIXED_ENVIRONMENT,
      ...withOptions(command.caches?.environment ?? {}, memoryEnvironment(limits.memoryMiB)),
      ...command.environment,
      PATH: searchPathOf(tools),
    },
    command: command.words,
    limits,
  };
}

/** Both, where both have options for the same tool. */
function withOptions(
  caches: Record<string, string>,
  memory: Record<string, string>,
): Record<string, string> {
  const joined = Object.entries(memory).map(([name, options]): [string, string] => [
    name,
    [options, caches[name]].filter((each) => each !== undefined).join(' '),
  ]);
  return { ...caches, ...Object.fromEntries(joined) };
}

/** Showing a closed folder takes another mount as root: only for the tool that is asked for. */
function costsNothing(tool: HostTool): boolean {
  return sandboxUser() === undefined || tool.mounts.every(({ source }) => isOpenToAll(source));
}

function searchPathOf(tools: readonly HostTool[]): string {
  const folders = tools.flatMap((tool) => tool.folder ?? []);
  return [...new Set([`${TOOLCHAIN}/bin`, ...folders]), '/usr/local/bin', '/usr/bin', '/bin'].join(
    ':',
  );
}

function unique(mounts: readonly Mount[]): Mount[] {
  return [...new Map(mounts.map((mount) => [mount.destination, mount])).values()];
}
