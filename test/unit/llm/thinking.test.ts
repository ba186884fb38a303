import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stripThinking, ThinkingFilter } from '../../../lib/llm/thinking.ts';

describe('stripThinking', () => {
  test.each([
    ['<think>a</think>b', 'b'],
    ['\n<thinking>a\nb</thinking>\n\nc', 'c'],
    ['<think>a</think><think>b</think>c', 'c'],
    ['<think>never ends', ''],
    ['pre-opened by the template</think>\nanswer', 'answer'],
    ['no thinking', 'no thinking'],
    ['code: "<think>x</think>"', '"'],
  ])('%j leaves %j', (answer, left) => {
    expect(stripThinking(answer)).toBe(left);
  });

  test('tags behind the first fence are code', () => {
    const answer = '```ts\nconst a = "</think>";\n```';
    expect(stripThinking(answer)).toBe(answer);
  });
});

describe('ThinkingFilter', () => {
  test('passes on what stripThinking leaves, however the answer is cut into pieces', async () => {
    const part = fc.constantFrom('<think>', '</think>', '<thinking>', '<', 'x', ' ', '\n', '</');
    await fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.boolean(), (parts, byLetter) => {
        const pieces = ['<think>', 't', '</think>', '\n', ...parts];
        const answer = pieces.join('');
        let passed = '';
        const filter = new ThinkingFilter((text) => {
          passed += text;
        });
        for (const piece of byLetter ? answer : pieces) filter.push(piece);
        filter.end();
        expect(passed).toBe(stripThinking(answer));
      }),
    );
  });

  test('text that only looks like a tag is held no longer than needed', () => {
    const passed: string[] = [];
    const filter = new ThinkingFilter((text) => passed.push(text));
    filter.push('<th');
    expect(passed).toEqual([]);
    filter.push('ead>');
    expect(passed).toEqual(['<thead>']);
  });
});
