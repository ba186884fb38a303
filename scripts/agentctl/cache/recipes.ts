/** How the cache of one language is filled: commands of this machine, with the network, in a folder of their own. */
export interface Recipe {
  /** Caches below AGENT_HOME/caches that it fills. */
  caches: readonly string[];
  /** Files of a project that decide what is fetched: the first that is there is wanted. */
  wants: readonly string[];
  /** For a machine without a project: what everybody needs. */
  starter: Readonly<Record<string, string>>;
  commands: readonly { argv: readonly string[]; env?: Readonly<Record<string, string>> }[];
}

export type CacheLanguage = 'java' | 'python' | 'node' | 'go' | 'rust';

interface Where {
  /** Absolute folder of all caches. */
  caches: string;
  /** A project's own tests are not run: they are not for this machine, but for the sandbox. */
  ofProject: boolean;
}

export function recipeFor(language: CacheLanguage, { caches, ofProject }: Where): Recipe {
  switch (language) {
    case 'java':
      return {
        caches: ['m2'],
        wants: ['pom.xml'],
        starter: { 'pom.xml': POM, 'src/test/java/AppTest.java': JAVA_TEST },
        // Offline goals see only what was fetched for exactly these goals: so they are run once.
        commands: [
          {
            argv: ['mvn', '-B', '-q', `-Dmaven.repo.local=${caches}/m2`, 'test'].concat(
              ofProject ? ['-DskipTests'] : [],
            ),
          },
        ],
      };
    case 'python':
      return {
        caches: ['pip'],
        wants: ['requirements.txt'],
        starter: { 'requirements.txt': 'pytest\n' },
        commands: [{ argv: [...PIP, '-d', `${caches}/pip`, '-r', 'requirements.txt'] }],
      };
    case 'node':
      return {
        caches: ['npm'],
        wants: ['package-lock.json'],
        starter: {},
        commands: [{ argv: [...NPM, '--cache', `${caches}/npm`] }],
      };
    case 'go':
      return {
        caches: ['go-build', 'go-modules'],
        wants: ['go.mod'],
        starter: { 'go.mod': 'module example.com/starter\n', 'starter_test.go': GO_TEST },
        commands: [
          { argv: ['go', 'mod', 'download'], env: goFolders(caches) },
          { argv: ['go', 'build', 'std'], env: goFolders(caches) },
          { argv: ['go', 'test', '-c', '-o', '/dev/null', '.'], env: goFolders(caches) },
        ],
      };
    case 'rust':
      return {
        caches: ['cargo'],
        wants: ['Cargo.toml'],
        starter: {},
        commands: [{ argv: ['cargo', 'fetch'], env: { CARGO_HOME: `${caches}/cargo` } }],
      };
  }
}

const PIP = ['python3', '-m', 'pip', 'download', '--quiet', '--only-binary=:all:'];
const NPM = ['npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];

function goFolders(caches: string): Record<string, string> {
  return { GOCACHE: `${caches}/go-build`, GOMODCACHE: `${caches}/go-modules` };
}

const GO_TEST = 'package starter\n\nimport "testing"\n\nfunc TestNothing(t *testing.T) {}\n';

const JAVA_TEST =
  'import org.junit.jupiter.api.Test;\n\nclass AppTest {\n  @Test\n  void works() {}\n}\n';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>starter</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.11.4</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-compiler-plugin</artifactId>
        <version>3.13.0</version>
      </plugin>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-surefire-plugin</artifactId>
        <version>3.5.2</version>
      </plugin>
    </plugins>
  </build>
</project>
`;
