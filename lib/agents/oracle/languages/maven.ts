import { warmCache } from '../missing.ts';
import type { OraclePlan, OracleSetting } from '../plan.ts';
import { noTests } from '../plan.ts';
import { isTestModule } from '../testFiles.ts';
import { javaHome } from './javaHome.ts';
import { readBuild } from './javaReports.ts';
import { removeOldReports } from './reportFiles.ts';

const MAVEN = {
  reports: /(^|\/)target\/surefire-reports\/TEST-[^/]+\.xml$/,
  missing:
    /(?:the artifact |Could not find artifact |Plugin |artifacts could not be resolved: )([\w.-]+:[\w.-]+(?::[\w.-]+)*)/g,
  remedy: warmCache('java'),
};

export function planMaven(setting: OracleSetting): OraclePlan {
  const { phase, project, tree } = setting;
  if (phase !== 'compile' && !tree.files.some((path) => isTestModule('java', path))) {
    return noTests('mvn');
  }
  removeOldReports(tree.root, MAVEN.reports);
  const where = project.root === '.' ? [] : ['-f', `${project.root}/pom.xml`];
  const goal = phase === 'compile' ? ['-q', 'test-compile'] : ['-fae', 'test'];
  return {
    kind: 'runnable',
    commands: [{ tool: 'mvn', args: ['-o', '-B', ...where, ...goal], env: javaHome(setting) }],
    read: (results) => readBuild(setting, MAVEN, results),
  };
}
