import { describe, expect, test } from 'vitest';
import { detectProject } from '../../../../lib/agents/oracle/detect.ts';
import { isTestAsset, isTestModule } from '../../../../lib/agents/oracle/testFiles.ts';

describe('the project of a tree', () => {
  test.each([
    ['java', ['build.gradle.kts', 'src/main/java/A.java'], 'gradle', '.'],
    ['java', ['pom.xml'], 'maven', '.'],
    ['java', ['src/A.java'], 'javac', '.'],
    ['python', ['a.py'], 'python', '.'],
    ['typescript', ['package.json', 'pom.xml'], 'node', '.'],
    ['go', ['go.mod'], 'go', '.'],
    ['rust', ['Cargo.toml'], 'cargo', '.'],
    ['c', ['Makefile', 'main.c'], 'make', '.'],
    ['cpp', ['CMakeLists.txt', 'Makefile'], 'cmake', '.'],
    ['c', ['main.c'], 'cc', '.'],
  ] as const)('%s with %j is built by %s', (language, files, tool, root) => {
    expect(detectProject(files, language, undefined)).toMatchObject({ tool, root });
  });

  test('a single nested build file counts, and the root wins over it', () => {
    expect(detectProject(['service/pom.xml', 'README.md'], 'java', undefined)).toMatchObject({
      tool: 'maven',
      root: 'service',
    });
    expect(detectProject(['Cargo.toml', 'fuzz/Cargo.toml'], 'rust', undefined).root).toBe('.');
  });

  test('of two nested projects none is taken', () => {
    const found = detectProject(['a/pom.xml', 'b/pom.xml'], 'java', undefined);
    expect(found).toEqual({ language: 'java', tool: 'javac', root: '.' });
  });

  test('a demanded build tool wins over what is found, and is never replaced', () => {
    expect(detectProject(['pom.xml', 'build.gradle'], 'java', 'maven').tool).toBe('maven');
    const missing = detectProject(['pom.xml'], 'java', 'gradle');
    expect(missing).toEqual({ language: 'java', tool: 'gradle', root: '.' });
    expect(detectProject(['CMakeLists.txt', 'Makefile'], 'c', 'make').tool).toBe('make');
  });
});

describe('test files', () => {
  test.each([
    ['python', 'tests/test_a.py', true],
    ['python', 'pkg/a_test.py', true],
    ['python', 'pkg/contest.py', false],
    ['python', 'venv/lib/test_a.py', false],
    ['typescript', 'src/a.test.ts', true],
    ['typescript', 'src/latest.ts', false],
    ['javascript', 'test/fixtures/data.js', false],
    ['java', 'src/test/java/a/FooTest.java', true],
    ['java', 'Contest.java', false],
    ['java', 'Attest.java', false],
    ['go', 'a_test.go', true],
    ['rust', 'tests/a.rs', true],
    ['c', 'tests/clamp.c', true],
    ['c', 'src/test_clamp.c', true],
    ['cpp', 'src/CartTest.cpp', true],
    ['c', 'src/contest.c', false],
    ['c', 'tests/data/input.txt', false],
  ] as const)('%s: a runner runs %s: %s', (language, path, expected) => {
    expect(isTestModule(language, path)).toBe(expected);
  });

  test('what tests rest on is restored with them', () => {
    expect(isTestAsset('python', 'tests/data/input.json')).toBe(true);
    expect(isTestAsset('python', 'conftest.py')).toBe(true);
    expect(isTestAsset('javascript', 'test/fixtures/data.js')).toBe(true);
    expect(isTestAsset('python', 'calc.py')).toBe(false);
  });
});
