import type { Language, NonNegotiables } from '../../task/payload.ts';

export type ProjectTool =
  | 'gradle'
  | 'maven'
  | 'javac'
  | 'python'
  | 'node'
  | 'go'
  | 'cargo'
  | 'cmake'
  | 'make'
  | 'cc';

/** How a repository is built, told by the files at its root. */
export interface Project {
  language: Language;
  tool: ProjectTool;
  /** Folder of the build file, relative, `.` for the root. */
  root: string;
  /** The build file that told it; absent where the language needs none. */
  evidence?: string;
}

const BUILD_FILES: readonly [ProjectTool, RegExp][] = [
  ['gradle', /^(settings|build)\.gradle(\.kts)?$/],
  ['maven', /^pom\.xml$/],
  ['go', /^go\.mod$/],
  ['cargo', /^Cargo\.toml$/],
  ['node', /^package\.json$/],
  ['cmake', /^CMakeLists\.txt$/],
  ['make', /^(GNUm|[Mm])akefile$/],
  ['python', /^(pyproject\.toml|setup\.py|setup\.cfg|pytest\.ini)$/],
];

const CANDIDATES: Record<Language, readonly ProjectTool[]> = {
  java: ['gradle', 'maven'],
  python: ['python'],
  typescript: ['node'],
  javascript: ['node'],
  go: ['go'],
  rust: ['cargo'],
  c: ['cmake', 'make'],
  cpp: ['cmake', 'make'],
};

/** What builds the language where no build file is found. */
const WITHOUT_BUILD_FILE: Record<Language, ProjectTool> = {
  java: 'javac',
  python: 'python',
  typescript: 'node',
  javascript: 'node',
  go: 'go',
  rust: 'cargo',
  c: 'cc',
  cpp: 'cc',
};

/**
 * The project of `files` (relative paths). A build tool that the user demands wins over what is found; a build file at
 * the root wins over a nested one, and a nested one counts only when there is no other like it.
 */
export function detectProject(
  files: readonly string[],
  language: Language,
  asked: NonNegotiables['build_tool'],
): Project {
  const demanded = demandedTool(asked);
  const wanted = CANDIDATES[language].filter((tool) => tool === (demanded ?? tool));
  for (const tool of wanted) {
    const evidence = buildFileAtRoot(files, tool);
    if (evidence !== undefined) return { language, tool, root: '.', evidence };
  }
  for (const tool of wanted) {
    const nested = onlyNestedBuildFile(files, tool);
    if (nested !== undefined) return { language, tool, root: folderOf(nested), evidence: nested };
  }
  return { language, tool: demanded ?? WITHOUT_BUILD_FILE[language], root: '.' };
}

function demandedTool(asked: NonNegotiables['build_tool']): ProjectTool | undefined {
  const chosen = ['gradle', 'maven', 'cmake', 'make'] as const;
  return chosen.find((tool) => tool === asked);
}

function buildFileAtRoot(files: readonly string[], tool: ProjectTool): string | undefined {
  const pattern = patternOf(tool);
  return files.find((file) => !file.includes('/') && pattern.test(file));
}

/** At most two folders down: deeper ones are fixtures and samples. */
function onlyNestedBuildFile(files: readonly string[], tool: ProjectTool): string | undefined {
  const pattern = patternOf(tool);
  const found = files.filter(
    (file) => file.split('/').length <= 3 && pattern.test(file.slice(file.lastIndexOf('/') + 1)),
  );
  const folders = new Set(found.map(folderOf));
  return folders.size === 1 ? found[0] : undefined;
}

function patternOf(tool: ProjectTool): RegExp {
  return BUILD_FILES.find(([name]) => name === tool)?.[1] ?? /(?!)/;
}

function folderOf(file: string): string {
  const slash = file.lastIndexOf('/');
  return slash === -1 ? '.' : file.slice(0, slash);
}
