import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../../lib/config/config.ts';
import { openSeparateHome, separateEnvironment } from '../start/separateSystem.ts';
import type { BenchTask } from './buildTask.ts';
import { type BenchRun, transcriptOf } from './transcript.ts';

export interface BenchStage {
  /** Variables of a service that shares nothing with any other. */
  env: Environment;
  workspace: string;
  apiKey: string;
  remove(): void;
}

/** Temporary folders with every base tree and the transcript, and the environment of a service that uses them. */
export function setBenchStage(
  inherited: Environment,
  { runs, slots }: { runs: readonly BenchRun[]; slots: number },
): BenchStage {
  const root = mkdtempSync(join(tmpdir(), 'agent-bench-'));
  const [workspace, home] = [join(root, 'workspace'), join(root, 'home')];
  mkdirSync(workspace);
  openSeparateHome(home);
  for (const task of new Set(runs.map((run) => run.task))) seed(workspace, task);
  const transcript = join(root, 'answers.json');
  writeFileSync(transcript, JSON.stringify(transcriptOf(runs)));
  const apiKey = 'bench-key';
  const env = {
    ...separateEnvironment(inherited, { home, workspace, apiKey }),
    // Only recorded answers: a model server of this machine would give answers of its own. Nobody listens on port 1.
    MODEL_SERVERS: 'none=http://127.0.0.1:1/v1',
    REPLAY_FILE: transcript,
    WORKER_CONCURRENCY: String(slots),
    OTEL_TRACES_EXPORTER: 'none',
    LOG_LEVEL: 'warn',
  };
  return { env, workspace, apiKey, remove: () => rmSync(root, { recursive: true, force: true }) };
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
