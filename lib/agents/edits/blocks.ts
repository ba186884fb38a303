import { type Fence, findFences, markedPath, undecorated } from './fences.ts';

/** A piece of an answer that speaks about one file. */
export interface Block {
  /** As the model wrote it; undefined when it named none. */
  path: string | undefined;
  /** First word behind the fence, in lower case. */
  language: string;
  lines: string[];
  closed: boolean;
  /** False: the file was named, but what follows stands in no fence. */
  fenced: boolean;
}

const PATH_WORD = /^[\w@.+~$()[\]-]+(?:\/[\w@.+~$()[\]-]+)*$/;
const KNOWN_BARE_NAMES = new Set(['Dockerfile', 'Makefile', 'gradlew', 'Gemfile', 'Procfile']);
const LABEL = /^\s*(?:\/\/|#|<!--|\/\*|--)\s*(?:file(?:name)?:?\s+)?(\S+)\s*(?:-->|\*\/)?\s*$/i;

/** Everything in the answer that is, or claims to be, a file. */
export function findBlocks(answer: string): Block[] {
  const lines = answer.replaceAll('\r\n', '\n').split('\n');
  const fences = findFences(lines, (line) => /\.mdx?$/i.test(headerAbove(lines, line) ?? ''));
  return [...fences.map((fence) => blockOf(lines, fence)), ...unfenced(lines, fences)];
}

function blockOf(lines: readonly string[], fence: Fence): Block {
  const named = headerAbove(lines, fence.line) ?? pathInInfo(fence.info);
  const label = named === undefined ? pathInLabel(fence.body[0] ?? '') : undefined;
  return {
    path: named ?? label,
    language: (fence.info.split(/[\s:{=]/)[0] ?? '').toLowerCase(),
    lines: label === undefined ? fence.body : fence.body.slice(1),
    closed: fence.closed,
    fenced: true,
  };
}

/** The path in the last line before a fence, or in an explicit marker up to three lines above it. */
function headerAbove(lines: readonly string[], fenceLine: number): string | undefined {
  let looked = 0;
  for (let at = fenceLine - 1; at >= 0 && looked < 3; at--) {
    const line = (lines[at] ?? '').trim();
    if (line === '') continue;
    if (/^(?:```|~~~)/.test(line)) return undefined;
    const path = announcedPath(line) ?? (looked === 0 ? barePath(line) : undefined);
    if (path !== undefined) return path;
    looked += 1;
  }
  return undefined;
}

/** The path of an explicit marker; it may hold spaces, but a phrase is no path. */
function announcedPath(line: string): string | undefined {
  const path = markedPath(line);
  return path !== undefined && looksLikePath(path.replaceAll(' ', '_')) ? path : undefined;
}

/** A line that is nothing but a path, perhaps as a heading, in bold or in backticks. */
function barePath(line: string): string | undefined {
  const text = undecorated(line.replace(/^#{1,6}\s+/, '').replace(/^\d+[.)]\s+/, ''));
  return looksLikePath(text) ? text : undefined;
}

/** "java:src/App.java", "python title="app.py"", "src/app.ts". */
function pathInInfo(info: string): string | undefined {
  return info
    .split(/[\s=]+|:(?=[^/\\])/)
    .map(undecorated)
    .find(looksLikePath);
}

/** A first line that only names the file: "// src/App.java". */
function pathInLabel(line: string): string | undefined {
  const text = line.length > 1_200 ? undefined : LABEL.exec(line)?.[1];
  return text !== undefined && looksLikePath(text) ? text : undefined;
}

function looksLikePath(text: string): boolean {
  if (KNOWN_BARE_NAMES.has(text)) return true;
  const plain = text.replaceAll('\\', '/').replace(/^(?:[A-Za-z]:)?\/+/, '');
  if (plain.length > 1_024 || !PATH_WORD.test(plain)) return false;
  return (
    text.includes('/') ||
    text.includes('\\') ||
    /[\w\])]\.[A-Za-z]\w{0,9}$/.test(text) ||
    /^\.\w+/.test(text)
  );
}

/** Files that were announced and then written without a fence. */
function unfenced(lines: readonly string[], fences: readonly Fence[]): Block[] {
  const inFence = (line: number) => fences.some((fence) => line >= fence.line && line < fence.end);
  const markers = [...lines.keys()].filter((line) => {
    const text = lines[line] ?? '';
    return text.startsWith('#') && announcedPath(text) !== undefined && !inFence(line);
  });
  return markers.flatMap((marker, position) => {
    const end = markers[position + 1] ?? lines.length;
    if (fences.some((fence) => fence.line > marker && fence.line < end)) return [];
    const path = announcedPath(lines[marker] ?? '');
    return [
      { path, language: '', lines: lines.slice(marker + 1, end), closed: true, fenced: false },
    ];
  });
}
