import * as z from 'zod';

const Package = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
export const Lockfile = z.looseObject({ packages: z.record(z.string(), Package) });
export type Lockfile = z.infer<typeof Lockfile>;

export interface MissingPackage {
  name: string;
  version: string;
  dev: boolean;
}

/** The optional packages that others ask for by an exact version and the lock file does not hold. */
export function missingPackages({ packages }: Lockfile): MissingPackage[] {
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {}, dev = false }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !places(path, name).some((place) => Object.hasOwn(packages, place)))
      .map(([name, version]) => ({ name, version, dev })),
  );
}

/** Where Node would look for `name` from the package at `path`: its own node_modules, then those of the folders above. */
function places(path: string, name: string): string[] {
  const folders = path.split('/node_modules/').map((_, depth, all) => all.slice(0, depth + 1));
  return ['', ...folders.map((parts) => `${parts.join('/node_modules/')}/`)].map((folder) =>
    `${folder}node_modules/${name}`.replace(/^\//, ''),
  );
}
