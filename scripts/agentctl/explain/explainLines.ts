import { line } from '../render/line.ts';
import { modelLabel } from '../render/modelLabel.ts';
import type { Palette } from '../render/palette.ts';
import { count, duration, modelCalls, oneLine, table } from '../render/text.ts';
import type { ExplainedStep, Explanation } from './explanation.ts';

const SHOWN_FILES = 20;

export function explainLines(explanation: Explanation, palette: Palette): string[] {
  const { goal, verdict, failure, status } = explanation;
  const end = verdict?.summary ?? failure?.message ?? status;
  return [
    line(palette.bold, 'goal', goal),
    line(palette.bold, 'end', `${verdict?.name ?? failure?.code ?? status}: ${end}`),
    ...modelLines(explanation, palette),
    ...promptLines(explanation, palette),
    ...endLines(explanation, palette),
    '',
    ...stepTable(explanation),
  ];
}

function modelLines({ model, refused }: Explanation, palette: Palette): string[] {
  const chosen = model === null ? 'none was chosen' : `${modelLabel(model)}: ${model.why}`;
  return [
    line(palette.cyan, 'model', chosen),
    ...refused.map(({ model: name, reasons }) =>
      line(palette.dim, 'refused', `${name}: ${reasons.join('; ')}`),
    ),
  ];
}

function promptLines({ prompts }: Explanation, palette: Palette): string[] {
  return prompts.flatMap((prompt, at) => {
    const { step, files, left_out, tokens, prompts: versions = [] } = prompt;
    const others = left_out > 0 ? `, ${left_out} not` : '';
    const written = versions.length > 0 ? ` · ${versions.join(' + ')}` : '';
    const told = `${step}: ${count(files.length, 'file')} shown${others}, about ${count(tokens, 'token')}${written}`;
    return [line(palette.cyan, 'read', told), ...fileLines(files, prompts[at - 1], palette)];
  });
}

/** Most questions show what the one before showed: only what is new is named. */
function fileLines(
  files: readonly string[],
  before: Explanation['prompts'][number] | undefined,
  palette: Palette,
): string[] {
  const known = new Set(before?.files);
  const isMore = before?.files.every((path) => files.includes(path)) ?? false;
  const told = isMore ? files.filter((path) => !known.has(path)) : files;
  const rest = told.length - SHOWN_FILES;
  return [
    ...(isMore
      ? [line(palette.dim, '', `those of ${before?.step}${told.length > 0 ? ', and' : ''}`)]
      : []),
    ...told.slice(0, SHOWN_FILES).map((path) => line(palette.dim, '', path)),
    ...(rest > 0 ? [line(palette.dim, '', `and ${rest} more (--json names all)`)] : []),
  ];
}

function endLines(explanation: Explanation, palette: Palette): string[] {
  const { workspace, usage, waited_ms: waited, worked_ms: worked, total } = explanation;
  return [
    ...(workspace === null ? [] : [line(palette.cyan, 'workspace', tellWorkspace(workspace))]),
    ...(usage === null
      ? []
      : [
          line(
            palette.cyan,
            'used',
            `${modelCalls(usage.model_calls, 'model call')}: ${count(usage.prompt_tokens, 'token')} read, ${count(usage.generated_tokens, 'token')} written, ${duration(usage.model_ms)}`,
          ),
        ]),
    ...(waited === undefined || worked === undefined
      ? []
      : [
          line(
            palette.cyan,
            'time',
            `${duration(waited)} in the queue, ${duration(worked)} of work, ${duration(total.ms)} of it in these steps`,
          ),
        ]),
  ];
}

function tellWorkspace({ state, why, paths }: NonNullable<Explanation['workspace']>): string {
  const files = state === 'conflicted' ? ` (${paths.join(', ')})` : '';
  return `${state.replace('_', ' ')}: ${why}${files}`;
}

function stepTable({ steps, total }: Explanation): string[] {
  const rows = steps.map((step) => [
    step.step,
    String(step.attempt),
    outcomeOf(step),
    duration(step.ms),
    step.tokens === 0 ? '-' : String(step.tokens),
    oneLine(step.detail === '' ? step.title : step.detail, 90),
  ]);
  const sum = ['total', '', '', duration(total.ms), String(total.tokens), ''];
  return table([['STEP', 'TRY', 'OUTCOME', 'TIME', 'TOKENS', 'WHAT'], ...rows, sum]);
}

function outcomeOf({ outcome, judged, replayed }: ExplainedStep): string {
  const word = judged === null || outcome === 'running' ? outcome : JUDGED[judged];
  if (replayed === 0) return word;
  return `${word}, replayed${replayed === 1 ? '' : ` ${replayed} times`}`;
}

const JUDGED = {
  pass: 'passed',
  fail: 'failed',
  infra: 'no run',
  timeout: 'timed out',
  not_run: 'no run',
  suspect: 'suspect',
} as const;
