import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewEvent, TaskEvent } from '../../../lib/task/event.ts';
import { eventLines } from '../../../scripts/agentctl/render/eventLines.ts';
import { modelLabel } from '../../../scripts/agentctl/render/modelLabel.ts';
import { choosePalette, PLAIN } from '../../../scripts/agentctl/render/palette.ts';
import { advance, startProgress, statusLines } from '../../../scripts/agentctl/render/progress.ts';
import { isRepair } from '../../../scripts/agentctl/render/stepLines.ts';
import { duration, oneLine, printable, table } from '../../../scripts/agentctl/render/text.ts';

function event(made: NewEvent): TaskEvent {
  return { ...made, task_id: 't', seq: 1, at: 0 };
}

function render(made: NewEvent): string[] {
  return eventLines(event(made), PLAIN);
}

describe('one event as lines', () => {
  it('an oracle run shows phase, command, counts and the first three diagnostics', () => {
    const diagnostics = [1, 2, 3, 4].map((at) => ({ file: 'a.py', line: at, message: `m${at}` }));
    const lines = render({
      type: 'oracle.finished',
      data: {
        step: 'smoke.1',
        phase: 'smoke',
        status: 'fail',
        tool: 'python3',
        argv: ['python3', '-m', 'unittest'],
        exit: 1,
        ms: 120,
        tests: { total: 6, passed: 5, failed: 1, errors: 0, skipped: 0 },
        suite_ran: true,
        diagnostics,
        tree_hash: 'abc',
      },
    });
    expect(lines).toEqual([
      'oracle      smoke failed · 6 tests: 5 passed, 1 failed · 120 ms · python3 -m unittest',
      '            a.py:1: m1',
      '            a.py:2: m2',
      '            a.py:3: m3',
    ]);
  });

  it('a second round of coding is shown as a repair', () => {
    const started = (step: string) =>
      render({ type: 'step.started', data: { step, title: 'Write the code' } });
    expect(started('code.1')).toEqual(['coder       code.1: Write the code']);
    expect(started('smoke.1')).toEqual([]);
    expect(started('code.2')).toEqual(['repair      code.2: Write the code']);
    expect(['code.1', 'code.10', 'repair.1', 'encode.2', 'smoke.2'].map(isRepair)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  it('each role is named with what it reads and what came of it, in words', () => {
    const lines = [
      render({ type: 'step.started', data: { step: 'review', title: 'Review the result' } }),
      render({
        type: 'prompt.built',
        data: { step: 'review', files: ['a.py'], left_out: 3, tokens: 90, prompts: ['reviewer/1'] },
      }),
      render({
        type: 'edit.applied',
        data: { step: 'code.1', files: [], problems: [{ code: 'search_miss', path: 'a.py' }] },
      }),
    ];
    expect(lines.flat()).toEqual([
      'reviewer    review: Review the result',
      'reads       1 file, about 90 tokens · 3 files of the repository not · reviewer/1',
      'unusable    a.py: SEARCH is not in the file',
    ]);
  });

  it('a run of tools is told once, and new tests that fail without the change are good news', () => {
    const done = (step: string) =>
      render({ type: 'step.finished', data: { step, outcome: 'done', ms: 5, tokens: 0 } });
    expect([...done('smoke.1'), ...done('generated.tests.2'), ...done('route')]).toEqual([]);
    expect(done('tests.1')).toEqual(['done        tests.1 · 5 ms']);
    const onBase = (status: 'fail' | 'pass') =>
      render({
        type: 'oracle.finished',
        data: {
          ...{ step: 'generated', phase: 'smoke', status, tool: 'python3', argv: [], exit: 1 },
          ...{ ms: 12, suite_ran: true, diagnostics: [], tree_hash: 'abc' },
          tests: { total: 2, passed: 1, failed: 1, errors: 0, skipped: 0 },
        },
      })[0];
    expect(onBase('fail')).toBe(
      'before      the new tests fail without the change, as they must · 2 tests: 1 passed, 1 failed · 12 ms',
    );
    expect(onBase('pass')).toContain('they say nothing of it');
  });

  it('a scripted answer and a skeleton are never shown as a model', () => {
    expect(modelLabel({ model: 'replay', provider: 'replay', llm: false })).toBe(
      "replay (scripted answer, not a model's)",
    );
    expect(modelLabel({ model: 'scaffold', provider: 'scaffold', llm: false })).toBe(
      'scaffold (built-in skeleton, no language model)',
    );
    const data = { model: 'r', provider: 'replay', llm: false, why: 'w', refused: [] };
    expect(render({ type: 'model.routed', data })[0]).toContain("scripted answer, not a model's");
  });

  it('the words of a model are not repeated line by line, those of tools are', () => {
    const log = (source: 'model' | 'tool') =>
      render({ type: 'log.appended', data: { step: 's', source, text: 'one\n\ntwo\n' } });
    expect(log('model')).toEqual([]);
    expect(log('tool')).toEqual(['tool        one', 'tool        two']);
  });

  it('what a task says cannot steer the terminal', () => {
    const goal = '\u001b]0;owned\u0007\u001b[2Jhello\r\nworld\u202e';
    expect(render({ type: 'task.submitted', data: { language: 'go', goal } })).toEqual([
      'submitted   go: hello world',
    ]);
  });
});

describe('the live status', () => {
  const screen = { nowMs: 3_400, columns: 60, palette: PLAIN };

  it('says what is being done, for how long, by which model and with which words', () => {
    const routed = { model: 'm', provider: 'local', llm: true, why: '', refused: [] };
    const events: NewEvent[] = [
      { type: 'model.routed', data: routed },
      { type: 'step.started', data: { step: 'code.1', title: 'Write the code' } },
      { type: 'log.appended', data: { step: 'code.1', source: 'model', text: 'def from_' } },
      { type: 'log.appended', data: { step: 'code.1', source: 'model', text: 'roman(text):\n' } },
    ];
    const progress = events.reduce(
      (now, made) => advance(now, event(made), 1_000),
      startProgress(0),
    );
    expect(statusLines(progress, screen)).toEqual([
      expect.stringMatching(/^. Write the code · 2\.4 s · m \(local\)$/),
      '  │ def from_roman(text):',
    ]);
  });

  it('never gets wider than the terminal, whatever is shown', () => {
    const log = (text: string): TaskEvent =>
      event({ type: 'log.appended', data: { step: 's', source: 'model', text } });
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.integer({ min: 20, max: 200 }),
        (text, columns) => {
          const progress = advance({ ...startProgress(0), doing: text }, log(text), 0);
          for (const drawn of statusLines(progress, { ...screen, columns })) {
            expect([...drawn].length).toBeLessThan(columns);
          }
        },
      ),
    );
  });
});

describe('text', () => {
  it('keeps no control character but the line break', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be left
        expect(printable(text)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      }),
    );
  });

  it('is cut to a width with a sign that it was', () => {
    expect(oneLine('one two three', 7)).toBe('one tw…');
    expect(oneLine('a\n b', 7)).toBe('a b');
  });

  it('tells times in the unit that a person would use', () => {
    expect([0, 950, 2_340, 59_949, 59_950, 245_000, 7_620_000].map(duration)).toEqual([
      '0 ms',
      '950 ms',
      '2.3 s',
      '59.9 s',
      '1 min 00 s',
      '4 min 05 s',
      '2 h 07 min',
    ]);
  });

  it('lines up in columns', () => {
    expect(
      table([
        ['a', 'bbb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toEqual(['a    bbb  c', 'aaa  b']);
  });

  it('is coloured only where colours are wanted', () => {
    expect(choosePalette(true).red('x')).toBe('\u001b[31mx\u001b[39m');
    expect(choosePalette(false).red('x')).toBe('x');
  });
});
