import { writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { noTests, type OracleCommand, type OraclePlan, type OracleSetting } from '../plan.ts';
import { readCompile, readPrograms } from './cReadings.ts';
import { guardMains } from './mainGuard.ts';
import { plainMakefile } from './plainMakefile.ts';

/** The project's own Makefile: its default goal compiles, its goal `test` or `check` tests. */
export function planMake(setting: OracleSetting): OraclePlan {
  const { phase, project, tree } = setting;
  const text = tree.read(project.evidence ?? posix.join(project.root, 'Makefile'));
  if (text === undefined) {
    return {
      kind: 'impossible',
      status: 'not_run',
      tool: 'make',
      cause: 'toolchain_missing',
      reason: 'there is no Makefile',
      remedy: 'Add a Makefile with a goal test.',
    };
  }
  const where = project.root === '.' ? [] : ['-C', project.root];
  if (phase === 'compile') return compilePlan(make(where));
  const goal = /^(test|check)\s*:/m.exec(text)?.[1];
  return goal === undefined ? noTests('make') : testPlan(setting, make([...where, goal]));
}

/** Without a build file: every source, and every test source with a main as a program of its own. */
export function planWithoutBuildFile(setting: OracleSetting): OraclePlan {
  const { phase, tree, reportDir } = setting;
  const made = plainMakefile(tree);
  if (made === undefined) {
    return {
      kind: 'impossible',
      status: 'not_run',
      tool: 'make',
      reason: 'no C or C++ file is there',
    };
  }
  writeFileSync(join(reportDir, 'Makefile'), made.text);
  const where = ['-f', '/report/Makefile'];
  if (phase === 'compile') return compilePlan(make(where));
  return made.hasTests ? testPlan(setting, make([...where, 'test'])) : noTests('make');
}

/** Everything anew (-B): what was built before may be anything. As much as can be (-k): all complaints at once. */
function make(words: readonly string[]): OracleCommand {
  return { tool: 'make', args: ['-k', '-B', ...words] };
}

function compilePlan(command: OracleCommand): OraclePlan {
  return { kind: 'runnable', commands: [command], read: readCompile };
}

function testPlan(setting: OracleSetting, command: OracleCommand): OraclePlan {
  const tests = guardMains(setting);
  return {
    kind: 'runnable',
    commands: [command],
    read: (results) => readPrograms(setting, { tests, owner: 'make test', reported: [] }, results),
  };
}
