import { type EditContext, parseEdits } from '../../lib/agents/edits/parseEdits.ts';

export const JAVA = 'src/main/java/com/acme/App.java';
export const GRADLE = 'build.gradle';
export const APP = 'package com.acme;\n\nclass App {\n}\n';
export const BUILD = "plugins { id 'java' }\n";
export const FENCE = '```';

/** Parses an answer against a tree given as path > content; expects JAVA and GRADLE unless told otherwise. */
export function parse(
  answer: string,
  context: Partial<EditContext> & { tree?: Record<string, string> } = {},
) {
  const tree = context.tree ?? {};
  const { files, problems } = parseEdits(answer, {
    finish: 'stop',
    expected: [JAVA, GRADLE],
    existing: Object.keys(tree),
    read: (path) => tree[path],
    exclude: () => false,
    ...context,
  });
  return {
    files: Object.fromEntries(files.map(({ path, content }) => [path, content])),
    problems,
    codes: problems.map(({ code, path }) => (path === undefined ? code : `${code} ${path}`)),
  };
}

/** One file as a model is asked to write it. */
export function file(path: string, content: string, info = ''): string {
  return `### FILE: ${path}\n${FENCE}${info}\n${content}${FENCE}\n`;
}
