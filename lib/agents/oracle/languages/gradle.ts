import { join } from 'node:path';
import { warmCache } from '../missing.ts';
import { noTests, type OraclePlan, type OracleSetting } from '../plan.ts';
import { isTestModule } from '../testFiles.ts';
import { javaHome } from './javaHome.ts';
import { readBuild } from './javaReports.ts';
import { removeOldReports } from './reportFiles.ts';

const GRADLE = {
  reports: /(^|\/)build\/test-results\/[^/]+\/TEST-[^/]+\.xml$/,
  missing:
    /(?:No cached version of |Could not (?:resolve|find) |Could not download \S+ \()([\w.-]+:[\w.-]+(?::[\w.-]+)*)/g,
};

export function planGradle(setting: OracleSetting): OraclePlan {
  const { phase, project, tree, tools } = setting;
  if (!tools.has('gradle')) return withoutGradle(setting);
  if (phase !== 'compile' && !tree.files.some((path) => isTestModule('java', path))) {
    return noTests('gradle');
  }
  const tasks = phase === 'compile' ? ['-q', 'classes', 'testClasses'] : ['--continue', 'test'];
  removeOldReports(tree.root, GRADLE.reports);
  const where = project.root === '.' ? [] : ['-p', project.root];
  return {
    kind: 'runnable',
    commands: [
      {
        tool: 'gradle',
        args: ['--offline', '--no-daemon', '--console=plain', ...where, ...tasks],
        env: javaHome(setting),
      },
    ],
    read: (results) => readBuild(setting, { ...GRADLE, remedy: remedyFor(setting) }, results),
  };
}

/** Gradle reads a cache that it may not write to since 6.2; Debian's is older. */
function remedyFor({ tools }: OracleSetting): string {
  const { version = '' } = tools.get('gradle') ?? {};
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  if (major > 6 || (major === 6 && minor >= 2)) return warmCache('java');
  return `Gradle ${version} cannot read a cache that it may not write to: install 6.2 or newer. ${warmCache('java')}`;
}

/** A wrapper first fetches its distribution: without one in the cache it cannot work offline. */
function withoutGradle({ tree, project }: OracleSetting): OraclePlan {
  const wrapper = tree.files.includes(join(project.root, 'gradlew'));
  return {
    kind: 'impossible',
    status: 'not_run',
    tool: 'gradle',
    cause: 'toolchain_missing',
    reason: wrapper
      ? 'the Gradle wrapper would have to fetch its distribution, and there is no network'
      : 'gradle is not on this machine',
    remedy: 'Install Gradle on the path of the worker.',
  };
}
