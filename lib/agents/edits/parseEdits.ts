import { stripThinking } from '../../llm/thinking.ts';
import { type Block, findBlocks } from './blocks.ts';
import { findPlaceholder } from './placeholder.ts';
import { applyReplacement, findReplacements, type Replacement } from './searchReplace.ts';
import { normalised, targetPath } from './targetPath.ts';

export type EditProblemCode =
  | 'no_blocks' // nothing in the answer names a file
  | 'missing_file' // an expected file is neither in the answer nor in the tree
  | 'unsafe_path' // absolute, "..", ".git" or control characters
  | 'ambiguous_path' // an abbreviated path that fits several files
  | 'excluded_path' // the task's own globs keep it from being written
  | 'no_fence' // a file was announced, its content stands in no fence
  | 'truncated'
  | 'empty'
  | 'placeholder' // "... rest of the code"
  | 'too_long' // a long file that is there already was written anew, and not by its passages
  | 'unseen_file' // a file whose content the model was not shown was written anew
  | 'not_text' // a file that is there already and is no UTF-8 text was written anew
  | 'malformed_edit'
  | 'search_miss'
  | 'search_ambiguous';

export interface EditProblem {
  code: EditProblemCode;
  path?: string;
  /** What a model needs to do better: the offending line, or the nearest lines of the file. */
  detail?: string;
}

type WholeRefusal = (
  path: string,
  texts: { before: string | undefined; after: string },
) => EditProblem | undefined;

export interface EditContext {
  /** How the answer ended: `stop`, or cut short by `length` or `disconnected`. */
  finish: 'stop' | 'length' | 'disconnected';
  expected: readonly string[];
  /** Every file of the tree, by relative path. */
  existing: readonly string[];
  /** Content of a file as it is now; undefined when there is none or it is no text. */
  read: (path: string) => string | undefined;
  exclude: (path: string) => boolean;
  /** Why a file that is there already must not be written anew as a whole; absent: any may. */
  refuseWhole?: WholeRefusal | undefined;
}

export interface ParsedEdits {
  /** Complete files, each path once, safe and below the root. */
  files: { path: string; content: string }[];
  problems: EditProblem[];
}

/** A block shown as output or as a command is no file. */
const NO_FILE_LANGUAGES = new Set([
  'sh',
  'bash',
  'shell',
  'console',
  'text',
  'output',
  'diff',
  'log',
]);
const MAY_BE_EMPTY = /(?:^|\/)(?:__init__\.py|py\.typed|\.gitkeep|\.keep)$/;

/**
 * Reads the files out of a model's answer: whole files or SEARCH/REPLACE pairs. Pure and total: whatever the answer,
 * it returns; complete files of a cut answer are kept; what could not be used is a problem with its reason.
 */
export function parseEdits(answer: string, context: EditContext): ParsedEdits {
  const found = nameTheOnlyBlock(findBlocks(stripThinking(answer)), context);
  const blocks = found.filter(isNamed);
  const claimed = new Set(blocks.map(({ path }) => normalised(path)));
  const files = new Map<string, string>();
  let problems: EditProblem[] = [];
  for (const block of blocks) {
    const isLast = block === found.at(-1);
    const cut = !block.closed && (context.finish !== 'stop' || !isLast);
    const outcome = readBlock(block, { ...context, claimed, files, cut });
    if ('code' in outcome) {
      problems.push(outcome);
    } else {
      // A model that corrects itself further down has solved its problem.
      problems = problems.filter(({ path }) => path !== outcome.path);
      files.set(outcome.path, outcome.content);
    }
  }
  if (blocks.length === 0) problems.push(nothingNamed(found.length));
  problems.push(...missingFiles(context, files, problems));
  return { files: [...files].map(([path, content]) => ({ path, content })), problems };
}

type NamedBlock = Block & { path: string };

function isNamed(block: Block): block is NamedBlock {
  return block.path !== undefined;
}

interface Reading extends EditContext {
  claimed: ReadonlySet<string>;
  /** Files that earlier blocks of this answer gave. */
  files: ReadonlyMap<string, string>;
  cut: boolean;
}

type Outcome = { path: string; content: string } | EditProblem;

