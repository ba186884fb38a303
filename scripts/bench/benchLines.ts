import type { Palette } from '../agentctl/render/palette.ts';
import { duration, table } from '../agentctl/render/text.ts';
import type { PlayedRun } from './playRuns.ts';
import type { Score } from './score.ts';

/** One line an answer, while the bench runs. */
export function playedLine(played: PlayedRun, palette: Palette): string {
  const { task, kind, ended, ms } = played;
  const told = `${task.padEnd(22)} ${kind.padEnd(24)} ${ended.padEnd(20)} ${duration(ms)}`;
  if (isFault(played)) return palette.red(`${told}  WRONG`);
  return palette.dim(told);
}

function isFault({ wanted, ended }: PlayedRun): boolean {
  return wanted === undefined ? ended === 'verified' : ended !== wanted;
}

/** The score as a person reads it, with every answer that was judged wrongly. */
export function scoreLines(score: Score, palette: Palette): string[] {
  const { answers, verified, time } = score;
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const rows = table([
    ['tasks', String(score.tasks), ''],
    [
      'gold answers',
      String(answers.gold),
      `${verified.gold} verified of ${score.goldWanted} that must be`,
    ],
    ['bad answers', String(answers.bad), `${verified.bad} verified`],
    ['liars', String(answers.liar), `${verified.liar} verified`],
    ['precision', percent(score.precision), 'of what was verified, right'],
    ['recall', percent(score.recall), 'of what is right, verified'],
    ['false-done rate', percent(score.falseDoneRate), 'of wrong answers, verified'],
    ['refused gold', String(score.refusedGold.length), ''],
    ['not judged here', String(score.notHere.length), 'for want of a tool'],
    ['time per answer', duration(time.p50), `p95 ${duration(time.p95)}`],
  ]);
  return [
    palette.bold('\nOracle and verdict'),
    ...rows,
    ...listed('Verified, but wrong:', score.falseDone, palette.red),
    ...listed('Right, but refused:', score.refusedGold, palette.red),
    ...listed('Could not be judged here:', score.notHere, palette.yellow),
  ];
}

function listed(
  title: string,
  played: readonly PlayedRun[],
  paint: (text: string) => string,
): string[] {
  if (played.length === 0) return [];
  const lines = played.map(
    ({ task, kind, ended, summary }) => `  ${task}, ${kind}: ${ended}. ${summary}`,
  );
  return [paint(title), ...lines];
}
