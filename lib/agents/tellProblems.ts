import type { EditProblem } from './edits/parseEdits.ts';

/** What was wrong with an answer, line by line, for whoever gave it. */
export function tellProblems(problems: readonly EditProblem[]): string {
  if (problems.length === 0) return '- the answer changes nothing';
  return problems
    .map((problem) => {
      const { detail } = problem;
      return `- ${tellProblem(problem)}${detail === undefined ? '' : ` (${detail})`}`;
    })
    .join('\n');
}

/** In a few words. */
export function tellProblem({ code, path }: EditProblem): string {
  return `${path === undefined ? '' : `${path}: `}${WORDS[code]}`;
}

const WORDS: Record<EditProblem['code'], string> = {
  no_blocks: 'no file was found in the answer',
  missing_file: 'this expected file is missing',
  unsafe_path: 'this path leads out of the repository',
  ambiguous_path: 'this path fits several files; write it from the root',
  excluded_path: 'this path must not be written',
  no_fence: 'the content stands in no fence',
  truncated: 'the file was cut off',
  empty: 'the file is empty',
  placeholder: 'part of the file is abbreviated; write every line of what you answer',
  too_long: 'this file is too long to be written anew; change it by SEARCH/REPLACE',
  unseen_file: 'this file is there already and you had not seen it; it was left as it is',
  not_text: 'this file is there already and is no UTF-8 text; it was left as it is',
  malformed_edit: 'the SEARCH/REPLACE is malformed',
  search_miss: 'the lines of SEARCH are not in the file; copy them as they stand there',
  search_ambiguous:
    'the lines of SEARCH are in the file more than once; take in more lines around them',
};
