import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../lib/config/config.ts';
import type { BenchTask } from './buildTask.ts';
import { type BenchRun, transcriptOf } from './transcript.ts';

export interface BenchStage {
  /** Variables of a service that shares nothing with any other. */
  env: Environment;
  workspace: string;
  apiKey: string;
  remove(): void;
}

/** Where a sandbox tool that had to be fetched is kept, so that it is fetched once. */
const TOOLS = fileURLToPath(new URL('../../.agent/tools', import.meta.url));

/** Variables of the user's own service, which a bench must not touch. */
const NOT_INHERITED = ['DATABASE_URL', 'AWS_ENDPOINT_URL', 'API_KEY_FILE', 'READ_ACCESS'];

/** Temporary folders with every base tree and the transcript, and the environment of a service that uses them. */
export function setBenchStage(
  inherited: Environment,
  { runs, slots }: { runs: readonly BenchRun[]; slots: number },
): BenchStage {
  const root = mkdtempSync(join(tmpdir(), 'agent-bench-'));
  const [workspace, home] = [join(root, 'workspace'), join(root, 'home')];
  mkdirSync(workspace);
  linkSandboxTools(home);
  for (const task of new Set(runs.map((run) => run.task))) seed(workspace, task);
  const transcript = join(root, 'answers.json');
  writeFileSync(transcript, JSON.stringify(transcriptOf(runs)));
  const apiKey = 'bench-key';
  const kept = Object.entries(inherited).filter(([name]) => !NOT_INHERITED.includes(name));
  const env = {
    ...Object.fromEntries(kept),
    PROFILE: 'embedded',
    HOST: '127.0.0.1',
    PORT: '0',
    EDGE_PORT: '0',
    POSTGRES_PORT: '0',
    AGENT_HOME: home,
    WORKSPACE_ROOT: workspace,
    API_KEY: apiKey,
    // Only recorded answers: a model server of this machine would give answers of its own.
    MODEL_SERVERS: '',
    REPLAY_FILE: transcript,
    WORKER_CONCURRENCY: String(slots),
    OTEL_TRACES_EXPORTER: 'none',
    DRAIN_MS: '1000',
    LOG_LEVEL: 'warn',
  };
  return { env, workspace, apiKey, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** Makes `home`, with the sandbox tools that other homes have fetched. */
export function linkSandboxTools(home: string): void {
  for (const folder of [home, TOOLS]) mkdirSync(folder, { recursive: true });
  symlinkSync(TOOLS, join(home, 'tools'));
}

/** One tree for all answers: nothing is applied to it. */
function seed(workspace: string, { id, base }: BenchTask): void {
  mkdirSync(join(workspace, id));
  for (const [path, content] of Object.entries(base)) {
    const file = join(workspace, id, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}
