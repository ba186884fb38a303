import { modelCards } from '../../lib/composeWorker.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { findLlamaRuntime } from '../../lib/llm/embedded/findRuntime.ts';
import type { ModelCard } from '../../lib/models/card.ts';
import { memoryNeed } from '../../lib/models/fit.ts';
import { SHAPES } from './fit/shapes.ts';
import { type Simulated, simulateFit } from './fit/simulateFit.ts';

/** `npm run bench:fit`: what every card needs, next to what llama.cpp reckons from the head of such a file. */
const CONTEXTS = [8_192, 32_768];
const GIB = 1_073_741_824;

const cards = modelCards(loadConfig({ ...process.env }));
const runtime = findLlamaRuntime();
const simulated = runtime === undefined ? undefined : await simulateFit(cards, CONTEXTS, runtime);
const head = ['model', ...CONTEXTS.flatMap((tokens) => headOf(tokens / 1_024)), 'numbers are'];
console.log(lines([head, ...cards.map((card) => row(card, simulated?.get(card.id)))]));
console.log(
  '\nGiB. needs: weights + cache + compute + 1 GiB. ours and llama.cpp: cache + compute.',
);
for (const [id, { leftOut }] of Object.entries(SHAPES)) {
  if (leftOut !== undefined) console.log(`${id}: simulated without ${leftOut}`);
}
if (runtime === undefined) {
  console.log('\nNot simulated: the embedded runtime is not installed.');
  console.log('  next: npx agentctl models runtime install');
}

function headOf(thousands: number): string[] {
  return [`needs at ${thousands}k`, 'ours', 'llama.cpp', 'difference'];
}

function row(card: ModelCard, told: Simulated | undefined): string[] {
  const { id, file_bytes: weights, dimensions } = card;
  if (weights === undefined || dimensions === undefined) return [id, 'its size is not known'];
  const cells = CONTEXTS.flatMap((contextTokens, at) => {
    const need = memoryNeed(weights, dimensions, { contextTokens, slots: 1 });
    const whole = need.weights + need.cache + need.compute + need.margin;
    const hybridState = SHAPES[id]?.leftOut === undefined ? 0 : (dimensions.state_bytes ?? 0);
    const ours = need.cache + need.compute - hybridState;
    const theirs = typeof told?.bytes === 'object' ? told.bytes[at] : undefined;
    const compared = theirs === undefined ? ['-', '-'] : [gib(theirs), gib(ours - theirs, true)];
    return [gib(whole), gib(ours), ...compared];
  });
  const why = typeof told?.bytes === 'string' ? ` (not simulated: ${told.bytes})` : '';
  return [id, ...cells, `${dimensions.known_from ?? 'not told'}${why}`];
}

function gib(bytes: number, signed = false): string {
  const text = (bytes / GIB).toFixed(2);
  return signed && bytes >= 0 ? `+${text}` : text;
}

function lines(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((cells) => cells[at]?.length ?? 0)),
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
