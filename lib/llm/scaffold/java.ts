import { javaBuildFiles } from './javaBuild.ts';
import {
  baseName,
  folderOf,
  noticeLines,
  type ScaffoldRequest,
  type SourceFile,
} from './sourceFile.ts';

/** A class to be written, with where it stands. */
export interface JavaClass {
  path: string;
  /** Everything before the package's folders: "src/main/java/", "app/src/main/java/", "". */
  sourceRoot: string;
  packageName: string;
  name: string;
}

const KEYWORDS = new Set(
  'abstract assert boolean break byte case catch char class const continue default do double else enum extends final finally float for goto if implements import instanceof int interface long native new package private protected public return short static strictfp super switch synchronized this throw throws transient try void volatile while true false null var yield record sealed permits'.split(
    ' ',
  ),
);

/** Classes that import nothing but the JDK, a smoke test with a main for each, and the build file that was demanded. */
export function javaFiles(request: ScaffoldRequest): SourceFile[] {
  const sources = request.missing.filter((path) => path.endsWith('.java'));
  const classes = sources.map(javaClass).filter((source) => isIdentifier(source.name));
  const tested = classes.filter(({ sourceRoot }) => !sourceRoot.endsWith('src/test/java/'));
  const smokes = tested.map(smokeClass).filter(({ path }) => !request.existingFiles.includes(path));
  return [
    ...sources
      .filter((path) => !isIdentifier(javaClass(path).name))
      .map((path) => otherSource(path, request)),
    ...classes.map((source) => skeleton(source, request)),
    ...tested.flatMap((subject) => smokeTest(subject, smokes)),
    ...javaBuildFiles(request, tested, smokes),
  ];
}

function javaClass(path: string): JavaClass {
  const sourceRoot = sourceRootOf(path);
  const folders = path.slice(sourceRoot.length).split('/').slice(0, -1);
  const isPackage = folders.every(isIdentifier);
  return {
    path,
    sourceRoot,
    packageName: isPackage ? folders.join('.') : '',
    name: baseName(path).slice(0, -'.java'.length),
  };
}

function sourceRootOf(path: string): string {
  return /^(?:.*\/)?src\/(?:main|test)\/java\//.exec(path)?.[0] ?? /^src\//.exec(path)?.[0] ?? '';
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '_' && !KEYWORDS.has(name);
}

function skeleton({ path, packageName, name }: JavaClass, { goal }: ScaffoldRequest): SourceFile {
  const content = `${noticeLines('//', goal)}${packageLine(packageName)}
public class ${name} {
}
`;
  return { path, content };
}

/** package-info.java and other files that hold no class. */
function otherSource(path: string, { goal }: ScaffoldRequest): SourceFile {
  const { packageName } = javaClass(path);
  const isPackageInfo = baseName(path) === 'package-info.java';
  return {
    path,
    content: `${noticeLines('//', goal)}${isPackageInfo ? packageLine(packageName) : ''}`,
  };
}

function smokeClass(subject: JavaClass): JavaClass {
  const sourceRoot = subject.sourceRoot.replace(/src\/main\/java\/$/, 'src/test/java/');
  const below = folderOf(subject.path).slice(subject.sourceRoot.length);
  const name = `${subject.name}SmokeTest`;
  return { ...subject, sourceRoot, name, path: `${sourceRoot}${below}${name}.java` };
}

function smokeTest(subject: JavaClass, smokes: readonly JavaClass[]): SourceFile[] {
  const smoke = smokeClass(subject);
  if (!smokes.some(({ path }) => path === smoke.path)) return [];
  const content = `// Proves that ${subject.name} compiles and loads, not that the goal was met.
// Runs with assertions on: java -ea ${qualified(smoke)}
${packageLine(smoke.packageName)}
public final class ${smoke.name} {
    private ${smoke.name}() {
    }

    public static void main(String[] arguments) {
        if (!${smoke.name}.class.desiredAssertionStatus()) {
            throw new IllegalStateException("assertions are off: run with java -ea");
        }
        Class<?> subject = ${subject.name}.class;
        assert subject.getName().equals("${qualified(subject)}") : subject.getName();
        System.out.println("smoke test passed: " + subject.getName());
    }
}
`;
  return [{ path: smoke.path, content }];
}

export function qualified({ packageName, name }: JavaClass): string {
  return packageName === '' ? name : `${packageName}.${name}`;
}

function packageLine(packageName: string): string {
  return packageName === '' ? '' : `package ${packageName};\n`;
}
