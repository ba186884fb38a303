/**
 * Text of others (goals, logs, a model's words) made safe to show: whatever could steer the terminal is taken out.
 * Tabs become spaces; line breaks stay.
 */
export function printable(text: string): string {
  return (
    text
      .replaceAll('\t', '  ')
      .replaceAll('\r\n', '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is taken out
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-_])/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
      .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
  );
}

/** On one line, at most `width` characters. */
export function oneLine(text: string, width: number): string {
  const line = printable(text).replace(/\s+/g, ' ').trim();
  const characters = [...line];
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}

/** 950 ms, 2.3 s, 4 min 05 s, 2 h 07 min. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  const two = (part: number): string => String(part).padStart(2, '0');
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${two(Math.floor((seconds % 3_600) / 60))} min`;
}

/** 512 B, 1.2 kB, 34.5 MB, 4.68 GB; decimal units, as disks and model pages count. */
export function bytes(amount: number): string {
  if (amount < 1_000) return `${amount} B`;
  if (amount < 999_950) return `${(amount / 1e3).toFixed(1)} kB`;
  return amount < 999_950_000
    ? `${(amount / 1e6).toFixed(1)} MB`
    : `${(amount / 1e9).toFixed(2)} GB`;
}

export function count(amount: number, noun: string): string {
  return `${amount.toLocaleString('en')} ${noun}${amount === 1 ? '' : 's'}`;
}

/** Calls of a model: a scripted answer and a skeleton are none. */
export function modelCalls(calls: number, noun: string): string {
  return calls === 0 ? 'no model call' : count(calls, noun);
}

/** A command line as a person would type it. */
export function commandLine(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word)))
    .join(' ');
}

/** Columns as wide as their widest cell; the last one is not padded. Cells must be free of colour codes. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries())
      widths[at] = Math.max(widths[at] ?? 0, [...cell].length);
  }
  return rows.map((row) =>
    row
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - [...cell].length))
      .join('  ')
      .trimEnd(),
  );
}
