import picomatch from 'picomatch';
import { rankFiles, type SourceFile } from '../retrieval/rankFiles.ts';
import type { Language, TaskPayload } from '../task/payload.ts';
import { fencedFile } from './fencedFile.ts';
import { isTestAsset } from './oracle/testFiles.ts';

export interface RepositoryText {
  text: string;
  /** Paths whose content is in the text. */
  shown: string[];
  /** Paths that the task includes and whose content did not fit. */
  leftOut: string[];
}

interface Repository {
  /** Relative paths, sorted. */
  files: readonly string[];
  /** Text of a file; undefined when it is no small text. */
  read: (path: string) => string | undefined;
  /** Paths whose content comes right after the expected files. */
  wanted?: readonly string[];
}

/** A longer list is cut, and says so. */
const MAX_LISTED = 400;
const LEAST_LIST_CHARS = 1_000;
const NOISE =
  /(^|\/)(node_modules|__pycache__|\.venv|target|build|dist|\.gradle|\.idea)\/|\.(lock|min\.js|map|png|jpe?g|gif|ico|pdf|jar|class|pyc|zip|gz)$|(^|\/)(package-lock\.json|gradlew(\.bat)?)$/;

/**
 * The repository as a model sees it: the list of its files, then contents in the order of their use (expected files, those
 * that a plan names, tests that mention them, their neighbours, the rest) while they fit into `maxChars`. Where not all of
 * them fit, the goal decides which: only then, since an order that no goal moves keeps a server's prefix cache. What is
 * left out is named.
 */
export function describeRepository(
  payload: TaskPayload,
  repository: Repository,
  maxChars: number,
): RepositoryText {
  const { files, read, wanted = [] } = repository;
  const visible = visibleFiles(payload, files);
  const plain = fill(inOrderOfUse(payload, visible, { read, wanted }), read, maxChars);
  if (!plain.isFull) return textOf(visible, plain, maxChars);
  const ranked = inOrderOfGoal(payload, visible, { read, wanted });
  return textOf(ranked, fill(ranked, read, maxChars), maxChars);
}

interface Filled {
  shown: string[];
  leftOut: string[];
  contents: string[];
  /** Something was left out for want of room. */
  isFull: boolean;
}

/** With less room than this no file is looked at any more: a large repository would be read for nothing. */
const LEAST_CHARS = 64;

function fill(paths: readonly string[], read: Repository['read'], maxChars: number): Filled {
  const filled: Filled = { shown: [], leftOut: [], contents: [], isFull: false };
  let room = maxChars - fileList(paths, maxChars).length;
  for (const path of paths) {
    const content = room < LEAST_CHARS ? '' : read(path);
    const block = content === undefined ? undefined : fencedFile(path, content);
    if (block !== undefined && room >= LEAST_CHARS && block.length + 2 <= room) {
      room -= block.length + 2;
      filled.shown.push(path);
      filled.contents.push(block);
    } else {
      filled.isFull ||= block !== undefined;
      filled.leftOut.push(path);
    }
  }
  return filled;
}

function textOf(
  listed: readonly string[],
  { contents, shown, leftOut }: Filled,
  maxChars: number,
): RepositoryText {
  const parts = [fileList(listed, maxChars), ...contents, leftOutNote(leftOut)];
  return { text: parts.filter((part) => part !== '').join('\n\n'), shown, leftOut };
}

/** Ranking is one piece of work that nothing interrupts: of more files than this only the likeliest paths are read. */
const MOST_READ = 4_000;

function likely(paths: readonly string[], question: string): readonly string[] {
  if (paths.length <= MOST_READ) return paths;
  const unread = paths.map((path) => ({ path, text: '', isTest: false }));
  return rankFiles(unread, question).slice(0, MOST_READ);
}

