import { afterAll, beforeAll, expect, test } from 'vitest';
import { file } from '../../support/modelAnswer.ts';
import { openSolveBench, type SolveBench } from '../../support/solveBench.ts';

let bench: SolveBench;
let majors: number[];

beforeAll(async () => {
  bench = await openSolveBench();
  const tools = await bench.sandbox.toolchains();
  majors = tools.flatMap(({ tool }) => /^javac-(\d+)$/.exec(tool)?.[1] ?? []).map(Number);
});

afterAll(() => {
  bench.close();
});

/** Its test passes on one JDK alone. */
function scene(major: number) {
  return {
    language: 'java' as const,
    tree: {
      'ReleaseTest.java': `public class ReleaseTest {
  public static void main(String[] args) {
    assert Release.current() == ${major} : Release.current();
  }
}
`,
    },
    expected: ['Release.java'],
    nonNegotiables: { jdk: major },
    answers: [
      file(
        'Release.java',
        'public class Release {\n  public static int current() {\n    return Runtime.version().feature();\n  }\n}\n',
      ),
    ],
  };
}

test('each JDK of this machine compiles and runs what asks for it', async (ctx) => {
  if (majors.length === 0) ctx.skip('no JDK is below /usr/lib/jvm: install one');
  const solved = await Promise.all(majors.map((major) => bench.solve(scene(major))));
  expect(solved.map((one) => one.solved.kind === 'ended' && one.solved.verdict.name)).toEqual(
    majors.map(() => 'verified'),
  );
});

test('a JDK that is not there is never replaced: what was asked, what was found and how to have it', async () => {
  const asked = [21, 24, 23].find((major) => !majors.includes(major)) ?? 22;
  const { solved, read } = await bench.solve(scene(asked));
  expect(solved).toMatchObject({
    verdict: {
      name: 'unverified',
      reason: 'non_negotiable_unsatisfied',
      remedy: expect.stringContaining(`JDK ${asked}`),
    },
    proof: {
      non_negotiables: [
        {
          name: 'jdk',
          asked: String(asked),
          found: majors.length === 0 ? null : majors.toSorted((a, b) => a - b).join(', '),
          satisfied: false,
        },
      ],
      runs: [],
    },
  });
  expect(read('Release.java')).toContain('Runtime.version()');
});
