import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processIdentity } from '../../../scripts/start/processIdentity.ts';
import { takeStartLock } from '../../../scripts/start/startLock.ts';

describe('the start lock', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'agent-test-lock-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const write = (holder: object) =>
    writeFileSync(join(home, 'start.lock'), JSON.stringify({ since: SINCE, ...holder }));

  it('is free at first, and gone once it is released', () => {
    const lock = takeStartLock(home);
    expect(lock.isTakenOver).toBe(false);
    expect(JSON.parse(readFileSync(join(home, 'start.lock'), 'utf8'))).toMatchObject({
      pid: process.pid,
    });
    lock.release();
    expect(readdirSync(home)).toEqual([]);
  });

  it('makes its folder', () => {
    const lock = takeStartLock(join(home, 'deep/er'));
    expect(readdirSync(join(home, 'deep/er'))).toEqual(['start.lock']);
    lock.release();
  });

  it('refuses while its holder lives, naming it and the way to run beside it', () => {
    const lock = takeStartLock(home);
    expect(() => takeStartLock(home)).toThrow(`process ${process.pid}`);
    expect(() => takeStartLock(home)).toThrow(
      `AGENT_HOME=${home}-2 PORT=8081 EDGE_PORT=0 POSTGRES_PORT=0 npm start`,
    );
    lock.release();
  });

  it('is taken over from a holder that has died', () => {
    write({ pid: 2 ** 22 + 1, identity: 'whoever' });
    const lock = takeStartLock(home);
    expect(lock.isTakenOver).toBe(true);
    lock.release();
    expect(readdirSync(home)).toEqual([]);
  });

  it('is taken over when the process id of its holder was given to another program', () => {
    write({ pid: process.pid, identity: `${processIdentity(process.pid)}-of-an-earlier-boot` });
    expect(takeStartLock(home).isTakenOver).toBe(true);
  });

  it('is taken over when a power cut left it half-written', () => {
    writeFileSync(join(home, 'start.lock'), '{"pid": 12');
    expect(takeStartLock(home).isTakenOver).toBe(true);
  });

  it('is not released by one that has lost it', () => {
    const lock = takeStartLock(home);
    write({ pid: process.ppid, identity: processIdentity(process.ppid) });
    lock.release();
    expect(() => takeStartLock(home)).toThrow(`process ${process.ppid}`);
  });
});

describe('the identity of a process', () => {
  it('stays the same while it lives', () => {
    expect(processIdentity(process.pid)).toBe(processIdentity(process.pid));
    expect(processIdentity(process.pid)).not.toBe(processIdentity(process.ppid));
  });

  it('is none when there is no such process', () => {
    expect(processIdentity(2 ** 22 + 1)).toBeUndefined();
  });
});

const SINCE = '2026-01-01T00:00:00.000Z';
