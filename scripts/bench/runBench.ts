import { createClient } from '../../lib/client/createClient.ts';
import type { Environment } from '../../lib/config/config.ts';
import { startSystem } from '../start/system.ts';
import { setBenchStage } from './benchStage.ts';
import type { BenchTask } from './buildTask.ts';
import { type PlayedRun, playRuns } from './playRuns.ts';
import { benchRuns } from './transcript.ts';

export interface BenchOptions {
  tasks: readonly BenchTask[];
  env: Environment;
  slots: number;
  signal: AbortSignal;
  log: (line: string) => void;
  onEnd: (played: PlayedRun) => void;
}

/** Plays every answer through a whole system of its own, on free ports, which is gone again at the end. */
export async function runBench(options: BenchOptions): Promise<PlayedRun[]> {
  const { tasks, env, slots, signal, log, onEnd } = options;
  const runs = benchRuns(tasks);
  await using undo = new AsyncDisposableStack();
  const stage = setBenchStage(env, { runs, slots });
  undo.defer(() => stage.remove());
  const system = await startSystem({ env: stage.env, log, signal });
  undo.defer(() => system.stop());
  const client = createClient({ url: system.url, apiKey: stage.apiKey });
  return await playRuns(runs, { client, workspace: stage.workspace, slots, signal, onEnd });
}
