import picomatch from 'picomatch';
import type { Clock, EpochMs } from '../kernel/clock.ts';
import type { Random } from '../kernel/random.ts';
import type { ModelProvider } from '../llm/llm.ts';
import type { ModelCard } from '../models/card.ts';
import type { Sandbox, Toolchain } from '../sandbox/sandbox.ts';
import { hashOfFiles, listTree, type TreeFile } from '../sandbox/workspace/tree.ts';
import type { TaskPayload } from '../task/payload.ts';
import type { Plan } from '../task/roles.ts';
import { Budget } from './budget.ts';
import { type FirstQuestion, questionFor } from './firstQuestion.ts';
import type { Journal } from './journal.ts';
import type { CallLedger } from './ledger.ts';
import { JudgingFolder } from './oracle/judgingFolder.ts';
import { PROMPTS, versionsOf } from './promptTemplate.ts';

export interface SolveRequest {
  payload: TaskPayload;
  model: ModelCard;
  /** Absolute host paths: the tree the task started from, only read; and the one that becomes the result. */
  baseDir: string;
  workDir: string;
  /** For the copies that oracles judge, and their reports. */
  scratchDir: string;
  deadline: EpochMs;
}

export interface SolveTools {
  provider: ModelProvider;
  sandbox: Sandbox;
  journal: Journal;
  /** Absent: what is used is forgotten with the process, but for what the journal holds. */
  ledger?: CallLedger;
  clock: Clock;
  random: Random;
  signal: AbortSignal;
}

/** Everything that the steps of one task share. */
export interface TaskRun extends FirstQuestion {
  request: SolveRequest;
  tools: SolveTools;
  budget: Budget;
  /** All that the base tree holds: read once, because nobody writes to it and no tool can see it. */
  base: readonly TreeFile[];
  baseFiles: readonly string[];
  baseHash: string;
  /** Where its oracles judge. */
  judging: JudgingFolder;
  toolchains: ReadonlyMap<string, Toolchain>;
  /** Isolation tier and tool versions: an oracle step of another machine is stale. */
  environment: unknown;
  /** What a planner has answered. */
  plan: Plan | undefined;
  /** True for paths that the task's own globs keep from being written. */
  isExcluded: (path: string) => boolean;
  /** Answers, or parts of them, that could not be used. */
  formatErrors: number;
}

export async function openTaskRun(request: SolveRequest, tools: SolveTools): Promise<TaskRun> {
  const { payload, baseDir, deadline } = request;
  const base = await listTree(baseDir);
  const baseFiles = base.filter(({ link }) => link === undefined).map(({ path }) => path);
  const found = await tools.sandbox.toolchains();
  const { max_tokens: maxTokens, latency_ms: latencyMs } = payload.input.constraints;
  return {
    request,
    tools,
    budget: new Budget({
      ...{ maxTokens, latencyMs, deadline, clock: tools.clock },
      earlier: tools.ledger?.earlier,
    }),
    base,
    baseFiles,
    baseHash: hashOfFiles(base),
    judging: await JudgingFolder.open(request.scratchDir),
    toolchains: new Map(found.map((toolchain) => [toolchain.tool, toolchain])),
    environment: {
      tier: tools.sandbox.status().tier,
      tools: found.map(({ tool, version }) => [tool, version]).sort(),
    },
    ...questionFor(request, baseFiles, {}),
    plan: undefined,
    isExcluded: picomatch(payload.input.repo.exclude ?? [], { dot: true }),
    formatErrors: 0,
  };
}

/** Versions of the prompts: an answer to another wording is another answer. */
export function promptVersions(): string[] {
  return versionsOf(PROMPTS);
}
