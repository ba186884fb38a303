import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CallLedger } from '../../lib/agents/ledger.ts';
import { type Solved, solve } from '../../lib/agents/solve.ts';
import { type EpochMs, systemClock } from '../../lib/kernel/clock.ts';
import { systemRandom } from '../../lib/kernel/random.ts';
import type { ModelProvider } from '../../lib/llm/llm.ts';
import type { ModelCard } from '../../lib/models/card.ts';
import { createSandbox } from '../../lib/sandbox/adapters/bubblewrap.ts';
import type { Sandbox } from '../../lib/sandbox/sandbox.ts';
import type { EventType } from '../../lib/task/event.ts';
import { TaskPayload } from '../../lib/task/payload.ts';
import { createLogger } from '../../lib/telemetry/adapters/pinoLogger.ts';
import { openSeparateHome } from '../../scripts/start/separateSystem.ts';
import { type MemoryJournal, memoryJournal, type Rows } from './memoryJournal.ts';
import { modelCard } from './modelCard.ts';
import { type ScriptedProvider, scriptedProvider } from './scriptedProvider.ts';

export interface Scene {
  language: TaskPayload['input']['language'];
  goal?: string;
  /** Path > content of the repository. */
  tree: Record<string, string | Uint8Array>;
  expected?: string[];
  answers?: string[];
  provider?: ModelProvider;
  model?: ModelCard;
  sandbox?: Sandbox;
  oracle?: object;
  nonNegotiables?: object;
  constraints?: object;
  exclude?: string[];
  /** Rows of an earlier attempt. */
  rows?: Rows;
  signal?: AbortSignal;
  /** What calls of earlier attempts have used. */
  ledger?: CallLedger;
}

export interface Outcome {
  solved: Solved;
  journal: MemoryJournal;
  provider: ScriptedProvider;
  /** Content of a file of the result. */
  read(path: string): string;
  readBytes(path: string): Buffer;
}

export interface SolveBench {
  sandbox: Sandbox;
  solve(scene: Scene): Promise<Outcome>;
  close(): void;
}

/** The agents with the real sandbox, a journal in memory and scripted answers. */
export async function openSolveBench(options: { cacheDir?: string } = {}): Promise<SolveBench> {
  const root = mkdtempSync(join(tmpdir(), 'agent-solve-'));
  openSeparateHome(join(root, 'home'));
  const sandbox = await createSandbox({
    agentHome: join(root, 'home'),
    mode: 'auto',
    toolsAllowed: [],
    ...options,
    logger: createLogger({ level: 'error', service: 'test' }),
  });
  return {
    sandbox,
    solve: (scene) => solveScene(mkdtempSync(join(root, 'task-')), sandbox, scene),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

async function solveScene(root: string, sandbox: Sandbox, scene: Scene): Promise<Outcome> {
  const base = join(root, 'base');
  const work = join(root, 'work');
  mkdirSync(join(root, 'scratch'));
  for (const folder of [base, work]) {
    mkdirSync(folder);
    for (const [path, content] of Object.entries(scene.tree)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  }
  const journal = memoryJournal({ base, work }, scene.rows);
  const provider = scriptedProvider(scene.answers ?? ['']);
  const payload = payloadOf(scene);
  const deadline = (Date.now() + payload.input.constraints.latency_ms) as EpochMs;
  const solved = await solve(
    {
      payload,
      model: scene.model ?? modelCard(),
      baseDir: base,
      workDir: work,
      scratchDir: join(root, 'scratch'),
      deadline,
    },
    {
      provider: scene.provider ?? provider,
      sandbox: scene.sandbox ?? sandbox,
      journal,
      clock: systemClock,
      random: systemRandom,
      signal: scene.signal ?? new AbortController().signal,
      ...(scene.ledger && { ledger: scene.ledger }),
    },
  );
  const readBytes = (path: string) => readFileSync(join(work, path));
  const read = (path: string) => readBytes(path).toString('utf8');
  return { solved, journal, provider, read, readBytes };
}

function payloadOf(scene: Scene): TaskPayload {
  return TaskPayload.parse({
    type: 'CODE',
    input: {
      language: scene.language,
      repo: { path: '.', exclude: scene.exclude ?? [] },
      constraints: scene.constraints ?? {},
      goal: scene.goal ?? 'Make the tests pass.',
    },
    output_contract: { expected_files: scene.expected ?? [] },
    non_negotiables: scene.nonNegotiables ?? {},
    oracle: scene.oracle ?? {},
  });
}

/** The data of the events of one type. */
export function eventsOf(journal: MemoryJournal, type: EventType): Record<string, unknown>[] {
  return journal.events.filter((event) => event.type === type).map(({ data }) => ({ ...data }));
}

/** A sandbox on a machine whose bubblewrap cannot isolate: it fails closed. */
export async function openBrokenSandbox(): Promise<{ sandbox: Sandbox; close(): void }> {
  const root = mkdtempSync(join(tmpdir(), 'agent-no-sandbox-'));
  const help = 'echo --bind-fd --disable-userns --add-seccomp-fd --json-status-fd';
  writeFileSync(join(root, 'bwrap'), `#!/bin/sh\n${help}\n`, { mode: 0o755 });
  const sandbox = await createSandbox({
    agentHome: root,
    mode: 'strict',
    toolsAllowed: [],
    searchPath: [root],
    logger: createLogger({ level: 'silent', service: 'test' }),
  });
  return { sandbox, close: () => rmSync(root, { recursive: true, force: true }) };
}
