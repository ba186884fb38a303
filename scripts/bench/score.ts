import type { Agent } from './buildTask.ts';
import type { PlayedRun } from './playRuns.ts';

export interface Score {
  tasks: number;
  answers: Record<Agent, number>;
  verified: Record<Agent, number>;
  /** Gold answers that the manifest wants verified and this machine could judge. */
  goldWanted: number;
  /** Of what ended verified, the part that was right; 1 when nothing was. */
  precision: number;
  /** Of the gold answers that must be verified, the part that was. */
  recall: number;
  /** Of the wrong answers, the part that ended verified. */
  falseDoneRate: number;
  falseDone: PlayedRun[];
  refusedGold: PlayedRun[];
  /** Gold answers that could not be judged for want of a tool. */
  notHere: PlayedRun[];
  /** Milliseconds per answer, from the submit to the end. */
  time: { p50: number; p95: number; total: number };
}

/** Counts; nothing else. */
export function scoreRuns(played: readonly PlayedRun[]): Score {
  const gold = played.filter(({ agent }) => agent === 'gold');
  const wrong = played.filter(({ agent }) => agent !== 'gold');
  const notHere = gold.filter(lacksTool);
  const judged = gold.filter((run) => !notHere.includes(run));
  const goldWanted = judged.filter(({ wanted }) => wanted === 'verified');
  const falseDone = played.filter((run) => isVerified(run) && run.wanted !== 'verified');
  const goldVerified = goldWanted.filter(isVerified).length;
  const falseAnswers = wrong.filter(isVerified).length;
  return {
    tasks: new Set(played.map(({ task }) => task)).size,
    answers: byAgent(played),
    verified: byAgent(played.filter(isVerified)),
    goldWanted: goldWanted.length,
    precision: ratio(goldVerified, goldVerified + falseDone.length, 1),
    recall: ratio(goldVerified, goldWanted.length, 1),
    falseDoneRate: ratio(falseAnswers, wrong.length, 0),
    falseDone,
    refusedGold: judged.filter(({ ended, wanted }) => ended !== wanted),
    notHere,
    time: timesOf(played),
  };
}

function isVerified({ ended }: PlayedRun): boolean {
  return ended === 'verified';
}

function lacksTool({ reason, ended, wanted }: PlayedRun): boolean {
  const lacking = reason === 'toolchain_missing' || reason === 'dependencies_missing';
  return lacking && ended !== wanted;
}

function byAgent(played: readonly PlayedRun[]): Record<Agent, number> {
  const count = (name: Agent) => played.filter(({ agent }) => agent === name).length;
  return { gold: count('gold'), bad: count('bad'), liar: count('liar') };
}

function ratio(part: number, whole: number, ofNothing: number): number {
  return whole === 0 ? ofNothing : part / whole;
}

function timesOf(played: readonly PlayedRun[]): Score['time'] {
  const sorted = played.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), total: sorted.reduce((sum, ms) => sum + ms, 0) };
}
