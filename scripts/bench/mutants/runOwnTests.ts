import { mkdirSync } from 'node:fs';
import type { Sandbox } from '../../../lib/sandbox/sandbox.ts';
import type { BenchTask } from '../buildTask.ts';

interface Command {
  tool: string;
  args: string[];
}

export type OwnTests = 'passed' | 'killed' | 'timed out';

/** An honest project's tests end within a second or two. */
const WALL_MS = 20_000;

/**
 * What a person would type to test the project, by its exit code alone: nothing of the oracle has a say. `workspace` is
 * an absolute folder, `reportDir` one that does not exist yet.
 */
export async function runOwnTests(
  task: BenchTask,
  { sandbox, workspace, reportDir }: { sandbox: Sandbox; workspace: string; reportDir: string },
  signal: AbortSignal,
): Promise<OwnTests> {
  mkdirSync(reportDir);
  for (const { tool, args } of commandsOf(task)) {
    const limits = { wallMs: WALL_MS };
    const ran = await sandbox.exec({ tool, args, workspace, reportDir, limits, signal });
    if (ran.kind !== 'ran') throw new Error(`${task.id}: ${tool} could not be run: ${ran.reason}`);
    if (ran.termination === 'wall_timeout') return 'timed out';
    if (ran.exit !== 0 || ran.termination !== 'exited') return 'killed';
  }
  return 'passed';
}

function commandsOf({ language, base, source }: BenchTask): Command[] {
  switch (language) {
    case 'python': {
      const usesPytest = Object.values(base).some((text) => text.includes('import pytest'));
      const runner = usesPytest
        ? ['pytest', '-q', 'tests']
        : ['unittest', 'discover', '-s', 'tests'];
      return [{ tool: 'python3', args: ['-m', ...runner] }];
    }
    case 'javascript':
    case 'typescript':
      return [{ tool: 'node', args: ['--test'] }];
    case 'java': {
      const sources = [source, ...Object.keys(base).filter((path) => path.endsWith('Test.java'))];
      const test = source.replace('.java', 'Test');
      return [
        { tool: 'javac', args: ['-d', '/report', ...sources] },
        { tool: 'java', args: ['-ea', '-cp', '/report', test] },
      ];
    }
    case 'go':
      return [{ tool: 'go', args: ['test', './...'] }];
    case 'c':
    case 'cpp':
      return [{ tool: 'make', args: ['-B', 'test'] }];
    case 'rust':
      return [{ tool: 'cargo', args: ['test', '--offline'] }];
  }
}
