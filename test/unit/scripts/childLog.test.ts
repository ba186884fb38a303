import { describe, expect, it } from 'vitest';
import { complaintIn } from '../../../scripts/start/childLog.ts';

describe('a line of a child', () => {
  it.each([
    ['{"level":50,"msg":"the queue is away"}', 'the queue is away'],
    ['{"level":"error","msg":"claim failed","err":{"message":"timeout"}}', 'claim failed: timeout'],
    ['{"level":"ERROR","msg":"timeout","err":{"message":"timeout"}}', 'timeout'],
    ['TypeError: x is not a function', 'TypeError: x is not a function'],
    ['Uncaught Error: boom', 'Uncaught Error: boom'],
  ])('is shown when it tells of a fault: %s', (line, shown) => {
    expect(complaintIn(line)).toBe(shown);
  });

  it.each([
    '{"level":30,"msg":"claimed"}',
    '{"level":"info","msg":"an Error: in words"}',
    'Starting Offline at stage local',
    '{"no":"level"}',
    '{half',
    '',
  ])('is kept to the log otherwise: %s', (line) => {
    expect(complaintIn(line)).toBeUndefined();
  });
});
