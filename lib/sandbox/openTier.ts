import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from '../telemetry/telemetry.ts';
import { bubblewrapTier } from './launch/bubblewrap.ts';
import { findBubblewrap } from './launch/findBubblewrap.ts';
import { createLauncher } from './launch/launcher.ts';
import { writeEtc } from './launch/layout.ts';
import { namespacesTier } from './launch/namespaces.ts';
import type { Tier } from './launch/tier.ts';
import { seccompProgram } from './policy/seccomp.ts';
import { syscallTable } from './policy/syscalls.ts';
import { probe } from './probe/probe.ts';
import { remedyFor } from './probe/remedy.ts';
import { PipePool } from './run/pipes.ts';
import type { Runner } from './run/runner.ts';
import type { SandboxStatus } from './sandbox.ts';
import type { HostTool } from './toolchain/hostTool.ts';
import { ownTools } from './toolchain/ownTools.ts';

export interface TierRequest {
  agentHome: string;
  /** `auto` and `strict` take bubblewrap or nothing; `fallback` also takes namespaces without a system call filter. */
  mode: 'auto' | 'strict' | 'fallback';
  searchPath: readonly string[];
  shown: readonly HostTool[];
  logger: Logger;
}

export type OpenTier = { status: SandboxStatus; runner: Runner | undefined };

/** Finds the best tier that holds what it must. Nothing is taken for granted: each is tried. */
export async function openTier(request: TierRequest): Promise<OpenTier> {
  if (process.platform !== 'linux') return nothing(`there is no sandbox for ${process.platform}`);
  const first = await openBubblewrap(request);
  if (first.runner !== undefined || request.mode !== 'fallback') return first;
  const second = await tryTier(request, namespacesTier());
  const remedy = first.status.remedy;
  if (second.runner !== undefined)
    request.logger.warn('tools run without a system call filter', { reason: first.status.detail });
  return { ...second, status: { ...second.status, remedy } };
}

async function openBubblewrap(request: TierRequest): Promise<OpenTier> {
  const table = syscallTable(process.arch);
  if (table === undefined) return nothing(`there is no system call filter for ${process.arch}`);
  const { agentHome, searchPath, logger } = request;
  const toolsDir = path.join(agentHome, 'tools');
  const found = await findBubblewrap({ searchPath, toolsDir, logger });
  if (found.kind === 'missing') return nothing(`bubblewrap: ${found.reason}`);
  const filter = path.join(agentHome, 'sandbox', `seccomp-${process.arch}.bpf`);
  writeAtOnce(filter, seccompProgram(table));
  return tryTier(request, bubblewrapTier(found.file, filter));
}

async function tryTier(request: TierRequest, tier: Tier): Promise<OpenTier> {
  const runner = openRunner(request, tier);
  const probed = await probe(runner, tier);
  const failed =
    probed.kind === 'failed'
      ? probed.reason
      : probed.proved
          .filter(({ held }) => !held)
          .map(({ claim }) => `it is not true that ${claim}`)
          .join(', ');
  if (probed.kind === 'ran' && failed === '') {
    const detail = `${tier.file}, ${tier.seccompFile === undefined ? 'no system call filter' : 'system calls filtered'}`;
    return { status: { tier: tier.name, detail, proved: probed.proved }, runner };
  }
  runner.pipes.close();
  const { status } = nothing(`${tier.name} does not isolate here: ${failed}`);
  return {
    status: { ...status, proved: probed.kind === 'ran' ? probed.proved : [] },
    runner: undefined,
  };
}

function openRunner({ agentHome, shown }: TierRequest, tier: Tier): Runner {
  const etcFolder = path.join(agentHome, 'sandbox', 'etc');
  writeEtc(etcFolder);
  const pipes = new PipePool(pipesFolder(path.join(agentHome, 'sandbox')));
  return { launcher: createLauncher(tier), pipes, etcFolder, own: ownTools(), shown };
}

/** A folder for this process, and away with those of processes that died without a word. */
function pipesFolder(parent: string): string {
  for (const name of fs.readdirSync(parent)) {
    const pid = /^pipes-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !fs.existsSync(`/proc/${pid}`))
      fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
  return fs.mkdtempSync(path.join(parent, `pipes-${process.pid}-`));
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
