import { ruleOf, toolRules } from '../../sandbox/policy/tools.ts';
import type { Toolchain } from '../../sandbox/sandbox.ts';
import { jdkRemedy } from '../../sandbox/toolchain/jdkPackage.ts';
import type { NonNegotiables } from '../../task/payload.ts';
import type { NonNegotiableFact } from '../../task/verdict.ts';
import type { Project } from './detect.ts';

type BuildTool = NonNullable<NonNegotiables['build_tool']>;

/** The executable of each build tool. */
const EXECUTABLES: Record<BuildTool, string> = {
  gradle: 'gradle',
  maven: 'mvn',
  npm: 'npm',
  cargo: 'cargo',
  cmake: 'cmake',
  make: 'make',
  go: 'go',
  pytest: 'python3',
  unittest: 'python3',
};

/** Tools whose project needs a build file; pytest and unittest need none. */
const NEEDS_BUILD_FILE: ReadonlySet<BuildTool> = new Set([
  'gradle',
  'maven',
  'npm',
  'cargo',
  'go',
  'cmake',
  'make',
]);

/** What the user demanded, checked against this machine and the tree. Nothing is replaced by something like it. */
export function checkNonNegotiables(
  asked: NonNegotiables,
  tools: ReadonlyMap<string, Toolchain>,
  project: Project,
): NonNegotiableFact[] {
  const facts: NonNegotiableFact[] = [];
  if (asked.build_tool !== undefined) facts.push(checkBuildTool(asked.build_tool, tools, project));
  if (asked.jdk !== undefined) facts.push(checkJdk(asked.jdk, tools));
  return facts;
}

function checkBuildTool(
  asked: BuildTool,
  tools: ReadonlyMap<string, Toolchain>,
  project: Project,
): NonNegotiableFact {
  const fact = { name: 'build_tool' as const, asked };
  const executable = EXECUTABLES[asked];
  const found = tools.get(executable);
  if (found === undefined) {
    const remedy = `Install ${asked} (${debianPackage(executable)}) so that ${executable} is on the path of the worker.`;
    return { ...fact, found: null, satisfied: false, remedy };
  }
  if (NEEDS_BUILD_FILE.has(asked) && project.evidence === undefined) {
    const remedy = `Add the build file of ${asked} to the repository, or to output_contract.expected_files.`;
    return { ...fact, found: `${found.version}, but no build file`, satisfied: false, remedy };
  }
  return { ...fact, found: found.version, satisfied: true };
}

function checkJdk(asked: number, tools: ReadonlyMap<string, Toolchain>): NonNegotiableFact {
  const fact = { name: 'jdk' as const, asked: String(asked) };
  const majors = [...tools.values()].flatMap(({ tool, version }) =>
    isCompiler(tool) ? (jdkMajor(version) ?? []) : [],
  );
  // The usual compiler is one of those that are also there under the name of their version.
  const found = [...new Set(majors)].sort((a, b) => a - b);
  if (found.includes(asked)) return { ...fact, found: String(asked), satisfied: true };
  const remedy = jdkRemedy(asked);
  return { ...fact, found: found.length > 0 ? found.join(', ') : null, satisfied: false, remedy };
}

/** Of an allowed executable, all of which are known by the package that holds them. */
function debianPackage(executable: string): string {
  const { debian } = ruleOf(toolRules([]), executable) ?? { debian: executable };
  return `the Debian package ${debian}`;
}

/** `javac`, and `javac-21` where one machine has several. */
function isCompiler(tool: string): boolean {
  return /^javac(-\d+)?$/.test(tool);
}

/** The name under which a tool of the demanded JDK is run: `javac`, or `javac-21` where that is another one. */
export function jdkTool(
  tool: 'java' | 'javac',
  asked: number | undefined,
  tools: ReadonlyMap<string, Toolchain>,
): string {
  const named = `${tool}-${asked}`;
  const usual = jdkMajor(tools.get(tool)?.version ?? '');
  return asked !== undefined && usual !== asked && tools.has(named) ? named : tool;
}

/** 17 of "javac 17.0.15", 8 of "javac 1.8.0_402"; undefined when no number is there. */
export function jdkMajor(version: string): number | undefined {
  const [, first, second] = /(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  if (first === undefined) return undefined;
  return first === '1' && second !== undefined ? Number(second) : Number(first);
}
