import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requireFolders } from '../../../scripts/start/requireFolders.ts';
import { StartRefused } from '../../../scripts/start/startRefused.ts';

describe('the check of the folders', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'agent-test-folders-'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('makes what is missing, at any depth', () => {
    const folders = { agentHome: join(base, 'a/b/c'), workspaceRoot: join(base, 'w') };
    requireFolders(folders);
    requireFolders(folders);
    expect(statSync(folders.agentHome).isDirectory()).toBe(true);
    expect(statSync(folders.workspaceRoot).isDirectory()).toBe(true);
  });

  it('names every folder that cannot be one, by its variable', () => {
    const file = join(base, 'file');
    writeFileSync(file, '');
    const check = () => requireFolders({ agentHome: file, workspaceRoot: join(file, 'deeper') });
    expect(check).toThrow(StartRefused);
    expect(check).toThrow(`AGENT_HOME: ${file} cannot be used: ${file} is no folder`);
    expect(check).toThrow(`WORKSPACE_ROOT: ${file}/deeper cannot be used: ${file} is no folder`);
  });

  it.runIf(process.platform === 'linux')('gives up where nothing can be made', () => {
    const check = () => requireFolders({ agentHome: '/proc/agent/home', workspaceRoot: base });
    expect(check).toThrow('AGENT_HOME: /proc/agent/home cannot be used: ENOENT');
  });
});
