/** A fenced code block of an answer. Line numbers count from 0. */
export interface Fence {
  /** Line of the opening fence. */
  line: number;
  /** First line after the block. */
  end: number;
  /** What stands behind the opening fence: a language, a path, or both. */
  info: string;
  body: string[];
  /** False when the answer ended, or the next file began, before the closing fence. */
  closed: boolean;
}

const OPENING = /^ {0,3}(`{3,}|~{3,})([^`]*)$/;
const CLOSING = /^ {0,3}(`{3,}|~{3,})\s*$/;
const MARKDOWN = /^(?:md|markdown|mdx)\b|\.mdx?$/i;

/** `### FILE: path`, in the spellings that models use for it. */
const FILE_MARKER =
  /^\s{0,3}(?:#{1,6}\s{0,3})?[*_`]{0,3}(?:file|path|filename)\s{0,3}[*_`]{0,3}\s?[:=]\s{0,3}[*_`]{0,3}\s{0,3}(\S.*)$/i;
const LONGEST_HEADER = 1_200;

/** What an explicit marker names: without its decoration and without a remark such as "(new)" behind it. */
export function markedPath(line: string): string | undefined {
  if (line.length > LONGEST_HEADER) return undefined;
  const written = FILE_MARKER.exec(line)?.[1];
  if (written === undefined) return undefined;
  const quoted = /^[`"']([^`"']+)[`"']/.exec(written)?.[1];
  return undecorated(quoted ?? written.split(/`?\*{0,2}\s+[(–—-]|\s{2}|\s+#/)[0] ?? '');
}

/** Takes away the quotes, backticks, stars and colon that models put around a path. */
export function undecorated(written: string): string {
  return written
    .trim()
    .replace(/^[*`"']{1,4}/, '')
    .replace(/[*`"':]{1,5}$/, '');
}

/** All fenced blocks, in order. A block inside another one belongs to the outer. */
export function findFences(
  lines: readonly string[],
  isMarkdownAt: (line: number) => boolean,
): Fence[] {
  const fences: Fence[] = [];
  for (let line = 0; line < lines.length; line++) {
    const opening = OPENING.exec(lines[line] ?? '');
    if (opening === null) continue;
    const info = (opening[2] ?? '').trim();
    const nests = MARKDOWN.test(info) || isMarkdownAt(line);
    const fence = readFence(lines, { line, mark: opening[1] ?? '', info, nests });
    fences.push(fence);
    line = fence.end - 1;
  }
  return fences;
}

interface Opened {
  line: number;
  mark: string;
  info: string;
  /** Markdown: a fence with a language opens an inner block, whose closing fence is not ours. */
  nests: boolean;
}

function readFence(lines: readonly string[], opened: Opened): Fence {
  const start = opened.line + 1;
  let depth = 0;
  for (let at = start; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (closes(line, opened.mark)) {
      if (depth === 0) return fenceOf(lines, opened, { bodyEnd: at, end: at + 1, closed: true });
      depth -= 1;
    } else if (opened.nests && opens(line, opened.mark)) {
      depth += 1;
    } else if (startsNextFile(lines, at, opened.mark)) {
      return fenceOf(lines, opened, { bodyEnd: at, end: at, closed: false });
    }
  }
  return fenceOf(lines, opened, { bodyEnd: lines.length, end: lines.length, closed: false });
}

function fenceOf(
  lines: readonly string[],
  opened: Opened,
  { bodyEnd, end, closed }: { bodyEnd: number; end: number; closed: boolean },
): Fence {
  const body = lines.slice(opened.line + 1, bodyEnd);
  return { line: opened.line, end, info: opened.info, body, closed };
}

function closes(line: string, mark: string): boolean {
  const found = CLOSING.exec(line)?.[1];
  return found !== undefined && found[0] === mark[0] && found.length >= mark.length;
}

function opens(line: string, mark: string): boolean {
  const opening = OPENING.exec(line);
  const found = opening?.[1];
  return found !== undefined && found[0] === mark[0] && (opening?.[2] ?? '').trim() !== '';
}

/** A forgotten closing fence must not swallow the next file. Longer fences were chosen to hold such lines. */
function startsNextFile(lines: readonly string[], at: number, mark: string): boolean {
  if (mark.length > 3 || !(lines[at] ?? '').startsWith('#')) return false;
  if (markedPath(lines[at] ?? '') === undefined) return false;
  const next = lines.slice(at + 1, at + 3).find((line) => line.trim() !== '');
  return next !== undefined && OPENING.test(next);
}
