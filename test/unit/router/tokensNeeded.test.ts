import { describe, expect, test } from 'vitest';
import { tokensNeeded } from '../../../lib/router/tokensNeeded.ts';
import { TaskPayload } from '../../../lib/task/payload.ts';

function needed(expected: string[], sizes: Record<string, number> = {}, max_tokens = 100_000) {
  const payload = TaskPayload.parse({
    type: 'CODE',
    input: { language: 'go', repo: { path: 'r' }, goal: 'Add.', constraints: { max_tokens } },
    output_contract: { expected_files: expected },
  });
  return tokensNeeded(payload, new Map(Object.entries(sizes)));
}

describe('the tokens that a task needs', () => {
  test('are those of its files, written twice', () => {
    expect(needed(['a.go'])).toBe(1_800);
    expect(needed(['a.go', 'b.go'])).toBe(3_200);
    expect(needed([])).toBe(3_400);
  });

  test('grow with the files that are there already', () => {
    expect(needed(['a.go'], { 'a.go': 300 })).toBe(1_300);
    expect(needed(['a.go'], { 'a.go': 60_000 })).toBe(41_100);
    expect(needed(['a.go'], { 'other.go': 60_000 })).toBe(1_800);
  });

  test('are never more than may be generated', () => {
    expect(needed(['a.go', 'b.go'], {}, 500)).toBe(500);
  });
});
