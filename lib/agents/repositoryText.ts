import picomatch from 'picomatch';
import type { TaskPayload } from '../task/payload.ts';
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
}

/** A longer list is cut, and says so. */
const MAX_LISTED = 400;
const NOISE =
  /(^|\/)(node_modules|__pycache__|\.venv|target|build|dist|\.gradle|\.idea)\/|\.(lock|min\.js|map|png|jpe?g|gif|ico|pdf|jar|class|pyc|zip|gz)$|(^|\/)(package-lock\.json|gradlew(\.bat)?)$/;

/**
 * The repository as a model sees it: the list of its files, then contents in the order of their use (expected files,
 * tests that mention them, their neighbours, the rest) while they fit into `maxChars`. What is left out is named.
 */
export function describeRepository(
  payload: TaskPayload,
  { files, read }: Repository,
  maxChars: number,
): RepositoryText {
  const visible = visibleFiles(payload, files);
  const list = fileList(visible);
  const shown: string[] = [];
  const leftOut: string[] = [];
  const contents: string[] = [];
  let room = maxChars - list.length;
  for (const path of inOrderOfUse(payload, visible, read)) {
    const content = read(path);
    const block = content === undefined ? undefined : fencedFile(path, content);
    if (block !== undefined && block.length + 2 <= room) {
      room -= block.length + 2;
      shown.push(path);
      contents.push(block);
    } else {
      leftOut.push(path);
    }
  }
  return {
    text: [list, ...contents, leftOutNote(leftOut)].filter((part) => part !== '').join('\n\n'),
    shown,
    leftOut,
  };
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

function fileList(files: readonly string[]): string {
  if (files.length === 0) return 'The repository has no files yet.';
  const listed = files.slice(0, MAX_LISTED).map((path) => `- ${path}`);
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
  read: Repository['read'],
): string[] {
  const expected = payload.output_contract.expected_files;
  const stems = expected.map(stemOf);
  const folders = new Set(expected.map(folderOf));
  const rank = (path: string): number => {
    if (expected.includes(path)) return 0;
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
