import type { CodingContext } from '../llm.ts';

/** More files make a grammar that slows down every token. */
const MOST_FILES = 32;

export interface BodyLimit {
  lines: number;
  columns: number;
}

/**
 * A grammar (GBNF) under which an answer can only be the expected files, whole and in order, each under its name and in a
 * fence. Undefined when an expected file exists already: the change may then have to touch other files as well.
 * `limit` bounds the bodies, for models that would never end.
 */
export function editGrammar(context: CodingContext, limit?: BodyLimit): string | undefined {
  const { expectedFiles, existingFiles } = context;
  const isNew = expectedFiles.every((path) => !existingFiles.includes(path));
  if (expectedFiles.length === 0 || expectedFiles.length > MOST_FILES || !isNew) return undefined;
  const files = expectedFiles.map((path) => `${quoted(`### FILE: ${path}\n\`\`\`\n`)} body`);
  const repeat = limit === undefined ? '*' : `{1,${limit.lines}}`;
  const more = limit === undefined ? '*' : `{0,${limit.columns}}`;
  return [
    `root ::= ${files.map((file) => `${file} ${quoted('```\n')}`).join(' ')}`,
    `body ::= line${repeat}`,
    // A line may hold backticks, but not start with the three that end the fence.
    `line ::= ("\`" "\`"?)? [^\`\\r\\n] [^\\r\\n]${more} "\\n" | "\\n"`,
  ].join('\n');
}

function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
