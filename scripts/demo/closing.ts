import type { OracleRun } from '../../lib/task/verdict.ts';
import { modelLabel } from '../agentctl/render/modelLabel.ts';
import { testCounts } from '../agentctl/render/oracleLines.ts';
import type { Palette } from '../agentctl/render/palette.ts';
import { taskReport, verdictPaint } from '../agentctl/render/taskReport.ts';
import { duration } from '../agentctl/render/text.ts';
import { disappointment } from './outcome.ts';
import type { Played } from './playExample.ts';

/** Every example with its whole report, then one line each. */
export function closingLines(played: readonly Played[], palette: Palette): string[] {
  return [
    ...played.flatMap((one) => ['', palette.bold(one.example.name), ...report(one, palette)]),
    '',
    palette.bold('In short'),
    ...played.map((one) => summary(one, palette)),
  ];
}

function report({ task }: Played, palette: Palette): string[] {
  // The demo's service is gone in a moment: a next command would lead nowhere.
  const lines = taskReport(task, palette).filter((line) => !/^\S*next\b/.test(plain(line)));
  return lines.map((line) => `  ${line}`);
}

function plain(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes are what is taken out
  return line.replace(/\u001b\[\d+m/g, '');
}

function summary(one: Played, palette: Palette): string {
  const { task, example, ms } = one;
  const { verdict, result } = task;
  const paint = verdict === null ? palette.red : verdictPaint(verdict.name, palette);
  const name = (verdict?.name ?? task.failure?.code ?? task.status).padEnd(18);
  const model = result?.model ?? null;
  const facts = [
    duration(ms),
    proofInShort(result?.proof?.runs ?? []),
    filesInShort(result?.files.map(({ path }) => path) ?? []),
    model === null ? 'no model' : modelLabel({ ...model, model: model.id }),
  ];
  const wrong = disappointment(task);
  const tail = wrong === undefined ? '' : palette.red(`  ${wrong}`);
  return `  ${example.name.padEnd(24)}  ${paint(name)}  ${facts.join(' · ')}${tail}`;
}

function filesInShort([first, ...rest]: readonly string[]): string {
  if (first === undefined) return 'no files';
  return rest.length === 0 ? first : `${first} and ${rest.length} more`;
}

function proofInShort(runs: readonly OracleRun[]): string {
  const last = runs.findLast(({ tests }) => tests !== null);
  if (last?.tests) return testCounts(last.tests);
  return runs.some(({ status }) => status === 'pass') ? 'compiled, no tests' : 'nothing could run';
}
