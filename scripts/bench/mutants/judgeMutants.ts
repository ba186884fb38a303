import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSandbox } from '../../../lib/composeWorker.ts';
import { type Environment, loadConfig } from '../../../lib/config/config.ts';
import type { Sandbox } from '../../../lib/sandbox/sandbox.ts';
import { openSeparateHome } from '../../start/separateSystem.ts';
import type { BenchTask } from '../buildTask.ts';
import { type ChosenMutant, chooseMutants } from './chooseMutants.ts';
import type { OwnTests } from './runOwnTests.ts';
import { runOwnTests } from './runOwnTests.ts';
import { solveMutant, writeTree } from './solveMutant.ts';

export interface JudgedMutant {
  task: string;
  line: number;
  what: string;
  before: string;
  after: string;
  /** What the project's own tests, run directly, say of it. */
  tests: OwnTests;
  /** Name of the verdict, or the code of the failure. */
  ended: string;
  summary: string;
}

export interface MutantReport {
  mutants: number;
  /** By the project's own tests. */
  killed: number;
  timedOut: number;
  /** Of the killed. */
  refuted: number;
  killedButVerified: number;
  ms: number;
  /** Killed and not refuted, or timed out and verified. */
  wrong: JudgedMutant[];
}

interface MutantOptions {
  tasks: readonly BenchTask[];
  env: Environment;
  slots: number;
  count: number;
  seed: number;
  signal: AbortSignal;
  log: (line: string) => void;
}

/** Judges mutants by the agents themselves, with the real sandbox but without server, queue and database. */
export async function judgeMutants(options: MutantOptions): Promise<MutantReport> {
  const { tasks, env, slots, count, seed, signal, log } = options;
  const began = performance.now();
  const root = mkdtempSync(join(tmpdir(), 'agent-mutants-'));
  const chosen = [...chooseMutants(tasks, { count, seed }).entries()];
  const judged: JudgedMutant[] = [];
  try {
    const home = join(root, 'home');
    openSeparateHome(home);
    const config = loadConfig({ ...env, AGENT_HOME: home, LOG_LEVEL: 'error' });
    const sandbox = await openSandbox(config);
    const baselines = new Map<string, unknown>();
    const work = async (): Promise<void> => {
      for (let next = chosen.shift(); next !== undefined; next = chosen.shift()) {
        const [number, mutant] = next;
        const place = join(root, String(number));
        judged[number] = await judgeOne(mutant, { sandbox, place, baselines }, signal);
        rmSync(place, { recursive: true, force: true });
        if (number % 25 === 24) log(`${number + 1} mutants judged`);
      }
    };
    await Promise.all(Array.from({ length: slots }, work));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  return { ...countMutants(judged), ms: Math.round(performance.now() - began) };
}

interface Place {
  sandbox: Sandbox;
  place: string;
  baselines: Map<string, unknown>;
}

async function judgeOne(
  { task, mutant }: ChosenMutant,
  { sandbox, place, baselines }: Place,
  signal: AbortSignal,
): Promise<JudgedMutant> {
  mkdirSync(place);
  const workspace = join(place, 'tests');
  writeTree(workspace, { ...task.base, [task.source]: mutant.text });
  const reportDir = join(place, 'report');
  const tests = await runOwnTests(task, { sandbox, workspace, reportDir }, signal);
  // A loop is known by now: no need to wait long for it again.
  const latencyMs = tests === 'timed out' ? 10_000 : 120_000;
  const { ended, summary } = await solveMutant(task, mutant, {
    ...{ sandbox, place, baselines, latencyMs, signal },
  });
  const { line, what, before, after } = mutant;
  return { task: task.id, line, what, before, after, tests, ended, summary };
}

function countMutants(judged: readonly JudgedMutant[]): Omit<MutantReport, 'ms'> {
  const killed = judged.filter(({ tests }) => tests === 'killed');
  const timedOut = judged.filter(({ tests }) => tests === 'timed out');
  const isVerified = ({ ended }: JudgedMutant): boolean => ended === 'verified';
  return {
    mutants: judged.length,
    killed: killed.length,
    timedOut: timedOut.length,
    refuted: killed.filter(({ ended }) => ended === 'refuted').length,
    killedButVerified: [...killed, ...timedOut].filter(isVerified).length,
    wrong: [...killed.filter(({ ended }) => ended !== 'refuted'), ...timedOut.filter(isVerified)],
  };
}
