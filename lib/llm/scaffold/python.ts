import {
  baseName,
  folderOf,
  noticeLines,
  pascalCase,
  type ScaffoldRequest,
  type SourceFile,
  snakeCase,
} from './sourceFile.ts';

/** Modules, and one unittest that loads them, in the package `tests`. */
export function pythonFiles(request: ScaffoldRequest): SourceFile[] {
  const modules = request.missing.filter((path) => path.endsWith('.py'));
  const content = noticeLines('#', request.goal);
  const loaded = modules.filter((path) => !isTest(path));
  return [...modules.map((path) => ({ path, content })), ...smokeTests(loaded, request)];
}

function isTest(path: string): boolean {
  return (
    /^(?:test_.*|.*_test|conftest|__init__)\.py$/.test(baseName(path)) ||
    folderOf(path).startsWith('tests/')
  );
}

function smokeTests(modules: readonly string[], request: ScaffoldRequest): SourceFile[] {
  const [first] = modules;
  if (first === undefined) return [];
  const name = snakeCase(baseName(first).slice(0, -'.py'.length));
  const known = [...request.existingFiles, ...request.missing];
  const files: SourceFile[] = [
    // Without it, unittest's discovery from the root does not look into the folder.
    { path: 'tests/__init__.py', content: '' },
    { path: `tests/test_${name}_smoke.py`, content: smokeTest(pascalCase(name), modules) },
  ];
  return files.filter(({ path }) => !known.includes(path));
}

function smokeTest(name: string, modules: readonly string[]): string {
  return `"""Proves that the skeleton can be loaded, not that the goal was met."""

import pathlib
import runpy
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULES = [${modules.map((path) => JSON.stringify(path)).join(', ')}]


class ${name}SmokeTest(unittest.TestCase):
    def test_the_modules_load(self):
        for module in MODULES:
            with self.subTest(module):
                runpy.run_path(str(ROOT / module))


if __name__ == "__main__":
    unittest.main()
`;
}
