import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { openSolveBench, type SolveBench } from '../../support/solveBench.ts';
import { need } from './needTools.ts';

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

const HEADER = 'int clamp(int value, int most);\n';
const WRONG =
  '#include "clamp.h"\nint clamp(int value, int most) { return most < 0 ? most : value; }\n';
const RIGHT = WRONG.replace('most < 0', 'value > most');
const TEST = `#include <assert.h>
#include <stdlib.h>
#include "../clamp.h"

int main(void) {
  assert(clamp(1, 3) == 1);
  if (clamp(7, 3) != 3) exit(1);
  assert(clamp(9, 3) == 3);
  return 0;
}
`;
const MAKEFILE = `SOURCES = clamp.c

all: clamp_test

clamp_test: tests/test_clamp.c $(SOURCES)
	$(CC) -Wall -Wextra -Werror -std=c99 -o $@ tests/test_clamp.c $(SOURCES)

test: clamp_test
	./clamp_test
`;
const TREE = { 'clamp.h': HEADER, 'clamp.c': WRONG, 'tests/test_clamp.c': TEST };
const C = {
  language: 'c' as const,
  tree: { ...TREE, Makefile: MAKEFILE } as Record<string, string>,
  expected: ['clamp.c'],
};
const FIXED = { verdict: { name: 'verified' }, proof: { fixed: ['tests/test_clamp.c::main'] } };

describe('C with a Makefile', () => {
  test('answered wrong and then right is verified, having been told where it failed', async (ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const half = RIGHT.replace('most : value', 'most : 0 * value');
    const { solved, provider } = await bench.solve({
      ...C,
      answers: [file('clamp.c', half), file('clamp.c', RIGHT)],
    });
    expect(solved).toMatchObject(FIXED);
    expect(provider.requests[1]?.messages.at(-1)?.content).toContain(
      'In tests/test_clamp.c:\n- line 6: ',
    );
  });

  test('that does not compile is repaired from what gcc said', async (ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const { solved, provider } = await bench.solve({
      ...C,
      answers: [file('clamp.c', RIGHT.replace('most :', 'least :')), file('clamp.c', RIGHT)],
    });
    expect(solved).toMatchObject(FIXED);
    expect(provider.requests[1]?.messages.at(-1)?.content).toContain('‘least’ undeclared');
  });

  test('whose test ends by exit instead of a return is verified too', async (ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const { solved } = await bench.solve({
      ...C,
      tree: { ...C.tree, 'tests/test_clamp.c': TEST.replace('return 0;', 'exit(0);') },
      answers: [file('clamp.c', RIGHT)],
    });
    expect(solved).toMatchObject(FIXED);
  });

  test.for([
    [
      'ends the program before its main',
      '__attribute__((constructor)) static void end(void) { _exit(0); }\n',
    ],
    [
      'ends the program in the function',
      'int clamp(int value, int most) { (void)value; (void)most; exit(0); }\n',
    ],
    [
      'takes what an assertion calls away',
      'void __assert_fail(const char *a, const char *b, unsigned c, const char *d) { (void)a; (void)b; (void)c; (void)d; }\n',
    ],
  ] as const)('whose answer %s is refuted', async ([_, trick], ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const source = trick.startsWith('int clamp') ? '#include "clamp.h"\n' : WRONG;
    const { solved } = await bench.solve({
      ...C,
      answers: [file('clamp.c', `#include <stdlib.h>\n#include <unistd.h>\n${source}${trick}`)],
    });
    expect(solved).toMatchObject({ verdict: { name: 'refuted' } });
  });

  test('whose answer has the header take assertions away is not verified', async (ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const header = `${HEADER}#undef assert\n#define assert(x) ((void)0)\n#define exit(x) ((void)0)\n`;
    const { solved } = await bench.solve({
      ...C,
      answers: [file('clamp.h', header) + file('clamp.c', WRONG)],
    });
    expect(solved).toMatchObject({ verdict: { name: 'refuted' } });
  });

  test('whose answer turns the test goal into words is judged by the goal as it was', async (ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const { solved } = await bench.solve({
      ...C,
      answers: [file('Makefile', 'all:\ntest:\n\t@echo OK\n') + file('clamp.c', WRONG)],
    });
    expect(solved).toMatchObject({ verdict: { name: 'refuted' } });
  });

  test('whose answer adds a source to the Makefile is verified', async (ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const { solved } = await bench.solve({
      ...C,
      answers: [
        file('Makefile', MAKEFILE.replace('clamp.c\n', 'clamp.c least.c\n')) +
          file(
            'least.c',
            'int least(int a, int b);\nint least(int a, int b) { return a < b ? a : b; }\n',
          ) +
          file(
            'clamp.c',
            'int least(int a, int b);\nint clamp(int value, int most);\nint clamp(int value, int most) { return least(value, most); }\n',
          ),
      ],
    });
    expect(solved).toMatchObject(FIXED);
  });

  test('whose test goal does nothing proves nothing', async (ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const { solved } = await bench.solve({
      ...C,
      tree: { ...TREE, Makefile: 'all: clamp.o\n\ntest:\n\t@echo all tests passed\n' },
      answers: [file('clamp.c', RIGHT)],
    });
    expect(solved).toMatchObject({
      verdict: { name: 'unverified', reason: 'no_tests_executed' },
    });
  });

  test('whose tests are of a framework that does not tell is at most partially verified', async (ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const { solved } = await bench.solve({
      ...C,
      tree: {
        'clamp.h': HEADER,
        'clamp.c': WRONG,
        'check.sh': 'exit 0\n',
        Makefile: 'all: clamp.o\n\ncheck: clamp.o\n\t@sh check.sh\n',
      },
      answers: [file('clamp.c', RIGHT)],
    });
    expect(solved).toMatchObject({ verdict: { name: 'partially_verified' } });
  });
});

describe('C without a build file', () => {
  test('is compiled, and its test programs are run', async (ctx) => {
    await need(ctx, bench, 'gcc', 'make');
    const { solved } = await bench.solve({ ...C, tree: TREE, answers: [file('clamp.c', RIGHT)] });
    expect(solved).toMatchObject(FIXED);
  });
});
