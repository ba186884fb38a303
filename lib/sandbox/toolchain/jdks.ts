import fs from 'node:fs';
import path from 'node:path';
import { type HostTool, hostTool } from './hostTool.ts';

/** Where Linux distributions put JDKs side by side. */
const HOME_OF_JDKS = '/usr/lib/jvm';

/** `java-17`, `javac-17`, `java-21` ...: the tools of each JDK that is installed, one per major version. */
export function findJdkTools(folder = HOME_OF_JDKS): HostTool[] {
  const tools = new Map<string, HostTool>();
  for (const home of jdkHomes(folder)) {
    const major = majorOf(home);
    if (major === undefined) continue;
    for (const tool of ['java', 'javac']) {
      const [name, program] = [`${tool}-${major}`, path.join(home, 'bin', tool)];
      if (!tools.has(name) && fs.existsSync(program)) tools.set(name, hostTool(name, program));
    }
  }
  return [...tools.values()];
}

function jdkHomes(folder: string): string[] {
  if (!fs.existsSync(folder)) return [];
  const homes = fs.readdirSync(folder).map((name) => fs.realpathSync(path.join(folder, name)));
  return [...new Set(homes)].sort();
}

/** Every JDK since 8 has a file `release` with a line JAVA_VERSION="17.0.15" (8: "1.8.0_392"). */
function majorOf(home: string): string | undefined {
  const release = path.join(home, 'release');
  if (!fs.existsSync(release)) return undefined;
  const version = /^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(fs.readFileSync(release, 'utf8'));
  return version?.[1];
}
