import type { CodingContext } from '../llm.ts';

export interface SourceFile {
  path: string;
  content: string;
}

/** What a skeleton is derived from. */
export interface ScaffoldRequest extends CodingContext {
  /** Expected files that are not there yet; existing files are never touched. */
  missing: readonly string[];
}

/** What every skeleton says of itself. */
export const NOTICE =
  'Skeleton made without a language model. It compiles; the goal is still to be met:';

/** The goal as one line that is safe inside a comment of any language: no control characters, `*`, `\` or quotes. */
export function goalLine(goal: string): string {
  const plain = goal
    .replaceAll(/[^\p{L}\p{N} .,;:()/_+=-]/gu, ' ')
    .replaceAll('/', ' ')
    .replaceAll(/-{2,}/g, '-')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return plain.length > 160 ? `${plain.slice(0, 160).trimEnd()} ...` : plain;
}

/** Notice and goal, each line behind a comment mark such as `//` or `#`. */
export function noticeLines(mark: string, goal: string): string {
  return `${mark} ${NOTICE}\n${mark} ${goalLine(goal)}\n`;
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The folder with a slash behind it; empty for the root. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** The file name up to its first dot. */
export function stemOf(path: string): string {
  return baseName(path).split('.')[0] ?? '';
}

/** "order-service_v2" is OrderServiceV2; never empty, never begins with a digit. */
export function pascalCase(text: string): string {
  const words = text.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return /^[A-Za-z]/.test(joined) ? joined : `X${joined}`;
}

/** Lower-case letters, digits and `_`; never empty, never begins with a digit. */
export function snakeCase(text: string): string {
  const snake = text
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase()
    .replaceAll(/^_+|_+$/g, '');
  return /^[a-z]/.test(snake) ? snake : `x_${snake}`;
}
