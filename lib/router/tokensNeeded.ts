import type { TaskPayload } from '../task/payload.ts';

/** Of a file that is not there yet: a class and its imports, some 70 lines. */
const NEW_FILE_TOKENS = 700;
/** Where no file is named: one or two files are changed. */
const UNNAMED_TOKENS = 1_500;
/** What is said around the files. */
const PROSE_TOKENS = 200;
/** Fewer characters than elsewhere are taken for a token: who is told too few waits in vain. */
const BYTES_PER_TOKEN = 3;
/** The first answer and one repair. */
const ANSWERS = 2;

/**
 * Tokens that a model will likely generate for a task, at most its max_tokens: the expected files, written whole, twice.
 * `sizes` holds the bytes of those that are there already.
 */
export function tokensNeeded(payload: TaskPayload, sizes: ReadonlyMap<string, number>): number {
  const { expected_files: files } = payload.output_contract;
  const ofFiles = files.reduce((sum, path) => sum + fileTokens(sizes.get(path)), 0);
  const answer = PROSE_TOKENS + (files.length === 0 ? UNNAMED_TOKENS : ofFiles);
  return Math.min(payload.input.constraints.max_tokens, answer * ANSWERS);
}

/** A file that is there grows by what the goal adds. */
function fileTokens(bytes: number | undefined): number {
  if (bytes === undefined) return NEW_FILE_TOKENS;
  return Math.ceil(bytes / BYTES_PER_TOKEN) + NEW_FILE_TOKENS / 2;
}
