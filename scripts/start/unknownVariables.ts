import { Variables } from '../../lib/config/variables.ts';

/** Of others: agentctl's own, and what the AWS SDK, OpenTelemetry, Node and proxies read. */
const FOREIGN =
  /^(?:AGENTCTL|AWS|OTEL|NODE|NPM|XDG)_|^(?:NO_COLOR|PATH|TZ|LANG)$|^(?:\w+_)?PROXY$/i;
/** Of so many letters at most one is a slip of the hand. */
const LETTERS_PER_SLIP = 4;

/** One sentence for each variable of a `.env` that nothing here reads: it is set in vain, and most likely misspelt. */
export function unknownVariables(names: readonly string[]): string[] {
  const known = Object.keys(Variables.shape);
  return names
    .filter((name) => !known.includes(name) && !FOREIGN.test(name))
    .map((name) => {
      const [nearest, distance] = nearestOf(name, known);
      const isSlip = distance <= name.length / LETTERS_PER_SLIP;
      const hint = isSlip ? `; is ${nearest} meant?` : '';
      return `.env: ${name} is no variable of this service${hint}`;
    });
}

function nearestOf(name: string, known: readonly string[]): [string, number] {
  const byDistance = known.map((other): [string, number] => [other, distanceOf(name, other)]);
  return byDistance.reduce((best, next) => (next[1] < best[1] ? next : best));
}

/** Levenshtein: characters to insert, drop or replace, row by row. */
function distanceOf(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [at, other] of [...to].entries()) {
      const replaced = (above[at] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (above[at + 1] ?? 0) + 1, (current[at] ?? 0) + 1));
    }
    above = current;
  }
  return above.at(-1) ?? 0;
}
