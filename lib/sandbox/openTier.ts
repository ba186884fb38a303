import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from '../telemetry/telemetry.ts';
import { type Groups, openGroups } from './cgroup/openGroups.ts';
import { type FoundInit, findInit } from './init/compileInit.ts';
import { bubblewrapTier } from './launch/bubblewrap.ts';
import { draftsFolder } from './launch/drafts.ts';
import { findBubblewrap } from './launch/findBubblewrap.ts';
import { initMount } from './launch/init.ts';
import { createLauncher } from './launch/launcher.ts';
import { writeEtc } from './launch/layout.ts';
import { namespacesTier } from './launch/namespaces.ts';
import type { Tier } from './launch/tier.ts';
import { seccompProgram } from './policy/seccomp.ts';
import { type SyscallTable, syscallTable } from './policy/syscalls.ts';
import { probe } from './probe/probe.ts';
import { NO_COMPILER, remedyFor } from './probe/remedy.ts';
import { PipePool } from './run/pipes.ts';
import type { Runner } from './run/runner.ts';
import type { SandboxStatus } from './sandbox.ts';
import type { HostTool } from './toolchain/hostTool.ts';
import { ownTools } from './toolchain/ownTools.ts';

export interface TierRequest {
  agentHome: string;
  /** `strict` takes bubblewrap or nothing, `auto` also namespaces, `fallback` these even without a system call filter. */
  mode: 'auto' | 'strict' | 'fallback';
  searchPath: readonly string[];
  shown: readonly HostTool[];
  logger: Logger;
}

export type OpenTier = { status: SandboxStatus; runner: Runner | undefined };

/** Finds the best tier that holds what it must. Nothing is taken for granted: each is tried. */
export async function openTier(request: TierRequest): Promise<OpenTier> {
  if (process.platform !== 'linux') return nothing(`there is no sandbox for ${process.platform}`);
  const table = syscallTable(process.arch);
  if (table === undefined) return nothing(`there is no system call filter for ${process.arch}`);
  const { searchPath, logger } = request;
  const toolsDir = path.join(request.agentHome, 'tools');
  const init = await findInit({ searchPath, toolsDir, logger });
  const groups = await openGroups(init.kind === 'found' ? init.file : undefined);
  const filter = writeFilter(request, table, init.kind === 'found');
  const first = await openBubblewrap(request, toolsDir, { file: filter, init, groups });
  if (first.runner !== undefined || request.mode === 'strict') return first;
  if (init.kind === 'missing' && request.mode !== 'fallback') return first;
  const tier = namespacesTier(init.kind === 'found' ? filter : undefined);
  const second = await tryTier(request, tier, { init, groups });
  if (second.runner === undefined) return first;
  logger.warn('tools run in the second tier', {
    tier: second.status.detail,
    reason: first.status.detail,
  });
  return { ...second, status: { ...second.status, remedy: first.status.remedy } };
}

async function openBubblewrap(
  request: TierRequest,
  toolsDir: string,
  found: Found & { file: string },
): Promise<OpenTier> {
  const { searchPath, logger } = request;
  const bwrap = await findBubblewrap({ searchPath, toolsDir, logger });
  if (bwrap.kind === 'missing') return nothing(`bubblewrap: ${bwrap.reason}`);
  const { file, init } = found;
  const byInit = init.kind === 'found';
  return tryTier(request, bubblewrapTier(bwrap.file, { file, byInit }), found);
}

/** The path of the filter: with our init one that hands over what would write. */
function writeFilter({ agentHome }: TierRequest, table: SyscallTable, watched: boolean): string {
  const name = `seccomp-${process.arch}${watched ? '-watched' : ''}.bpf`;
  const file = path.join(agentHome, 'sandbox', name);
  writeAtOnce(file, seccompProgram(table, { watched }));
  return file;
}

/** What every tier is opened with. */
interface Found {
  init: FoundInit;
  groups: Groups;
}

async function tryTier(request: TierRequest, tier: Tier, found: Found): Promise<OpenTier> {
  const { init, groups } = found;
  const runner = openRunner(request, tier, found);
  const probed = await probe(runner, tier, draftsFolder(request.agentHome, 'probe'));
  const failed =
    probed.kind === 'failed'
      ? probed.reason
      : probed.proved
          .filter(({ held }) => !held)
          .map(({ claim }) => `it is not true that ${claim}`)
          .join(', ');
  if (probed.kind === 'ran' && failed === '') {
    const status = { tier: tier.name, detail: detailOf(tier, init), proved: probed.proved };
    const remedy = init.kind === 'found' ? undefined : NO_COMPILER;
    return { status: { ...status, remedy, limits: groups.status }, runner };
  }
  runner.pipes.close();
  const { status } = nothing(`${tier.name} does not isolate here: ${failed}`);
  return {
    status: { ...status, proved: probed.kind === 'ran' ? probed.proved : [] },
    runner: undefined,
  };
}

function detailOf({ file, seccompFile }: Tier, init: FoundInit): string {
  const filter = seccompFile === undefined ? 'no system call filter' : 'system calls filtered';
  const audit = init.kind === 'found' ? 'denied writes audited' : `no audit: ${init.reason}`;
  return [file, filter, audit].join(', ');
}

function openRunner(
  { agentHome, shown }: TierRequest,
  tier: Tier,
  { init, groups }: Found,
): Runner {
  const etcFolder = path.join(agentHome, 'sandbox', 'etc');
  writeEtc(etcFolder);
  const drafts = draftsFolder(agentHome, 'pipes');
  const own = ownTools();
  const initFile = init.kind === 'found' ? init.file : undefined;
  const mounts = initFile === undefined ? [] : [initMount(initFile)];
  return {
    launcher: createLauncher(tier, { drafts, init: initFile }),
    pipes: new PipePool(drafts),
    etcFolder,
    own: { ...own, mounts: [...own.mounts, ...mounts] },
    shown,
    groups,
  };
}

function nothing(detail: string): OpenTier {
  const status = { tier: 'none' as const, detail, remedy: remedyFor(detail), proved: [] };
  return { status, runner: undefined };
}

function writeAtOnce(file: string, data: Buffer): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  fs.writeFileSync(draft, data);
  fs.renameSync(draft, file);
}
