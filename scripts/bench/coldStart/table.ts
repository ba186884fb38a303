export interface Row {
  name: string;
  bytes: number;
  wallMs: number;
  cpuMs: number;
  rssMiB: number;
  /** Processor time of the import over that of a process which imports an empty handler. */
  ratio: number;
}

/** Fixed-width text, one line per row, names to the left and numbers to the right. */
export function table(rows: readonly Row[]): string {
  const head = ['function', 'KiB', 'wall ms', 'cpu ms', 'RSS MiB', 'x empty'];
  const body = rows.map(({ name, bytes, wallMs, cpuMs, rssMiB, ratio }) => [
    name,
    (bytes / 1_024).toFixed(0),
    wallMs.toFixed(1),
    cpuMs.toFixed(1),
    rssMiB.toFixed(0),
    ratio.toFixed(1),
  ]);
  const lines = [head, ...body];
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, at) => padded(cell, widths[at] ?? 0, at))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function padded(cell: string, width: number, at: number): string {
  return at === 0 ? cell.padEnd(width) : cell.padStart(width);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] =
    sorted.length % 2 === 1
      ? [sorted[middle], sorted[middle]]
      : [sorted[middle - 1], sorted[middle]];
  return (low + high) / 2;
}
