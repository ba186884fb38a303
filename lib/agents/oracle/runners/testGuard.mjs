/**
 * Loaded into each process of `node --test` before the code under test: assertions and the runner cannot be replaced, and
 * ending the process with 0 before its tests have ended is a failure, unless the test file itself does it.
 */

import assert from 'node:assert';
import { syncBuiltinESMExports } from 'node:module';
import runner from 'node:test';

const LEFT_EARLY = 86;

// biome-ignore lint/style/noProcessEnv: node tells a test process by this variable alone
if (process.env['NODE_TEST_CONTEXT'] !== undefined) {
  for (const kept of [assert, assert.strict, runner]) keep(kept);
  syncBuiltinESMExports();
  watchExit(process.argv[1] ?? '');
}

function keep(owner) {
  for (const name of Object.getOwnPropertyNames(owner)) {
    const property = Object.getOwnPropertyDescriptor(owner, name);
    if (typeof property?.value !== 'function' || property.configurable !== true) continue;
    Object.defineProperty(owner, name, { ...property, writable: false, configurable: false });
  }
}

function watchExit(testFile) {
  const { exit, reallyExit } = process;
  let mayEnd = false;
  // Only a process that has nothing left to do comes here: the runner ends its tests at the same moment.
  process.once('beforeExit', () => {
    mayEnd = true;
  });
  process.exit = (code) => {
    const caller = new Error().stack?.split('\n')[2] ?? '';
    mayEnd ||= caller.includes(testFile);
    return exit.call(process, code);
  };
  process.reallyExit = (code) => reallyExit.call(process, mayEnd ? code : code || LEFT_EARLY);
}
