import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseEdits } from '../../../lib/agents/edits/parseEdits.ts';
import { createScaffold } from '../../../lib/llm/adapters/scaffold.ts';
import type { CodingContext } from '../../../lib/llm/llm.ts';
import { scaffoldFiles } from '../../../lib/llm/scaffold/scaffoldAnswer.ts';
import { goalLine } from '../../../lib/llm/scaffold/sourceFile.ts';
import { LANGUAGES } from '../../../lib/task/payload.ts';
import { generateRequest } from '../../support/generateRequest.ts';

const RESOLVER = 'src/main/java/com/acme/product/ProductResolver.java';

function files(context: Partial<CodingContext>): Record<string, string> {
  const laid = scaffoldFiles(generateRequest({ context }).context);
  return Object.fromEntries(laid.map(({ path, content }) => [path, content]));
}

function paths(context: Partial<CodingContext>): string[] {
  return Object.keys(files(context));
}

describe('what the scaffold says', () => {
  test('that no model was used, that the goal was not addressed, and how to get a model', async () => {
    const scaffold = createScaffold();
    const { text, generatedTokens } = await scaffold.generate(generateRequest());
    expect(text).toContain('No language model was used, and the goal was not addressed.');
    expect(text).toContain('ollama pull qwen2.5-coder:7b && npm start');
    expect(generatedTokens).toBe(0);
    expect(scaffold).toMatchObject({ name: 'scaffold', llm: false, goalAddressed: false });
  });

  test('the same request gives the same answer', async () => {
    const answers = await Promise.all(
      [1, 2].map(() => createScaffold().generate(generateRequest())),
    );
    expect(answers[0]).toEqual(answers[1]);
  });

  test('a goal cannot break out of a comment', () => {
    expect(goalLine('a */ b \\u000a c\n"x" --> `y`')).toBe('a b u000a c x - y');
    expect(goalLine('x'.repeat(500))).toHaveLength(164);
  });
});

describe('Java', () => {
  test('the mission: package from the path, Gradle with the toolchain, a smoke test with a main', () => {
    const laid = files({
      language: 'java',
      expectedFiles: [RESOLVER],
      nonNegotiables: { build_tool: 'gradle', jdk: 21 },
    });
    expect(Object.keys(laid)).toEqual([
      RESOLVER,
      'src/test/java/com/acme/product/ProductResolverSmokeTest.java',
      'build.gradle',
      'settings.gradle',
    ]);
    expect(laid[RESOLVER]).toContain('package com.acme.product;');
    expect(laid[RESOLVER]).not.toContain('import ');
    expect(laid['build.gradle']).toContain("id 'java'");
    expect(laid['build.gradle']).toContain('JavaLanguageVersion.of(21)');
    expect(laid['build.gradle']).toContain("'com.acme.product.ProductResolverSmokeTest'");
    expect(laid['build.gradle']).not.toMatch(/repositories|dependencies/);
  });

  test('Maven gets a pom with the release that was asked for', () => {
    const pom = files({
      language: 'java',
      expectedFiles: [RESOLVER],
      nonNegotiables: { build_tool: 'maven', jdk: 17 },
    })['pom.xml'];
    expect(pom).toContain('<maven.compiler.release>17</maven.compiler.release>');
    expect(pom).toContain('<artifactId>productresolver</artifactId>');
  });

  test('a module gets its own build file and is named in the settings', () => {
    const laid = files({
      language: 'java',
      expectedFiles: ['apps/shop/src/main/java/a/B.java'],
      nonNegotiables: { build_tool: 'gradle' },
    });
    expect(laid['apps/shop/build.gradle']).not.toContain('toolchain');
    expect(laid['settings.gradle']).toContain("include 'apps:shop'");
  });

  test('without a demanded tool there is no build file', () => {
    expect(paths({ language: 'java', expectedFiles: ['App.java'] })).toEqual([
      'App.java',
      'AppSmokeTest.java',
    ]);
  });

  test('a build file that is there stays as it is', () => {
    const context = {
      language: 'java',
      expectedFiles: [RESOLVER],
      existingFiles: ['build.gradle.kts', 'settings.gradle'],
      nonNegotiables: { build_tool: 'gradle' },
    } as const;
    expect(paths(context)).toEqual([
      RESOLVER,
      'src/test/java/com/acme/product/ProductResolverSmokeTest.java',
    ]);
  });
});

describe('other languages', () => {
  test.each([
    ['python', ['shop/cart.py'], ['shop/cart.py', 'tests/__init__.py', 'tests/test_cart_smoke.py']],
    ['typescript', ['src/cart.ts'], ['src/cart.ts', 'test/cart.smoke.test.mjs']],
    [
      'javascript',
      ['cart.js', 'package.json'],
      ['cart.js', 'test/cart.smoke.test.mjs', 'package.json'],
    ],
    ['go', ['cart/cart.go'], ['cart/cart.go', 'cart/cart_smoke_test.go', 'go.mod']],
    ['c', ['cart.c', 'cart.h'], ['cart.c', 'cart.h', 'tests/smoke_test.c', 'Makefile']],
    ['rust', ['src/cart.rs'], ['src/lib.rs', 'src/cart.rs', 'Cargo.toml']],
    ['python', ['README.md', 'data.json'], ['README.md', 'data.json']],
  ] as const)('%s: %j', (language, expectedFiles, expected) => {
    expect(paths({ language, expectedFiles })).toEqual(expected);
  });

  test('nothing is laid out when nothing is missing', () => {
    expect(paths({ expectedFiles: ['a.py'], existingFiles: ['a.py'] })).toEqual([]);
    expect(paths({ expectedFiles: [] })).toEqual([]);
  });
});

test('whatever is expected, every missing file is made, no existing one is touched, and the answer can be read', async () => {
  const part = fc.constantFrom(
    'src',
    'main',
    'java',
    'test',
    'a',
    'B',
    'class',
    'x-y',
    '1',
    'mod',
    'lib',
  );
  const extension = fc.constantFrom(
    'java',
    'py',
    'ts',
    'tsx',
    'd.ts',
    'js',
    'go',
    'rs',
    'md',
    'json',
    'xml',
    'toml',
    'x',
  );
  const path = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 5 }), extension)
    .map(([parts, end]) => `${parts.join('/')}.${end}`);
  const some = fc.uniqueArray(path, { maxLength: 5 });
  const tool = fc.constantFrom('gradle', 'maven', 'npm', undefined);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...LANGUAGES),
      some,
      some,
      tool,
      async (language, expectedFiles, existingFiles, build_tool) => {
        const nonNegotiables = build_tool === undefined ? {} : { build_tool };
        const request = generateRequest({
          context: {
            language,
            expectedFiles,
            existingFiles,
            nonNegotiables,
            goal: 'Do ``` it */ now',
          },
        });
        const { text } = await createScaffold().generate(request);
        const edits = parseEdits(text, {
          finish: 'stop',
          expected: expectedFiles,
          existing: existingFiles,
          read: () => undefined,
          exclude: () => false,
        });
        const made = edits.files.map((file) => file.path);
        expect(edits.problems.filter(({ code }) => code !== 'no_blocks')).toEqual([]);
        for (const missing of expectedFiles) {
          expect(made.includes(missing)).toBe(!existingFiles.includes(missing));
        }
        expect(made.filter((touched) => existingFiles.includes(touched))).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});
