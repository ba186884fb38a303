import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScaffold } from '../../../lib/llm/adapters/scaffold.ts';
import { ModelError, type ModelProvider } from '../../../lib/llm/llm.ts';
import type { Rows } from '../../support/memoryJournal.ts';
import { file } from '../../support/modelAnswer.ts';
import {
  eventsOf,
  openBrokenSandbox,
  openSolveBench,
  type SolveBench,
} from '../../support/solveBench.ts';

const CALC = 'def add(a, b):\n    return a + b\n';
const RIGHT = `${CALC}\n\ndef subtract(a, b):\n    return a - b\n`;
const WRONG = `${CALC}\n\ndef subtract(a, b):\n    return b - a\n`;
const TEST =
  'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_subtracts(self):\n        self.assertEqual(calc.subtract(3, 1), 2)\n';
const SCENE = {
  language: 'python' as const,
  tree: { 'calc.py': CALC, 'test_calc.py': TEST },
  expected: ['calc.py'],
};

let bench: SolveBench;

beforeAll(async () => {
  bench = await openSolveBench();
});

afterAll(() => {
  bench.close();
});

function providerThat(generate: ModelProvider['generate']): ModelProvider {
  return { name: 'scripted', llm: true, goalAddressed: true, generate };
}

describe('the loop', () => {
  test('gives up on prose after three format errors, with what was wrong', async () => {
    const { solved, provider } = await bench.solve({
      ...SCENE,
      answers: ['I would subtract b from a.'],
    });
    expect(solved).toMatchObject({
      kind: 'failed',
      failure: { code: 'no_usable_answer' },
      patch: null,
    });
    expect(provider.requests).toHaveLength(3);
    expect(provider.requests[1]?.messages.at(-1)?.content).toContain('no file was found');
  });

  test('asks again only for the file that was abbreviated', async () => {
    const lazy = file('other.py', 'x = 1\n# ... rest of the code unchanged\n');
    const { solved, provider, read } = await bench.solve({
      ...SCENE,
      expected: ['calc.py', 'other.py'],
      answers: [file('calc.py', RIGHT) + lazy, file('other.py', 'x = 1\n')],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    const again = provider.requests[1]?.messages.at(-1)?.content ?? '';
    expect(again).toContain('other.py');
    expect(again).not.toContain('calc.py');
    expect(read('calc.py')).toBe(RIGHT);
  });

  test('takes a fresh sample when a repair leaves the failure as it was', async () => {
    const alsoWrong = WRONG.replace('b - a', '(b - a)');
    const { solved, provider } = await bench.solve({
      ...SCENE,
      answers: [file('calc.py', WRONG), file('calc.py', alsoWrong), file('calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(provider.requests[2]?.messages).toEqual(provider.requests[0]?.messages);
    expect(provider.requests[2]?.temperature).toBeGreaterThan(0.5);
    expect(provider.requests[2]?.seed).not.toBe(provider.requests[0]?.seed);
  });

  test('stops when an edit comes a second time', async () => {
    const { solved, provider } = await bench.solve({ ...SCENE, answers: [file('calc.py', WRONG)] });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'refuted' } });
    expect(provider.requests).toHaveLength(2);
  });

  test('never writes what the task excludes, nor out of the tree, and says so', async () => {
    const { journal, solved } = await bench.solve({
      ...SCENE,
      exclude: ['secrets/**'],
      answers: [
        file('calc.py', RIGHT) + file('secrets/key.py', 'x = 1\n') + file('../out.py', 'x = 1\n'),
      ],
    });
    expect(solved).toMatchObject({ files: [{ path: 'calc.py' }], verdict: { name: 'verified' } });
    expect(eventsOf(journal, 'write.denied').map(({ path }) => path)).toEqual(
      expect.arrayContaining(['secrets/key.py', '../out.py']),
    );
  });

  test('ends budget_exhausted when the tokens are used up before an answer', async () => {
    const { solved } = await bench.solve({
      ...SCENE,
      constraints: { max_tokens: 20 },
      answers: [`${'thinking '.repeat(50)}`],
    });
    expect(solved).toMatchObject({ kind: 'failed', failure: { code: 'budget_exhausted' } });
  });

  test('takes what was said when the time for models is up', async () => {
    const slow = providerThat(async (request) => {
      request.onText(file('calc.py', RIGHT));
      const { promise, reject } = Promise.withResolvers<never>();
      request.signal.addEventListener('abort', () => reject(request.signal.reason), { once: true });
      return promise;
    });
    const { solved } = await bench.solve({
      ...SCENE,
      provider: slow,
      constraints: { latency_ms: 14_000 },
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
  });

  test('ends model_unavailable when no answer can be had', async () => {
    const dead = providerThat(async () => {
      throw new ModelError('connect', 'connection refused');
    });
    const { solved } = await bench.solve({ ...SCENE, provider: dead });
    expect(solved).toMatchObject({
      kind: 'failed',
      failure: { code: 'model_unavailable', remedy: expect.stringContaining('agentctl') },
    });
  });

  test('throws the reason of an abort', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the user');
    const provider = providerThat(async (request) => {
      controller.abort(reason);
      throw request.signal.reason;
    });
    const solving = bench.solve({ ...SCENE, provider, signal: controller.signal });
    await expect(solving).rejects.toBe(reason);
  });

  test('goes on from the journal of a killed attempt without asking or judging twice', async () => {
    const rows: Rows = new Map();
    const answers = [file('calc.py', WRONG), file('calc.py', RIGHT)];
    await bench.solve({ ...SCENE, answers, rows });
    rows.delete('smoke.2');
    const { solved, journal, provider } = await bench.solve({ ...SCENE, answers, rows });
    expect(solved).toMatchObject({ verdict: { name: 'verified' }, usage: { model_calls: 2 } });
    expect(journal.ran).toEqual(['smoke.2']);
    expect(provider.requests).toEqual([]);
  });

  test('without isolation writes the files and proves nothing', async () => {
    const broken = await openBrokenSandbox();
    const { solved, read } = await bench.solve({
      ...SCENE,
      sandbox: broken.sandbox,
      answers: [file('calc.py', RIGHT)],
    });
    broken.close();
    expect(solved).toMatchObject({
      kind: 'ended',
      verdict: { name: 'unverified', reason: 'sandbox_unavailable', remedy: expect.any(String) },
      files: [{ path: 'calc.py' }],
    });
    expect(read('calc.py')).toBe(RIGHT);
  });

  test('puts on record which files the model saw', async () => {
    const { journal } = await bench.solve({
      ...SCENE,
      answers: [file('calc.py', WRONG) + file('extra.py', 'x = 1\n'), file('calc.py', RIGHT)],
    });
    const prompts = eventsOf(journal, 'prompt.built');
    expect(prompts).toMatchObject([
      { step: 'code.1', files: ['calc.py', 'test_calc.py'], left_out: 0 },
      { step: 'code.2', files: ['calc.py', 'test_calc.py', 'extra.py'] },
    ]);
  });

  test('tells which files the model does not see, also where it is one', async () => {
    const tree = { ...SCENE.tree, 'rates.bin': new Uint8Array([0, 255]) };
    const { journal } = await bench.solve({ ...SCENE, tree, answers: [file('calc.py', RIGHT)] });
    const said = eventsOf(journal, 'log.appended').map(({ text }) => text);
    expect(said).toContain(
      '1 file is not in the prompt, for want of room or because it is no text: rates.bin\n',
    );
  });

  test('tells what the model says while it says it', async () => {
    const { journal } = await bench.solve({ ...SCENE, answers: [file('calc.py', RIGHT)] });
    const said = eventsOf(journal, 'log.appended').map(({ text }) => text);
    expect(said.join('')).toBe(file('calc.py', RIGHT));
  });
});

describe('the scaffold', () => {
  const JAVA = 'src/main/java/com/acme/product/ProductResolver.java';

  test('asked for a JDK that is not there writes its files and ends unverified with the remedy', async () => {
    const { solved, journal, read } = await bench.solve({
      language: 'java',
      tree: {},
      expected: [JAVA],
      nonNegotiables: { build_tool: 'gradle', jdk: 99 },
      provider: createScaffold(),
    });
    expect(solved).toMatchObject({
      kind: 'ended',
      verdict: { name: 'unverified', reason: 'non_negotiable_unsatisfied' },
      proof: { runs: [], goal_addressed: false },
    });
    expect(solved.kind === 'ended' && solved.verdict.remedy).toContain('JDK 99');
    expect(read(JAVA)).toContain('package com.acme.product;');
    expect(eventsOf(journal, 'exec.finished')).toEqual([]);
  });

  test('is at most partially verified', async () => {
    const { solved } = await bench.solve({
      language: 'python',
      tree: {},
      expected: ['shop/cart.py'],
      provider: createScaffold(),
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'partially_verified' } });
  });

  test('with nothing missing fails, and says that it changes no file, and how a model is had', async () => {
    const { solved } = await bench.solve({ ...SCENE, provider: createScaffold() });
    expect(solved).toMatchObject({
      kind: 'failed',
      failure: {
        code: 'no_usable_answer',
        message:
          'no language model could take the task, and the built-in scaffold creates missing files only: calc.py is there already',
        remedy: expect.stringContaining('`agentctl models --fits`'),
      },
    });
  });
});