function readBlock(block: NamedBlock, reading: Reading): Outcome {
  const edits = findReplacements(block.lines);
  const mustExist = edits.kind !== 'none';
  const target = targetPath(block.path, { ...reading, mustExist });
  if (target.kind === 'unsafe') return { code: 'unsafe_path', path: block.path };
  if (target.kind === 'ambiguous') return { code: 'ambiguous_path', path: block.path };
  const { path } = target;
  if (reading.exclude(path)) return { code: 'excluded_path', path };
  if (reading.cut) return { code: 'truncated', path };
  switch (edits.kind) {
    case 'none':
      return block.fenced ? wholeFile(path, block, reading) : { code: 'no_fence', path };
    case 'malformed':
      return { code: 'malformed_edit', path, detail: edits.detail };
    case 'some':
      return editedFile(path, edits.replacements, reading);
  }
}

function wholeFile(path: string, block: Block, reading: Reading): Outcome {
  const content = block.lines.length === 0 ? '' : `${block.lines.join('\n')}\n`;
  const before = reading.read(path);
  if (content.trim() === '') {
    return MAY_BE_EMPTY.test(path) ? { path, content: '' } : { code: 'empty', path };
  }
  const placeholder = findPlaceholder(content, before);
  if (placeholder !== undefined) return { code: 'placeholder', path, detail: placeholder };
  const kept = withLineEndingsOf(before, content);
  const isThere = reading.existing.includes(path) && kept !== before;
  const refused = isThere ? reading.refuseWhole?.(path, { before, after: kept }) : undefined;
  return refused ?? { path, content: kept };
}

function editedFile(path: string, replacements: readonly Replacement[], reading: Reading): Outcome {
  const before = reading.files.get(path) ?? reading.read(path);
  // Of mixed line ends those that no passage touches stay as they are.
  let text = isWindows(before) ? before.replaceAll('\r\n', '\n') : (before ?? '');
  for (const replacement of replacements) {
    const placeholder = findPlaceholder(replacement.replace.join('\n'), before);
    if (placeholder !== undefined) return { code: 'placeholder', path, detail: placeholder };
    const replaced = applyReplacement(text, replacement);
    if (replaced.kind === 'missed' && before === undefined) {
      return { code: 'search_miss', path, detail: whyMissed(path, reading) };
    }
    if (replaced.kind !== 'replaced')
      return { code: CODES[replaced.kind], path, detail: replaced.detail };
    text = replaced.text;
  }
  return { path, content: withLineEndingsOf(before, text) };
}

const CODES = { missed: 'search_miss', ambiguous: 'search_ambiguous' } as const;

function whyMissed(path: string, { existing }: Reading): string {
  return existing.includes(path)
    ? 'the file is no UTF-8 text, or too large'
    : 'the file does not exist';
}

/** Models write "\n"; a file that was "\r\n" throughout stays so. */
function withLineEndingsOf(before: string | undefined, content: string): string {
  return isWindows(before) ? content.replaceAll('\n', '\r\n') : content;
}

function isWindows(text: string | undefined): text is string {
  return text?.includes('\r\n') === true && !/(?:^|[^\r])\n/.test(text);
}

/** A small model asked for one file often answers with one block and no name. */
function nameTheOnlyBlock(blocks: Block[], { expected }: EditContext): Block[] {
  const [block] = blocks;
  const [path] = expected;
  const isPlain = blocks.length === 1 && expected.length === 1;
  if (!isPlain || block === undefined || path === undefined) return blocks;
  if (block.path !== undefined || NO_FILE_LANGUAGES.has(block.language)) return blocks;
  return [{ ...block, path }];
}

function nothingNamed(blocks: number): EditProblem {
  const detail = blocks === 0 ? 'no code block' : `${blocks} code blocks, none names its file`;
  return { code: 'no_blocks', detail };
}

/** Expected files that nobody wrote. One that is in the tree already may be right as it is. */
function missingFiles(
  { expected, existing }: EditContext,
  files: ReadonlyMap<string, string>,
  problems: readonly EditProblem[],
): EditProblem[] {
  const accounted = new Set([...files.keys(), ...existing, ...problems.map(({ path }) => path)]);
  return expected
    .filter((path) => !accounted.has(path))
    .map((path) => ({ code: 'missing_file', path }));
}
