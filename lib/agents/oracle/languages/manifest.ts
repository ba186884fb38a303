import { join } from 'node:path';
import * as z from 'zod';
import type { OracleSetting } from '../plan.ts';

const Manifest = z.object({
  scripts: z.object({ test: z.string().optional() }).optional(),
  dependencies: z.record(z.string(), z.unknown()).optional(),
  devDependencies: z.record(z.string(), z.unknown()).optional(),
});

function manifestOf({ tree, project }: OracleSetting): z.infer<typeof Manifest> {
  try {
    const text = tree.read(join(project.root, 'package.json'));
    return Manifest.parse(JSON.parse(text ?? '{}'));
  } catch (error) {
    // A package.json that is broken, perhaps by the answer, declares nothing; npm itself will complain.
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}

/** The project's own test script. */
export function testScript(setting: OracleSetting): string | undefined {
  return manifestOf(setting).scripts?.test;
}

/** Names of the packages that the project says it needs. */
export function declaredPackages(setting: OracleSetting): string[] {
  const { dependencies = {}, devDependencies = {} } = manifestOf(setting);
  return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
}
