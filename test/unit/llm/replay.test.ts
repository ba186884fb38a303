import { describe, expect, test } from 'vitest';
import { createReplay } from '../../../lib/llm/adapters/replay.ts';
import { parseTranscript } from '../../../lib/llm/transcript.ts';
import { generateRequest } from '../../support/generateRequest.ts';

const GOAL = 'Add two numbers.';
const replay = createReplay({
  answers: [
    { goal: GOAL, step: 'code.1', text: 'first answer' },
    { goal: `${GOAL}\n`, step: 'code.2', text: 'second', chunks: ['se', 'co', 'nd'] },
  ],
});

describe('recorded answers', () => {
  test('are found by goal and step', async () => {
    const request = generateRequest({ context: { goal: GOAL, step: 'code.2' } });
    expect(await replay.generate(request)).toMatchObject({ text: 'second', finish: 'stop' });
  });

  test('come in the pieces in which they were recorded', async () => {
    const pieces: string[] = [];
    const onText = (delta: string) => pieces.push(delta);
    await replay.generate(generateRequest({ onText, context: { goal: GOAL, step: 'code.2' } }));
    expect(pieces).toEqual(['se', 'co', 'nd']);
  });

  test('say which steps there are when one is missing', async () => {
    const request = generateRequest({ context: { goal: GOAL, step: 'code.3' } });
    await expect(replay.generate(request)).rejects.toMatchObject({
      name: 'ModelError',
      message: 'no recorded answer for step code.3 of this goal (recorded: code.1, code.2)',
    });
  });

  test('do not speak to another goal', async () => {
    expect(replay.hasAnswerFor(GOAL)).toBe(true);
    expect(replay.hasAnswerFor('Subtract.')).toBe(false);
    const request = generateRequest({ context: { goal: 'Subtract.' } });
    await expect(replay.generate(request)).rejects.toThrow('(recorded: none)');
  });

  test('are no language model, but do address the goal', () => {
    expect(replay).toMatchObject({ name: 'replay', llm: false, goalAddressed: true });
  });
});

describe('a transcript', () => {
  const answer = { goal: 'g', step: 'code.1', text: 't' };

  test('is taken as it is written', () => {
    expect(parseTranscript({ answers: [answer] }, 'a.json')).toEqual({ answers: [answer] });
  });

  test.each([
    [{}, 'answers: '],
    [{ answers: [{ ...answer, text: '' }] }, 'answers.0.text: '],
    [{ answers: [{ ...answer, chunks: ['x'] }] }, 'answers.0.chunks: chunks must make up text'],
    [{ answers: [answer, answer] }, 'answers.1: a second answer for step code.1 of the same goal'],
  ])('%j is refused with the place of the flaw', (json, message) => {
    expect(() => parseTranscript(json, 'a.json')).toThrow(`a.json is no transcript: ${message}`);
  });
});
