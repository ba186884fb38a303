import { isUtf8 } from 'node:buffer';
import { type StructuredPatchHunk, structuredPatch } from 'diff';
import type { FileChange, Patch } from '../../task/patch.ts';

/**
 * A patch in the form of `git diff`, which `git apply` and `patch -p1` read: files with their modes, new and deleted ones
 * against /dev/null. Of bytes that are no text only the fact is told.
 */
export function renderDiff({ changes }: Patch): string {
  return changes.map(renderChange).join('');
}

function renderChange(change: FileChange): string {
  const { path, before, after } = change;
  const [old, now] = [quoted(`a/${path}`), quoted(`b/${path}`)];
  const head = [`diff --git ${old} ${now}`, ...modeLines(change)];
  if (before === after) return `${head.join('\n')}\n`;
  const [from, to] = [before === null ? '/dev/null' : old, after === null ? '/dev/null' : now];
  const texts = [textOf(before), textOf(after)] as const;
  if (texts[0] === undefined || texts[1] === undefined) {
    return `${[...head, `Binary files ${from} and ${to} differ`].join('\n')}\n`;
  }
  const hunks = hunksOf(texts[0], texts[1]);
  // An empty file that comes or goes has no lines to show.
  if (hunks.length === 0) return `${head.join('\n')}\n`;
  return `${[...head, `--- ${from}`, `+++ ${to}`, ...hunks.flatMap(renderHunk)].join('\n')}\n`;
}

function modeLines({ before, after, mode, before_mode: beforeMode = mode }: FileChange): string[] {
  if (before === null) return [`new file mode ${gitMode(mode)}`];
  if (after === null) return [`deleted file mode ${gitMode(beforeMode)}`];
  if (gitMode(mode) === gitMode(beforeMode)) return [];
  return [`old mode ${gitMode(beforeMode)}`, `new mode ${gitMode(mode)}`];
}

/** Git keeps only whether a file can be executed. */
function gitMode(mode: number): string {
  return (mode & 0o100) === 0 ? '100644' : '100755';
}

/** Undefined for bytes that are no text; the empty text for a file that is not there. */
function textOf(content: string | null): string | undefined {
  if (content === null) return '';
  const bytes = Buffer.from(content, 'base64');
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString('utf8') : undefined;
}

/** Two texts that differ in more lines than this are told as one replacement: comparing them would take too long. */
const MOST_EDITS = 4_000;

function hunksOf(before: string, after: string): StructuredPatchHunk[] {
  const options = { context: 3, maxEditLength: MOST_EDITS };
  const compared = structuredPatch('', '', before, after, '', '', options);
  return compared?.hunks ?? [replacement(before, after)];
}

function replacement(before: string, after: string): StructuredPatchHunk {
  const [old, now] = [marked('-', before), marked('+', after)];
  return {
    oldStart: 1,
    oldLines: old.count,
    newStart: 1,
    newLines: now.count,
    lines: [...old.lines, ...now.lines],
  };
}

const NO_NEWLINE = '\\ No newline at end of file';

function marked(sign: string, text: string): { lines: string[]; count: number } {
  if (text === '') return { lines: [], count: 0 };
  const ends = text.endsWith('\n');
  const lines = (ends ? text.slice(0, -1) : text).split('\n').map((line) => sign + line);
  return { lines: ends ? lines : [...lines, NO_NEWLINE], count: lines.length };
}

function renderHunk({ oldStart, oldLines, newStart, newLines, lines }: StructuredPatchHunk) {
  return [`@@ -${range(oldStart, oldLines)} +${range(newStart, newLines)} @@`, ...lines];
}

/** Of no lines the format names the line before, the comparison the line after. */
function range(start: number, count: number): string {
  if (count === 0) return `${start - 1},0`;
  return count === 1 ? String(start) : `${start},${count}`;
}

const ESCAPES: Record<string, string> = { '\t': '\\t', '\n': '\\n', '"': '\\"', '\\': '\\\\' };

/** A path as git writes it: in quotes, C style, when it holds what would be misread. */
function quoted(path: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped
  const escaped = path.replace(/["\\\u0000-\u001f\u007f]/g, (character) => {
    const octal = character.charCodeAt(0).toString(8).padStart(3, '0');
    return ESCAPES[character] ?? `\\${octal}`;
  });
  return escaped === path ? path : `"${escaped}"`;
}
