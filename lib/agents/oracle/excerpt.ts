const SIDE = 2_000;

/** Head and tail of a long output, 2,000 characters each: what went wrong first, and how it ended. */
export function excerpt(output: string): string {
  const text = output.trim();
  if (text.length <= 2 * SIDE) return text;
  const left = text.length - 2 * SIDE;
  return `${text.slice(0, SIDE)}\n[${left} characters left out]\n${text.slice(-SIDE)}`;
}
