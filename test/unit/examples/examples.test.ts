import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { parseEdits } from '../../../lib/agents/edits/parseEdits.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url).pathname;
const Transcript = z.strictObject({
  answers: z.array(z.strictObject({ goal: z.string(), step: z.string(), text: z.string() })),
});
const { answers } = Transcript.parse(readJson('answers.json'));

let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'example-'));
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(EXAMPLES, name), 'utf8'));
}

function payloadOf(name: string): TaskPayload {
  return TaskPayload.parse(readJson(`${name}.json`));
}

function scriptedAnswer(name: string, step: string): string {
  const { goal } = payloadOf(name).input;
  return answers.find((answer) => answer.goal === goal && answer.step === step)?.text ?? '';
}

function applyAnswer(name: string, step: string): void {
  const { files, problems } = parseEdits(scriptedAnswer(name, step), {
    finish: 'stop',
    expected: payloadOf(name).output_contract.expected_files,
    existing: [],
    read: () => undefined,
    exclude: () => false,
  });
  expect(problems).toEqual([]);
  for (const { path, content } of files) writeFileSync(join(copy, path), content);
}

describe.each([
  { name: 'python-roman-numerals', argv: ['python3', '-m', 'unittest'], last: 'code.2' },
  { name: 'typescript-rate-limiter', argv: [process.execPath, '--test'], last: 'code.1' },
])('the example $name', ({ name, argv, last }) => {
  const runTests = async (): Promise<number | undefined> => {
    const [tool = '', ...args] = argv;
    // A test runner that is itself under a test runner would take part in it.
    const env = { NODE_TEST_CONTEXT: undefined, PYTHONDONTWRITEBYTECODE: '1' };
    return (await execa(tool, args, { cwd: copy, reject: false, env })).exitCode;
  };

  it('ships the repository that its payload names', () => {
    expect(payloadOf(name).input.repo.path).toBe(`./workspace/${name}`);
    expect(existsSync(join(EXAMPLES, name))).toBe(true);
  });

  it('fails its tests untouched and passes them with the last scripted answer', async () => {
    cpSync(join(EXAMPLES, name), copy, { recursive: true });
    expect(await runTests()).toBe(1);
    applyAnswer(name, last);
    expect(await runTests()).toBe(0);
  });
});

it('the first scripted answer for Python is wrong, so that a repair can be watched', async () => {
  cpSync(join(EXAMPLES, 'python-roman-numerals'), copy, { recursive: true });
  applyAnswer('python-roman-numerals', 'code.1');
  const run = await execa('python3', ['-m', 'unittest'], { cwd: copy, reject: false });
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toMatch(/Ran 6 tests[\s\S]*FAILED \(failures=\d+\)/);
});

it('the TypeScript example compiles cleanly before and after', async () => {
  cpSync(join(EXAMPLES, 'typescript-rate-limiter'), copy, { recursive: true });
  const compile = async (): Promise<string> =>
    (await execa('tsc', ['-p', copy], { preferLocal: true, reject: false, all: true })).all;
  expect(await compile()).toBe('');
  applyAnswer('typescript-rate-limiter', 'code.1');
  expect(await compile()).toBe('');
});

it("the mission's payload asks for Gradle and JDK 21", () => {
  expect(payloadOf('java-product-resolver')).toMatchObject({
    input: { frameworks: ['spring-boot', 'r2dbc', 'graphql'], repo: { path: './workspace' } },
    non_negotiables: { build_tool: 'gradle', jdk: 21 },
  });
});
