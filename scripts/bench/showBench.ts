import type { Context } from '../agentctl/context.ts';
import type { BenchFlags } from './benchFlags.ts';
import { playedLine, scoreLines } from './benchLines.ts';
import type { BenchTask } from './buildTask.ts';
import { type Bench, readManifest } from './manifest.ts';
import { judgeMutants } from './mutants/judgeMutants.ts';
import { mutantLines } from './mutants/mutantLines.ts';
import { runBench } from './runBench.ts';
import { scoreRuns } from './score.ts';

/** Plays the bench and shows what came of it; true when nothing was judged wrongly. */
export async function showBench(
  context: Context,
  manifest: string,
  flags: BenchFlags,
): Promise<boolean> {
  const { terminal, palette, host } = context;
  const tasks = chosen(readManifest(manifest), flags);
  const say = (line: string): void => terminal.err(`${line}\n`);
  const common = { tasks, env: host.environment, slots: flags.slots, signal: host.interrupted };
  const began = performance.now();
  const played = await runBench({
    ...common,
    log: (line) => say(palette.dim(line)),
    onEnd: (run) => say(playedLine(run, palette)),
  });
  const score = scoreRuns(played);
  const mutants =
    flags.mutants === 0
      ? undefined
      : await judgeMutants({ ...common, count: flags.mutants, seed: flags.seed, log: say });
  const well =
    score.falseDone.length + score.refusedGold.length === 0 && (mutants?.wrong.length ?? 0) === 0;
  const wall_ms = Math.round(performance.now() - began);
  const lines = [
    ...scoreLines(score, palette),
    ...(mutants === undefined ? [] : mutantLines(mutants, palette)),
  ];
  terminal.out(
    context.json
      ? `${JSON.stringify({ well, wall_ms, score, mutants, answers: played })}\n`
      : `${lines.join('\n')}\n`,
  );
  return well;
}

function chosen({ tasks, short }: Bench, { only, short: isShort }: BenchFlags): BenchTask[] {
  const ids = only ?? (isShort === true ? short : tasks.map(({ id }) => id));
  const unknown = ids.filter((id) => !tasks.some((task) => task.id === id));
  if (unknown.length > 0) throw new Error(`the manifest has no task ${unknown.join(', ')}`);
  return tasks.filter(({ id }) => ids.includes(id));
}
