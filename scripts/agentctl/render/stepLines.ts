import type { EventData } from '../../../lib/task/event.ts';
import { line } from './line.ts';
import type { Palette } from './palette.ts';
import { count, duration } from './text.ts';

/** `code.2` and later: what was wrong has gone back to the model. */
export function isRepair(step: string): boolean {
  const match = /^(code|tests|repair)\.(\d+)$/.exec(step);
  return match !== null && (match[1] === 'repair' || Number(match[2]) > 1);
}

/** Runs of tools: what came of them is told when they end. */
export function isOracleStep(step: string): boolean {
  return /^(baseline|compile|smoke|full|command|generated|non_negotiables)\b/.test(step);
}

/** As a person writes it. */
export function stepName(step: string): string {
  return step.replace(/^non_negotiables/, 'non-negotiables');
}

const ROLES: readonly (readonly [step: RegExp, role: string])[] = [
  [/^plan\b/, 'planner'],
  [/^(code|revise)\b/, 'coder'],
  [/^tests\.\d+/, 'tester'],
  [/^review\b/, 'reviewer'],
];

/** Who begins with what. Runs of tools are told when they end. */
export function startedLines(
  { step, title }: EventData<'step.started'>,
  palette: Palette,
): string[] {
  if (isRepair(step)) return [line(palette.yellow, 'repair', `${step}: ${title}`)];
  const role = ROLES.find(([pattern]) => pattern.test(step))?.[1];
  return role === undefined ? [] : [line(palette.bold, role, `${step}: ${title}`)];
}

/** What a role is shown, in numbers; `agentctl explain` names the files. */
export function promptLines(
  { files, left_out, tokens, prompts = [] }: EventData<'prompt.built'>,
  palette: Palette,
): string[] {
  const facts = [
    `${count(files.length, 'file')}, about ${count(tokens, 'token')}`,
    ...(left_out > 0 ? [`${count(left_out, 'file')} of the repository not`] : []),
    ...(prompts.length > 0 ? [prompts.join(' + ')] : []),
  ];
  return [line(palette.dim, 'reads', facts.join(' · '))];
}

/** Who was chosen and how a tool has judged is told already by a line of its own. */
export function finishedLines(data: EventData<'step.finished'>, palette: Palette): string[] {
  const tokens = data.tokens > 0 ? [count(data.tokens, 'token')] : [];
  const detail = data.detail === undefined ? [] : [data.detail];
  const text = [stepName(data.step), duration(data.ms), ...tokens, ...detail].join(' · ');
  switch (data.outcome) {
    case 'done':
      if (data.step === 'route' || isOracleStep(data.step)) return [];
      return [line(palette.green, 'done', text)];
    case 'failed':
      return [line(palette.red, 'failed', text)];
    case 'replayed':
      return [line(palette.dim, 'replayed', `${text} · taken from the journal`)];
  }
}

export function editLines(data: EventData<'edit.applied'>, palette: Palette): string[] {
  const files = data.files.map(({ action, path, bytes }) =>
    line(palette.cyan, action, `${path} (${count(bytes, 'byte')})`),
  );
  const problems = data.problems.map(({ code, path = 'the answer' }) =>
    line(palette.yellow, 'unusable', `${path}: ${PROBLEMS[code] ?? code}`),
  );
  return [...files, ...problems];
}

/** What was wrong with a file of an answer, for a person. */
const PROBLEMS: Record<string, string> = {
  no_blocks: 'names no file',
  missing_file: 'expected, and not in the answer',
  unsafe_path: 'leads out of the repository',
  ambiguous_path: 'fits several files',
  excluded_path: 'must not be written in this step',
  no_fence: 'its content stands in no fence',
  truncated: 'was cut off',
  empty: 'is empty',
  placeholder: 'was abbreviated',
  too_long: 'is too long to be written anew, and was not changed by passages',
  unseen_file: 'is there already, and the model had not seen it',
  not_text: 'is there already, and no UTF-8 text',
  malformed_edit: 'SEARCH/REPLACE without its parts',
  search_miss: 'SEARCH is not in the file',
  search_ambiguous: 'SEARCH is in the file more than once',
};
