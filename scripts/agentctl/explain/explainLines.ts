import { line } from '../render/line.ts';
import { modelLabel } from '../render/modelLabel.ts';
import type { Palette } from '../render/palette.ts';
import { count, duration, oneLine, table } from '../render/text.ts';
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
  return prompts.flatMap(({ step, files, left_out, tokens }) => {
    const others = left_out > 0 ? `, ${left_out} not` : '';
    const told = `${step}: ${count(files.length, 'file')} shown${others}, about ${count(tokens, 'token')}`;
    const rest = files.length - SHOWN_FILES;
    return [
      line(palette.cyan, 'read', told),
      ...files.slice(0, SHOWN_FILES).map((path) => line(palette.dim, '', path)),
      ...(rest > 0 ? [line(palette.dim, '', `and ${rest} more (--json names all)`)] : []),
    ];
  });
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

function outcomeOf({ outcome, replayed }: ExplainedStep): string {
  if (replayed === 0) return outcome;
  return `${outcome}, replayed${replayed === 1 ? '' : ` ${replayed} times`}`;
}
