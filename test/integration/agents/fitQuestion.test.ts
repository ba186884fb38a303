import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelError, type ModelProvider } from '../../../lib/llm/llm.ts';
import type { MemoryJournal } from '../../support/memoryJournal.ts';
import { file } from '../../support/modelAnswer.ts';
import { modelCard } from '../../support/modelCard.ts';
import { eventsOf, openSolveBench, type SolveBench } from '../../support/solveBench.ts';

const CALC = 'def add(a, b):\n    return a + b\n';
const TEST =
  'import unittest\nimport calc\n\nclass Calc(unittest.TestCase):\n    def test_subtracts(self):\n        self.assertEqual(calc.subtract(3, 1), 2)\n';
const RIGHT = `${CALC}\n\ndef subtract(a, b):\n    return a - b\n`;
const filler = (name: string) => `# ${name}\n${'x = 1\n'.repeat(450)}`;
const SCENE = {
  language: 'python' as const,
  tree: {
    'calc.py': CALC,
    'test_calc.py': TEST,
    'other_a.py': filler('a'),
    'other_b.py': filler('b'),
    'other_c.py': filler('c'),
  },
  expected: ['calc.py'],
  constraints: { max_tokens: 100_000 },
};
/** Room for the first question and its answer, and for about 12,000 tokens of a repair. */
const MODEL = modelCard({ context_tokens: 16_000 });

let bench: SolveBench;
beforeAll(async () => {
  bench = await openSolveBench();
});
afterAll(() => bench.close());

const textOf = (request: { messages: readonly { content: string }[] } | undefined) =>
  request?.messages.map(({ content }) => content).join('\n') ?? '';

const toldByWorker = (journal: MemoryJournal) =>
  eventsOf(journal, 'log.appended').flatMap(({ source, text }) =>
    source === 'worker' ? [String(text)] : [],
  );

describe('a question that does not fit the context', () => {
  test('is asked with less of the repository, which is told, and keeps what it is about', async () => {
    const large = `${CALC}\n\ndef subtract(a, b):\n    return b - a\n${`# ${'so '.repeat(130)}\n`.repeat(98)}`;
    const { solved, provider, journal } = await bench.solve({
      ...SCENE,
      model: MODEL,
      answers: [file('calc.py', large), file('calc.py', RIGHT)],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    const [first, repair] = provider.requests;
    expect(textOf(first)).toContain('# a\nx = 1');
    expect(textOf(repair).length / 4).toBeLessThanOrEqual(12_000);
    expect(textOf(repair)).toContain('return b - a');
    expect(textOf(repair)).toContain('test_subtracts');
    const [asked, shortened] = eventsOf(journal, 'prompt.built');
    expect(asked).toMatchObject({ step: 'code.1', left_out: 0 });
    expect(shortened?.['left_out']).toBeGreaterThan(0);
    const shown = JSON.stringify(shortened?.['files']);
    const told = toldByWorker(journal);
    const cut = told.find((text) => text.includes('the question is shortened')) ?? '';
    expect(cut).toContain('into the context of coder-7b (16000 tokens)');
    const [gone = ''] = /other_[abc]\.py/.exec(cut) ?? [];
    expect(gone).not.toBe('');
    expect(shown).not.toContain(gone);
    expect(textOf(repair)).not.toContain(`### FILE: ${gone}`);
  });

  test('is asked once more with less when the server counts more tokens than were estimated', async () => {
    const lengths: number[] = [];
    const provider: ModelProvider = {
      name: 'scripted',
      llm: true,
      goalAddressed: true,
      generate: async ({ messages, onText }) => {
        lengths.push(textOf({ messages }).length);
        if (textOf({ messages }).length > 9_000)
          throw new ModelError(
            'context_overflow',
            'the prompt has 4,200 tokens and n_ctx is 4,096',
          );
        onText(file('calc.py', RIGHT));
        return {
          text: file('calc.py', RIGHT),
          finish: 'stop',
          promptTokens: 4_000,
          generatedTokens: 30,
          estimated: false,
        };
      },
    };
    const { solved, journal } = await bench.solve({ ...SCENE, model: MODEL, provider });
    expect(solved).toMatchObject({
      kind: 'ended',
      verdict: { name: 'verified' },
      usage: { model_calls: 1, generated_tokens: 30 },
    });
    expect(lengths).toEqual(lengths.toSorted((a, b) => b - a));
    const built = eventsOf(journal, 'prompt.built').map((event) => event['left_out']);
    expect(built.length).toBe(lengths.length);
    expect(built[0]).toBe(0);
    expect(built.at(-1)).toBeGreaterThan(0);
  });

  test('is told when it cannot be asked at all, and what is there stands', async () => {
    const huge = `${CALC}\n\ndef subtract(a, b):\n    return b - a\n${`# ${'so '.repeat(260)}\n`.repeat(98)}`;
    const { solved, provider, journal } = await bench.solve({
      ...SCENE,
      model: MODEL,
      answers: [file('calc.py', huge)],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'refuted' } });
    expect(provider.requests).toHaveLength(1);
    const told = toldByWorker(journal);
    expect(told).toContainEqual(
      expect.stringMatching(/^code\.2: not asked: the question alone takes about \d+ tokens/),
    );
  });

  test('is told to the reviewer of a long diff, too', async () => {
    const large = `${RIGHT}${`# ${'so '.repeat(130)}\n`.repeat(80)}`;
    const approval = {
      verdict: 'approve',
      scores: { goal: 4, correctness: 4, style: 4, safety: 4 },
      issues: [],
    };
    const { solved, provider, journal } = await bench.solve({
      ...SCENE,
      constraints: { max_tokens: 100_000, style: 'plain' },
      answers: [file('calc.py', large), JSON.stringify(approval)],
    });
    expect(solved).toMatchObject({ kind: 'ended', verdict: { name: 'verified' } });
    expect(textOf(provider.requests.at(-1))).toMatch(
      /\[the diff goes on for \d+ more characters\]/,
    );
    expect(toldByWorker(journal)).toContainEqual(
      expect.stringMatching(/^review: the reviewer sees the first 24000 characters of the diff/),
    );
  });
});
