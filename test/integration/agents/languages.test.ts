import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { openSolveBench, type SolveBench } from '../../support/solveBench.ts';

let bench: SolveBench;
let tools: Set<string>;

beforeAll(async () => {
  bench = await openSolveBench();
  tools = new Set((await bench.sandbox.toolchains()).map(({ tool }) => tool));
});

afterAll(() => {
  bench.close();
});

describe('TypeScript', () => {
  const CALC = 'export const add = (a: number, b: number): number => a - b;\n';
  const TEST =
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { add } from '../src/calc.ts';\n\ntest('adds', () => {\n  assert.equal(add(1, 2), 3);\n});\n";
  const scene = {
    language: 'typescript' as const,
    tree: { 'src/calc.ts': CALC, 'test/calc.test.ts': TEST },
    expected: ['src/calc.ts'],
  };

  test('with a failing test is verified once the test passes', async () => {
    const { solved } = await bench.solve({
      ...scene,
      answers: [file('src/calc.ts', CALC.replace('a - b', 'a + b'))],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'verified' },
      proof: { fixed: ['test/calc.test.ts::adds'] },
    });
  });

  test('that does not type-check is repaired from what tsc said', async () => {
    const { solved, provider } = await bench.solve({
      ...scene,
      answers: [
        file('src/calc.ts', CALC.replace('a - b', 'String(a + b)')),
        file('src/calc.ts', CALC.replace('a - b', 'a + b')),
      ],
    });
    expect(solved).toMatchObject({ verdict: { name: 'verified' } });
    expect(provider.requests[1]?.messages.at(-1)?.content).toContain('TS2322');
  });

  test('that ends the process early has not passed', async () => {
    const { solved } = await bench.solve({
      ...scene,
      answers: [file('src/calc.ts', `${CALC}process.exit(0);\n`)],
    });
    expect(solved).toMatchObject({ verdict: { name: 'refuted' } });
  });

  test('whose declared packages are not installed says which', async () => {
    const manifest = JSON.stringify({
      scripts: { test: 'vitest run' },
      devDependencies: { vitest: '5' },
    });
    const { solved } = await bench.solve({
      ...scene,
      language: 'javascript',
      tree: { 'package.json': manifest, 'calc.js': 'export const add = 1;\n' },
      expected: ['calc.js'],
      answers: [file('calc.js', 'export const add = 2;\n')],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'unverified', reason: 'dependencies_missing' },
    });
    expect(solved.kind === 'ended' && solved.verdict.summary).toContain('vitest');
  });
});

describe('JavaScript', () => {
  const TEST =
    "import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { add } from './calc.mjs';\n\ntest('adds', () => assert.equal(add(1, 2), 3));\n";

  test('with a test whose target did not exist is verified by it, after a syntax error was repaired', async () => {
    const { solved, provider } = await bench.solve({
      language: 'javascript',
      tree: { 'calc.test.mjs': TEST },
      expected: ['calc.mjs'],
      answers: [
        file('calc.mjs', 'export const add = (a, b) => a +;\n'),
        file('calc.mjs', 'export const add = (a, b) => a + b;\n'),
      ],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'verified' },
      proof: { fixed: ['calc.test.mjs::adds'] },
    });
    expect(provider.requests[1]?.messages.at(-1)?.content).toContain('SyntaxError');
  });
});

describe('plain Java', () => {
  const TEST = `package shop;

public class CartTest {
    public static void main(String[] args) {
        assert new Cart().total(2, 3) == 6 : "total";
    }
}
`;
  const cart = (body: string) =>
    `package shop;\n\npublic class Cart {\n    public int total(int count, int price) {\n        ${body}\n    }\n}\n`;
  const scene = {
    language: 'java' as const,
    tree: { 'src/shop/CartTest.java': TEST },
    expected: ['src/shop/Cart.java'],
  };

  test('is compiled and its test classes are run with assertions', async (ctx) => {
    if (!tools.has('javac')) ctx.skip('javac is not there: install a JDK');
    const { solved, provider } = await bench.solve({
      ...scene,
      answers: [
        file('src/shop/Cart.java', cart('return count + price;')),
        file('src/shop/Cart.java', cart('return count * price;')),
      ],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'verified' },
      proof: { fixed: ['src/shop/CartTest.java::main'] },
    });
    expect(provider.requests[1]?.messages.at(-1)?.content).toContain(
      'java.lang.AssertionError: total',
    );
  });

  test('that ends the JVM early has not passed', async (ctx) => {
    if (!tools.has('javac')) ctx.skip('javac is not there: install a JDK');
    const { solved } = await bench.solve({
      ...scene,
      answers: [file('src/shop/Cart.java', cart('System.exit(0);\n        return 0;'))],
    });
    expect(solved).toMatchObject({ verdict: { name: 'refuted' } });
  });
});

describe('Maven', () => {
  test('whose plugins are not in the offline cache lacks dependencies', async (ctx) => {
    if (!tools.has('mvn')) ctx.skip('mvn is not there: install Maven');
    const pom =
      '<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId><version>1</version></project>\n';
    const { solved } = await bench.solve({
      language: 'java',
      tree: { 'pom.xml': pom },
      expected: ['src/main/java/A.java'],
      answers: [file('src/main/java/A.java', 'public class A {}\n')],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'unverified', reason: 'dependencies_missing' },
    });
    expect(solved.kind === 'ended' && solved.verdict.summary).toContain('maven');
  });
});

describe('Go', () => {
  test('is built and tested', async (ctx) => {
    if (!tools.has('go')) ctx.skip('go is not there: install it');
    const { solved } = await bench.solve({
      language: 'go',
      tree: {
        'go.mod': 'module example.com/calc\n\ngo 1.21\n',
        'calc_test.go':
          'package calc\n\nimport "testing"\n\nfunc TestAdd(t *testing.T) {\n\tif Add(1, 2) != 3 {\n\t\tt.Fatal("wrong")\n\t}\n}\n',
      },
      expected: ['calc.go'],
      answers: [file('calc.go', 'package calc\n\nfunc Add(a, b int) int { return a + b }\n')],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'verified' },
      proof: { fixed: ['calc_test.go::TestAdd'] },
    });
  }, 180_000);
});

describe('Rust', () => {
  test('is built and tested', async (ctx) => {
    if (!tools.has('cargo')) ctx.skip('cargo is not there: install Rust');
    const { solved } = await bench.solve({
      language: 'rust',
      tree: {
        'Cargo.toml': '[package]\nname = "calc"\nversion = "0.1.0"\nedition = "2021"\n',
        'src/lib.rs': '',
        'tests/adds.rs': '#[test]\nfn adds() {\n    assert_eq!(calc::add(1, 2), 3);\n}\n',
      },
      expected: ['src/lib.rs'],
      answers: [file('src/lib.rs', 'pub fn add(a: i32, b: i32) -> i32 {\n    a + b\n}\n')],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'verified' },
      proof: { fixed: ['tests/adds.rs::adds'] },
    });
  }, 180_000);
});
