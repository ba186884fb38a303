import { expect, test } from 'vitest';
import { environmentFlaw } from '../../../../lib/sandbox/policy/environment.ts';
import { limitsOf, prlimit } from '../../../../lib/sandbox/policy/limits.ts';
import {
  argumentFlaw,
  memoryArguments,
  ruleOf,
  toolRules,
} from '../../../../lib/sandbox/policy/tools.ts';

test.each([
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'NODE_OPTIONS',
  'JAVA_TOOL_OPTIONS',
  '_JAVA_OPTIONS',
  'JDK_JAVA_OPTIONS',
  'BASH_ENV',
  'ENV',
  'GIT_SSH_COMMAND',
  'PATH',
  'HOME',
  'PYTHONSTARTUP',
  'RUSTC_WRAPPER',
  '__proto__',
  'constructor',
])('the environment variable %s is refused', (name) => {
  const asked = Object.fromEntries([[name, 'x']]);
  expect(environmentFlaw(asked)).toBe(`the environment variable "${name}" is not allowed`);
});

test('names that choose versions and caches are taken', () => {
  const asked = { JAVA_HOME: '/usr/lib/jvm/java-21', GRADLE_USER_HOME: '/tmp/g', TZ: 'UTC' };
  expect(environmentFlaw(asked)).toBeUndefined();
});

test.each(['/workspace/jdk', 'workspace/jdk', '/tmp/jdk', '/usr/../workspace/jdk', '/report'])(
  'JAVA_HOME may not be %s, where a model can write',
  (home) => {
    expect(environmentFlaw({ JAVA_HOME: home })).toContain('must not point into');
  },
);

test('a value with a NUL or beyond all measure is refused', () => {
  expect(environmentFlaw({ TZ: 'a\0b' })).toContain('NUL');
  expect(environmentFlaw({ TZ: 'x'.repeat(9000) })).toContain('longer');
});

test.each([
  'sh',
  '__proto__',
  'constructor',
  'toString',
  '../../bin/sh',
  '/usr/bin/node',
  '',
  'node ',
])('the tool %j is not allowed', (name) => {
  expect(ruleOf(toolRules([]), name)).toBeUndefined();
});

test('the operator can allow a command by name, but not by path', () => {
  expect(ruleOf(toolRules(['ruby']), 'ruby')).toEqual({ version: ['--version'], debian: 'ruby' });
  expect(() => toolRules(['/usr/bin/ruby'])).toThrow('"/usr/bin/ruby" cannot be allowed');
  expect(() => toolRules(['..'])).toThrow('cannot be allowed');
});

test('a tool of one JDK has the rule of the tool and names its own package', () => {
  expect(ruleOf(toolRules([]), 'javac-21')).toEqual({
    version: ['-version'],
    debian: 'openjdk-21-jdk-headless',
  });
  expect(ruleOf(toolRules([]), 'python3-21')).toBeUndefined();
});

test('Java is told its memory, since it would take the size of the machine', () => {
  expect(memoryArguments('java-17', 512)).toEqual(['-XX:MaxRAM=512m', '-XX:MaxRAMPercentage=50']);
  expect(memoryArguments('javac', 512)).toEqual(['-J-XX:MaxRAM=512m', '-J-XX:MaxRAMPercentage=50']);
  expect(memoryArguments('python3', 512)).toEqual([]);
});

test('arguments with a NUL or of more than 128 KiB are refused', () => {
  expect(argumentFlaw(['a\0b'])).toBe('an argument holds a NUL');
  expect(argumentFlaw(['x'.repeat(200_000)])).toContain('more than 131072');
  expect(argumentFlaw(['-c', 'x'])).toBeUndefined();
});

test('limits are told to prlimit in bytes and seconds', () => {
  const limits = limitsOf({ memoryMiB: 64, processes: 10, fileMiB: 1, cpuSeconds: 3 });
  expect(prlimit(limits)).toEqual([
    '/usr/bin/prlimit',
    '--data=67108864',
    '--nproc=10',
    '--fsize=1048576',
    '--cpu=3:5',
    '--nofile=4096',
    '--core=0',
    '--memlock=65536',
    '--msgqueue=0',
    '--rtprio=0',
    '--',
  ]);
});
