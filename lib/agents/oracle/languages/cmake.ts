import { readReport } from '../judgedTree.ts';
import { readJUnit } from '../junit.ts';
import {
  caseName,
  noTests,
  type OracleCommand,
  type OraclePlan,
  type OracleSetting,
} from '../plan.ts';
import { readCompile, readPrograms } from './cReadings.ts';
import { guardMains } from './mainGuard.ts';

const BUILD = '/report/build';
const REPORT = 'ctest.xml';

/** Configured and built outside of the tree; its tests by ctest. */
export function planCmake(setting: OracleSetting): OraclePlan {
  const { phase, project, tree } = setting;
  const build: OracleCommand[] = [
    { tool: 'cmake', args: ['-S', project.root, '-B', BUILD] },
    { tool: 'cmake', args: ['--build', BUILD, '--', '-k'] },
  ];
  if (phase === 'compile') return { kind: 'runnable', commands: build, read: readCompile };
  const lists = tree.files.filter((path) => /(^|\/)CMakeLists\.txt$|\.cmake$/.test(path));
  if (!lists.some((path) => DECLARES_TESTS.test(tree.read(path) ?? ''))) return noTests('ctest');
  const tests = guardMains(setting);
  const args = ['--test-dir', BUILD, '--output-junit', `/report/${REPORT}`, '--output-on-failure'];
  return {
    kind: 'runnable',
    // What could be built is tested, so that one broken program hides no other.
    commands: [...build.map(whatCanBe), { tool: 'ctest', args }],
    read: (results) =>
      readPrograms(setting, { tests, owner: 'ctest', reported: reportedIn(setting) }, results),
  };
}

const DECLARES_TESTS = /\b(add_test|gtest_discover_tests|catch_discover_tests)\s*\(/;

function whatCanBe(command: OracleCommand): OracleCommand {
  return { ...command, keepGoing: true };
}

/** The tests as ctest counts them: programs by their exit codes. */
function reportedIn({ reportDir }: OracleSetting) {
  return readJUnit(readReport(reportDir, REPORT) ?? '').cases.map(({ name, outcome }) => ({
    name: caseName('ctest', name),
    outcome,
  }));
}
