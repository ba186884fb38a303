import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram, runAgentctl } from '../../../scripts/agentctl/agentctl.ts';
import { createHost } from '../../support/agentctlHost.ts';

/** Nobody listens there. */
const NOBODY = { AGENTCTL_URL: 'http://127.0.0.1:2' };

describe('a command that is used wrongly ends with 2 and says what to do', () => {
  it.each([
    [['bogus'], /unknown command 'bogus'/],
    [['list', '--bogus'], /unknown option '--bogus'/],
    [['status'], /missing required argument/],
    [['submit'], /there is nothing to submit/],
    [['submit', '/nonexistent/x.json'], /cannot be read/],
    [['submit', '--goal', 'x', '--repo', '/nonexistent/repo'], /cannot be read/],
    [['submit', '--language', 'cobol'], /Allowed choices are java, python/],
    [['submit', 'x', '--timeout', 'soon'], /90, 90s, 10m, 1h/],
    [['submit', 'x', '--timeout', '0'], /90, 90s, 10m, 1h/],
    [['watch', 'x', '--after', '-1'], /number of the last event/],
    [['list', '--limit', '101'], /1 to 100/],
    [['list', '--status', 'done'], /Allowed choices are queued/],
    [['feedback', 'some-id', '--rating', '6', '--accept'], /1 to 5/],
    [['feedback', '01978f3e-1111-7abc-8def-0123456789ab'], /--accept, --reject and --edited/],
    [['feedback', 'x', '--accept', '--reject'], /cannot be used with option/],
    [['bench', 'run', '/nonexistent/manifest.yaml'], /there is no manifest/],
    [['completion', 'powershell'], /Allowed choices are bash, zsh, fish/],
    [['--url', 'ftp://x', 'list'], /is no address of a service/],
    [['--api-key-file', '/nonexistent/key', 'list'], /there is no key file/],
  ])('%j', async (argv, message) => {
    const { host, out, err } = createHost({ environment: NOBODY });
    expect(await runAgentctl(argv, host)).toBe(2);
    expect(err()).toMatch(message);
    expect(err()).toMatch(/^ {2}next: \S/m);
    expect(out()).toBe('');
  });
});

it('a service that does not answer ends with 7 and names the command that starts one', async () => {
  const { host, err } = createHost({ environment: NOBODY });
  expect(await runAgentctl(['list'], host)).toBe(7);
  expect(err()).toMatch(/error: the service does not answer at http:\/\/127\.0\.0\.1:2\n/);
  expect(err()).toMatch(/next: npm start/);
});

it('a lost answer to a submit names the key that makes a second try safe', async () => {
  const payload = Readable.from(['{"type":"CODE"}']);
  const { host, err } = createHost({ environment: NOBODY, stdin: payload });
  expect(await runAgentctl(['submit', '-'], host)).toBe(7);
  const key = /^idempotency key {2}(\S+)$/m.exec(err())?.[1];
  expect(err()).toContain(`--idempotency-key ${key} (never makes a second task)`);
});

it('with --json an error is one JSON object on stderr', async () => {
  const { host, out, err } = createHost({ environment: NOBODY });
  expect(await runAgentctl(['list', '--json'], host)).toBe(7);
  expect(JSON.parse(err()).error).toMatchObject({ exit: 7, what: expect.any(String) });
  expect(out()).toBe('');
});

it('with --json wrong usage is one JSON object, too, and names the help of its command', async () => {
  const { host, err } = createHost({ environment: NOBODY });
  expect(await runAgentctl(['models', 'pull', '--json'], host)).toBe(2);
  expect(JSON.parse(err())).toEqual({
    error: {
      what: "missing required argument 'name-or-url'",
      why: [],
      next: 'agentctl models --help',
      exit: 2,
    },
  });
});

it('--version prints the version alone', async () => {
  const { host, out } = createHost({ environment: NOBODY });
  expect(await runAgentctl(['--version'], host)).toBe(0);
  expect(out()).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it('an empty standard input is told as one', async () => {
  const { host, err } = createHost({ environment: NOBODY, stdin: Readable.from(['\n']) });
  expect(await runAgentctl(['submit', '-'], host)).toBe(2);
  expect(err()).toContain('error: standard input is no JSON\n  why: it is empty\n');
});

it('standard input is not touched unless it is asked for', async () => {
  const unclosed = new Readable({ read: () => undefined });
  const { host } = createHost({ environment: NOBODY, stdin: unclosed });
  expect(await runAgentctl(['list'], host)).toBe(7);
});

it('a terminal as standard input is refused instead of waited on', async () => {
  const keyboard = Object.assign(new Readable({ read: () => undefined }), { isTTY: true });
  const { host, err } = createHost({ environment: NOBODY, stdin: keyboard });
  expect(await runAgentctl(['submit', '-'], host)).toBe(2);
  expect(err()).toMatch(/nothing is piped/);
});

/** Every command that has a help, and those below it: as the program itself has them. */
function everyCommand(): string[] {
  const pathsOf = (command: Command, path: string[]): string[] => [
    path.join(' '),
    ...command.commands.flatMap((below) => pathsOf(below, [...path, below.name()])),
  ];
  return pathsOf(
    buildProgram(createHost({}).host, async () => undefined),
    [],
  );
}

it.each(everyCommand())(
  'the help of "%s" starts with examples and ends with 0',
  async (command) => {
    const { host, out } = createHost({});
    const argv = [...(command === '' ? [] : command.split(' ')), '--help'];
    expect(await runAgentctl(argv, host)).toBe(0);
    expect(out()).toMatch(/^Examples:\n {2}(?:agentctl|source|jq) /);
  },
);

it.each(['bash', 'zsh', 'fish'])('the completion for %s knows every command', async (shell) => {
  const { host, out } = createHost({});
  expect(await runAgentctl(['completion', shell], host)).toBe(0);
  for (const command of ['submit', 'watch', 'doctor']) expect(out()).toContain(command);
});
