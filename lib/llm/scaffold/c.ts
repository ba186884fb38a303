import {
  baseName,
  folderOf,
  noticeLines,
  type ScaffoldRequest,
  type SourceFile,
  snakeCase,
  stemOf,
} from './sourceFile.ts';

const SOURCE = /\.(c|cc|cpp|cxx)$/;
const HEADER = /\.(h|hh|hpp|hxx)$/;
const BUILD_FILE = /^((GNUm|[Mm])akefile|CMakeLists\.txt)$/;

/** Sources, headers with a guard, a smoke test, and a Makefile where there is no build file. */
export function cFiles(request: ScaffoldRequest): SourceFile[] {
  const { missing, existingFiles, language, goal } = request;
  const files = missing.filter((path) => SOURCE.test(path) || HEADER.test(path));
  if (files.length === 0) return [];
  const test = `tests/smoke_test.${language === 'c' ? 'c' : 'cpp'}`;
  const known = [...existingFiles, ...missing];
  const skeletons = files.map((path) =>
    HEADER.test(path) ? header(path, goal) : source(path, request),
  );
  if (known.some((path) => BUILD_FILE.test(path))) return skeletons;
  const sources = known.filter((path) => SOURCE.test(path) && !/(^|\/)tests?\//.test(path));
  return [
    ...skeletons,
    ...(known.includes(test) ? [] : [{ path: test, content: SMOKE_TEST }]),
    makefile(
      sources.filter((path) => !isMain(path)),
      test,
      language === 'c',
    ),
  ];
}

function source(path: string, { goal, missing, existingFiles }: ScaffoldRequest): SourceFile {
  const own = [...missing, ...existingFiles].find(
    (other) =>
      HEADER.test(other) && folderOf(other) === folderOf(path) && stemOf(other) === stemOf(path),
  );
  const include = own === undefined ? '' : `\n#include "${baseName(own)}"\n`;
  // A program of its own, and never a source without a declaration, which pedantic compilers complain about.
  const body = isMain(path)
    ? '\nint main(void) { return 0; }\n'
    : `\nint ${marker(path)}(void);\nint ${marker(path)}(void) { return 0; }\n`;
  return { path, content: `${comment(goal)}${include}${body}` };
}

function header(path: string, goal: string): SourceFile {
  const guard = `${snakeCase(path).toUpperCase()}_INCLUDED`;
  return { path, content: `${comment(goal)}\n#ifndef ${guard}\n#define ${guard}\n\n#endif\n` };
}

function isMain(path: string): boolean {
  return stemOf(path) === 'main';
}

/** Every compiler of C takes this form of a comment, however old the standard it is told to follow. */
function comment(goal: string): string {
  const lines = noticeLines(' *', goal);
  return `/*\n${lines} */\n`;
}

function marker(path: string): string {
  return `${snakeCase(path)}_is_to_be_done`;
}

const SMOKE_TEST = `#include <stdio.h>

/* Proves that the sources compile, not that the goal was met. */
int main(void) {
  puts("smoke test passed");
  return 0;
}
`;

function makefile(sources: readonly string[], test: string, isC: boolean): SourceFile {
  const content = `SOURCES = ${sources.join(' ')}

all: smoke_test

smoke_test: ${test} $(SOURCES)
\t${isC ? '$(CC) $(CFLAGS)' : '$(CXX) $(CXXFLAGS)'} -Wall -I. -o $@ ${test} $(SOURCES)

test: smoke_test
\t./smoke_test

clean:
\trm -f smoke_test

.PHONY: all test clean
`;
  return { path: 'Makefile', content };
}
