import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startPulse } from '../../../lib/worker/pulse.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pulse-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the pulse is there at once, beats again, and ends when it is stopped', () => {
  const file = join(folder, 'pulse');
  vi.useFakeTimers({ now: new Date('2026-01-01T00:00:00Z') });
  try {
    const pulse = startPulse(file);
    expect(readFileSync(file, 'utf8')).toBe('2026-01-01T00:00:00.000Z\n');
    vi.advanceTimersByTime(5_000);
    expect(readFileSync(file, 'utf8')).toBe('2026-01-01T00:00:05.000Z\n');
    pulse.stop();
    vi.advanceTimersByTime(60_000);
    expect(readFileSync(file, 'utf8')).toBe('2026-01-01T00:00:05.000Z\n');
  } finally {
    vi.useRealTimers();
  }
});
