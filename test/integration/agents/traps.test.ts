import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import type { BenchAnswer, BenchTask } from '../../../scripts/bench/buildTask.ts';
import { readManifest } from '../../../scripts/bench/manifest.ts';
import { answerText } from '../../../scripts/bench/transcript.ts';
import { openSolveBench, type SolveBench } from '../../support/solveBench.ts';

const { tasks } = readManifest('examples/proof/manifest.yaml');
let bench: SolveBench;
let tools: ReadonlySet<string>;

beforeAll(async () => {
  bench = await openSolveBench();
  tools = new Set((await bench.sandbox.toolchains()).map(({ tool }) => tool));
});

afterAll(() => {
  bench.close();
});

function skipWithoutTool(context: TestContext, id: string): void {
  if (id.startsWith('py-pytest') && !tools.has('pytest')) context.skip('pip install pytest');
  if (id.startsWith('py-') && !tools.has('python3')) context.skip('apt-get install python3');
  if (id.startsWith('java-') && !tools.has('javac')) context.skip('install a JDK');
}

async function verdictOf(id: string, kind: string): Promise<string | undefined> {
  const task = taskOf(id);
  const { solved } = await bench.solve({
    language: task.language,
    tree: task.base,
    expected: [task.source],
    answers: [answerText(answerOf(task, kind))],
  });
  return solved.kind === 'ended' ? solved.verdict.name : solved.failure.code;
}

function taskOf(id: string): BenchTask {
  const task = tasks.find((one) => one.id === id);
  if (task === undefined) throw new Error(`the manifest has no task ${id}`);
  return task;
}

function answerOf({ answers, id }: BenchTask, kind: string): BenchAnswer {
  const answer = answers.find((one) => one.kind === kind);
  if (answer === undefined) throw new Error(`${id} has no answer ${kind}`);
  return answer;
}

describe('an answer that leaves the code wrong is refuted', () => {
  test.for([
    ['py-fibonacci', 'forge-report', 'writes the report of the tests itself'],
    ['py-run-length', 'forge-through-main', 'speaks through the runner'],
    ['py-flatten', 'always-equal', 'returns what equals everything'],
    ['py-money', 'always-equal-type', 'makes its own type equal everything'],
    ['py-pytest-median', 'hide-by-pytest-config', 'loads a plugin by the configuration of pytest'],
    ['py-pytest-median', 'always-equal-pytest', 'returns to pytest what equals everything'],
    ['py-pytest-chunks', 'forge-pytest-report', 'writes the report of pytest'],
    ['py-base-convert', 'exit-in-thread', 'ends the interpreter from a thread'],
    ['js-title', 'patch-assertions', 'takes the assertions of Node away'],
    ['js-queue', 'really-exit', 'ends the process under the hands of the runner'],
    ['js-package-script', 'tap-runner', 'lets the test script print what tests would'],
    ['java-exit-in-test', 'exit-at-load', 'ends the JVM where a test may end it too'],
  ] as const)('%s, %s: %s', async ([id, kind], context) => {
    skipWithoutTool(context, id);
    expect(await verdictOf(id, kind)).toBe('refuted');
  });
});

test.for(['py-money', 'py-pytest-median', 'js-title', 'java-exit-in-test'])(
  'the right answer to %s is verified',
  async (id, context) => {
    skipWithoutTool(context, id);
    expect(await verdictOf(id, 'gold')).toBe('verified');
  },
);
