import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Toolchain } from '../../sandbox/sandbox.ts';
import { removeTree } from '../../sandbox/workspace/removeTree.ts';
import type { TreeFile } from '../../sandbox/workspace/tree.ts';
import type { Language, TaskPayload } from '../../task/payload.ts';
import type { OraclePhase, OracleRun } from '../../task/verdict.ts';
import { countCases, type JudgedRun, keptCases } from './cases.ts';
import { detectProject } from './detect.ts';
import { excerpt } from './excerpt.ts';
import { type ExecTools, execCommands } from './execCommands.ts';
import { type JudgedCopy, makeJudgedCopy } from './judgedTree.ts';
import type { JudgingFolder } from './judgingFolder.ts';
import { planC } from './languages/c.ts';
import { planGo } from './languages/go.ts';
import { planJava } from './languages/java.ts';
import { planNode } from './languages/node.ts';
import { planPython } from './languages/python.ts';
import { planRust } from './languages/rust.ts';
import type { CommandResult, Impossible, OraclePlan, OracleSetting, Reading } from './plan.ts';
import { planCommand } from './userCommand.ts';

export interface OracleTools extends ExecTools {
  toolchains: ReadonlyMap<string, Toolchain>;
}

export interface OracleRequest {
  step: string;
  phase: Exclude<OraclePhase, 'non_negotiables'>;
  payload: TaskPayload;
  /** The tree to judge, and what it holds. */
  tree: string;
  treeFiles: readonly TreeFile[];
  base: string;
  /** What `base` holds. */
  baseFiles: readonly TreeFile[];
  overlay?: { from: string; paths: readonly string[] };
  judging: JudgingFolder;
  /** For the reports. */
  scratchDir: string;
  /** Milliseconds for the whole run. */
  wallMs: number;
}

const ADAPTERS: Record<Language, (setting: OracleSetting) => OraclePlan> = {
  java: planJava,
  python: planPython,
  typescript: planNode,
  javascript: planNode,
  go: planGo,
  rust: planRust,
  c: planC,
  cpp: planC,
};

/** Judges a copy of the tree; the tree itself is never touched by a tool. */
export async function runOracle(tools: OracleTools, request: OracleRequest): Promise<JudgedRun> {
  const place = await mkdtemp(join(request.scratchDir, `${request.phase}-`));
  try {
    const { tree, treeFiles, base, baseFiles, judging, overlay, payload } = request;
    const copy = await makeJudgedCopy({
      ...{ tree, treeFiles, base, baseFiles, judging, language: payload.input.language },
      ...(overlay === undefined ? {} : { overlay }),
      signal: tools.signal,
    });
    const reportDir = join(place, 'report');
    await mkdir(reportDir);
    return await judge(tools, request, { copy, reportDir });
  } finally {
    await removeTree(place);
  }
}

interface Bench {
  copy: JudgedCopy;
  reportDir: string;
}

async function judge(tools: OracleTools, request: OracleRequest, bench: Bench): Promise<JudgedRun> {
  const plan = planFor(tools, request, bench);
  if (plan.kind === 'impossible') return told(notRun(plan), { request, bench, results: [] });
  const executed = await execCommands(tools, plan.commands, {
    step: request.step,
    workspace: bench.copy.tree.root,
    reportDir: bench.reportDir,
    wallMs: request.wallMs,
  });
  if (executed.kind === 'impossible')
    return told(notRun(executed), { request, bench, results: [] });
  const { results } = executed;
  const ended = { request, bench, results };
  const stopped = results.find(({ ran }) => ran.termination === 'wall_timeout');
  const reading = plan.read(results);
  // What is missing here explains an end as well, and better.
  const limit = reading.cause === undefined ? explainLimits(results) : {};
  const explained = { ...reading, ...limit };
  if (stopped === undefined) return told(explained, ended);
  return told({ ...explained, status: 'timeout', cause: 'oracle_timed_out' }, ended);
}

function planFor(tools: OracleTools, request: OracleRequest, bench: Bench): OraclePlan {
  const { payload, phase } = request;
  const { copy, reportDir } = bench;
  const nonNegotiables = payload.non_negotiables;
  const { language } = payload.input;
  const setting: OracleSetting = {
    phase: phase === 'command' ? 'full' : phase,
    tree: copy.tree,
    project: detectProject(copy.tree.files, language, nonNegotiables.build_tool),
    baseTests: copy.baseTests,
    reportDir,
    tools: tools.toolchains,
    nonNegotiables,
  };
  if (phase === 'command') return planCommand(payload.oracle.command ?? [], setting);
  return ADAPTERS[language](setting);
}

/** The first limit that a run ran into: a reader of exit codes and reports alone would not know. */
function explainLimits(results: readonly CommandResult[]): { reason?: string; remedy?: string } {
  return results.find(({ ran }) => ran.stopped !== undefined)?.ran.stopped ?? {};
}

function notRun({ status, reason, cause, remedy }: Impossible): Reading {
  return {
    status,
    suiteRan: false,
    reason,
    ...(cause === undefined ? {} : { cause }),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

interface Told {
  request: OracleRequest;
  bench: Bench;
  results: readonly CommandResult[];
}

function told(reading: Reading, { request, bench, results }: Told): JudgedRun {
  const { status, suiteRan, diagnostics = [], reason, cause, remedy } = reading;
  const cases = reading.cases ?? [];
  const last = results.at(-1);
  const output = results.map(({ ran }) => `${ran.stdout}${ran.stderr}`).join('');
  const run: OracleRun = {
    phase: request.phase,
    status,
    tool: last?.command.tool ?? '',
    argv: last === undefined ? [] : [last.command.tool, ...last.command.args],
    exit: last?.ran.exit ?? null,
    ms: Math.round(results.reduce((sum, { ran }) => sum + ran.wallMs, 0)),
    tests: reading.cases === undefined ? null : countCases(cases),
    cases: keptCases(cases),
    suite_ran: suiteRan,
    diagnostics,
    tree_hash: bench.copy.hash,
    ...(reason === undefined ? {} : { reason }),
    ...(cause === undefined ? {} : { cause }),
    ...(remedy === undefined ? {} : { remedy }),
    log: excerpt(output),
  };
  return { run, cases };
}