/** Expected files, those of the plan, tests that mention the expected ones; then by what the goal is about. */
function inOrderOfGoal(
  payload: TaskPayload,
  files: readonly string[],
  { read, wanted }: { read: Repository['read']; wanted: readonly string[] },
): string[] {
  const { language, goal } = payload.input;
  const first = inOrderOfUse(payload, files, { read, wanted });
  const expected = payload.output_contract.expected_files;
  const fixed = first.filter((path) => expected.includes(path) || wanted.includes(path));
  const rest = files.filter((path) => !fixed.includes(path));
  const question = [goal, ...expected, ...wanted].join('\n');
  const sources = sourcesOf(rest, { language, question, read });
  const ranked = rankFiles(sources, question);
  const known = new Set([...fixed, ...ranked]);
  return [...fixed, ...ranked, ...files.filter((path) => !known.has(path))];
}

/** The texts of a repository that a model may see, to be searched; of very many files only the likeliest. */
export function sourcesFor(
  payload: TaskPayload,
  { files, read }: Pick<Repository, 'files' | 'read'>,
  question: string,
): SourceFile[] {
  const { language } = payload.input;
  return sourcesOf(visibleFiles(payload, files), { language, question, read });
}

function sourcesOf(
  paths: readonly string[],
  { language, question, read }: { language: Language; question: string; read: Repository['read'] },
): SourceFile[] {
  return likely(paths, question).flatMap((path) => {
    const text = read(path);
    return text === undefined ? [] : [{ path, text, isTest: isTestAsset(language, path) }];
  });
}

/** `repo.include` bounds what is read, `repo.exclude` too; expected files are always seen. */
export function visibleFiles(payload: TaskPayload, files: readonly string[]): string[] {
  const { include, exclude = [] } = payload.input.repo;
  const isIncluded = include === undefined ? () => true : picomatch(include, { dot: true });
  const isExcluded = picomatch(exclude, { dot: true });
  const expected = new Set(payload.output_contract.expected_files);
  return files.filter(
    (path) => !isExcluded(path) && (expected.has(path) || (isIncluded(path) && !NOISE.test(path))),
  );
}

/** At most half of the room, so that names leave some for contents; a few are named however little there is. */
function fileList(files: readonly string[], maxChars: number): string {
  if (files.length === 0) return 'The repository has no files yet.';
  let room = Math.max(LEAST_LIST_CHARS, maxChars / 2);
  const listed: string[] = [];
  for (const path of files.slice(0, MAX_LISTED)) {
    room -= path.length + 3;
    if (room < 0) break;
    listed.push(`- ${path}`);
  }
  const more = files.length - listed.length;
  return ['Files of the repository:', ...listed, ...(more > 0 ? [`- and ${more} more`] : [])].join(
    '\n',
  );
}

function leftOutNote(leftOut: readonly string[]): string {
  if (leftOut.length === 0) return '';
  const named = leftOut.slice(0, 40).join(', ');
  const more = leftOut.length > 40 ? ` and ${leftOut.length - 40} more` : '';
  return `Not shown, because there is no room or they are no text: ${named}${more}.`;
}

function inOrderOfUse(
  payload: TaskPayload,
  files: readonly string[],
  { read, wanted }: { read: Repository['read']; wanted: readonly string[] },
): string[] {
  const expected = payload.output_contract.expected_files;
  const stems = expected.map(stemOf);
  const folders = new Set(expected.map(folderOf));
  const rank = (path: string): number => {
    if (expected.includes(path)) return 0;
    if (wanted.includes(path)) return 0.5;
    if (isTestAsset(payload.input.language, path)) {
      const text = `${path}\n${read(path) ?? ''}`;
      return stems.some((stem) => text.includes(stem)) ? 1 : 3;
    }
    return folders.has(folderOf(path)) ? 2 : 4;
  };
  const ranked = files.map((path) => ({ path, rank: rank(path) }));
  return ranked
    .sort((a, b) => a.rank - b.rank || (a.path < b.path ? -1 : 1))
    .map(({ path }) => path);
}

function stemOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '');
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
