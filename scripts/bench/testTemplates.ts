import { basename, dirname, extname } from 'node:path';
import type { Language } from '../../lib/task/payload.ts';
import type { TaskSpec } from './taskSpec.ts';

export interface TestFile {
  path: string;
  text: string;
}

type Spec = Pick<TaskSpec, 'source' | 'tests' | 'imports'>;

/** The test file of a task: the bodies of its tests in the form its language's own runner takes. */
export function testFileOf(language: Language, spec: Spec): TestFile {
  return TEMPLATES[language](spec, basename(spec.source, extname(spec.source)));
}

const TEMPLATES: Record<Language, (spec: Spec, module: string) => TestFile> = {
  python: (spec, module) => ({
    path: `tests/test_${module}.py`,
    text: [
      `import unittest\n${spec.imports ?? ''}from ${module} import *\n\n\nclass Check(unittest.TestCase):\n`,
      ...bodies(spec, (name, body) => `    def test_${name}(self):\n${indented(body, 8)}\n`),
    ].join(''),
  }),
  javascript: (spec, module) => nodeTest(spec, module),
  typescript: (spec, module) => nodeTest(spec, module),
  java: (spec, module) => ({
    path: `${module}Test.java`,
    text: [
      `${spec.imports ?? ''}\npublic class ${module}Test {\n  public static void main(String[] args) {\n`,
      ...bodies(spec, (name, body) => `    // ${name}\n${indented(body, 4)}`),
      '  }\n}\n',
    ].join(''),
  }),
  go: (spec, module) => ({
    path: `${module}_test.go`,
    text: [
      `package ${dirname(spec.source) === '.' ? 'judged' : basename(dirname(spec.source))}\n\nimport "testing"\n`,
      ...bodies(
        spec,
        (name, body) => `\nfunc Test${name}(t *testing.T) {\n${indented(body, 2)}}\n`,
      ),
    ].join(''),
  }),
  c: (spec, module) => cTest(spec, module, '.c'),
  cpp: (spec, module) => cTest(spec, module, '.cpp'),
  rust: (spec) => ({
    path: 'tests/judged.rs',
    text: [
      `use judged::*;\n${spec.imports ?? ''}`,
      ...bodies(spec, (name, body) => `\n#[test]\nfn ${name}() {\n${indented(body, 4)}}\n`),
    ].join(''),
  }),
};

function cTest(spec: Spec, module: string, extension: string): TestFile {
  return {
    path: `tests/test_${module}${extension}`,
    text: [
      `#include <assert.h>\n#include <string.h>\n${spec.imports ?? ''}#include "../${module}.h"\n`,
      '\nint main(void) {\n',
      ...bodies(spec, (name, body) => `  /* ${name} */\n${indented(body, 2)}`),
      '  return 0;\n}\n',
    ].join(''),
  };
}

function nodeTest(spec: Spec, module: string): TestFile {
  const extension = extname(spec.source);
  return {
    path: `test/${module}.test${extension}`,
    text: [
      `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\n`,
      `${spec.imports ?? ''}import * as judged from '../${spec.source}';\n`,
      ...bodies(spec, (name, body) => `\ntest('${name}', () => {\n${indented(body, 2)}});\n`),
    ].join(''),
  };
}

function bodies(spec: Spec, write: (name: string, body: string) => string): string[] {
  return Object.entries(spec.tests ?? {}).map(([name, body]) => write(name, body));
}

function indented(body: string, spaces: number): string {
  const lines = body.trimEnd().split('\n');
  return lines.map((line) => (line === '' ? '\n' : `${' '.repeat(spaces)}${line}\n`)).join('');
}
