export interface ToolRule {
  /** Arguments that make the tool tell its version. */
  version: readonly string[];
  /** Debian's package that holds it. */
  debian: string;
  /** Tools that it starts by itself, where they are found outside /usr. */
  needs?: readonly string[];
}

/** What may be run, by name. Everything else is denied before anything starts. */
const RULES = {
  javac: { version: ['-version'], debian: 'default-jdk-headless' },
  java: { version: ['-version'], debian: 'default-jre-headless' },
  mvn: { version: ['--version'], debian: 'maven', needs: ['java'] },
  gradle: { version: ['--version'], debian: 'gradle', needs: ['java'] },
  gradlew: { version: ['--version'], debian: 'default-jdk-headless', needs: ['java'] },
  python3: { version: ['--version'], debian: 'python3' },
  pytest: { version: ['--version'], debian: 'python3-pytest', needs: ['python3'] },
  node: { version: ['--version'], debian: 'nodejs' },
  npm: { version: ['--version'], debian: 'npm' },
  tsc: { version: ['--version'], debian: 'node-typescript' },
  vitest: { version: ['--version'], debian: 'npm' },
  go: { version: ['version'], debian: 'golang-go' },
  cargo: { version: ['--version'], debian: 'cargo', needs: ['rustc'] },
  rustc: { version: ['--version'], debian: 'rustc' },
  gcc: { version: ['--version'], debian: 'gcc' },
  'g++': { version: ['--version'], debian: 'g++' },
  make: { version: ['--version'], debian: 'make' },
  cmake: { version: ['--version'], debian: 'cmake' },
  ctest: { version: ['--version'], debian: 'cmake' },
} as const satisfies Record<string, ToolRule>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$/;
/** A tool of one certain JDK: `java-21`, `javac-21`. */
const OF_ONE_JDK = /^(java|javac)-(\d{1,2})$/;

export type ToolRules = ReadonlyMap<string, ToolRule>;

/** The allowlist with the operator's own names. Throws at a name that is no plain command name. */
export function toolRules(added: readonly string[]): ToolRules {
  // A map: an object would take `__proto__` and `constructor` for tools.
  const rules = new Map<string, ToolRule>(Object.entries(RULES));
  for (const name of added) {
    if (!NAME.test(name))
      throw new Error(
        `${JSON.stringify(name)} cannot be allowed as a tool: give a plain command name`,
      );
    if (!rules.has(name)) rules.set(name, { version: ['--version'], debian: name });
  }
  return rules;
}

/** The rule of a tool, undefined when it is not allowed. */
export function ruleOf(rules: ToolRules, name: string): ToolRule | undefined {
  const [, tool, major] = OF_ONE_JDK.exec(name) ?? [];
  if (tool === undefined) return rules.get(name);
  const rule = rules.get(tool);
  return rule && { ...rule, debian: `openjdk-${major}-jdk-headless` };
}

/** What makes a Java tool take the limit of the run for the size of the machine: it cannot see the limit by itself. */
export function memoryArguments(tool: string, memoryMiB: number): string[] {
  const name = OF_ONE_JDK.exec(tool)?.[1] ?? tool;
  if (name === 'java') return jvmOptions(memoryMiB);
  return name === 'javac' ? jvmOptions(memoryMiB).map((option) => `-J${option}`) : [];
}

export function memoryEnvironment(memoryMiB: number): Record<string, string> {
  const options = jvmOptions(memoryMiB).join(' ');
  return { MAVEN_OPTS: options, GRADLE_OPTS: options };
}

function jvmOptions(memoryMiB: number): string[] {
  return [`-XX:MaxRAM=${memoryMiB}m`, '-XX:MaxRAMPercentage=50'];
}

/** Linux refuses more than this for all arguments together with the environment on small stacks (ARG_MAX). */
const LONGEST_ARGUMENTS = 128 * 1024;

/** Why arguments are refused, or undefined. */
export function argumentFlaw(args: readonly string[]): string | undefined {
  if (args.some((argument) => argument.includes('\0'))) return 'an argument holds a NUL';
  const bytes = args.reduce((sum, argument) => sum + Buffer.byteLength(argument) + 1, 0);
  return bytes > LONGEST_ARGUMENTS
    ? `the arguments are ${bytes} bytes long, more than ${LONGEST_ARGUMENTS}`
    : undefined;
}
