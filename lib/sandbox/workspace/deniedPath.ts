/**
 * A path that must not be touched: it leads out of its root, through a link, or to something that is no plain file.
 * `target` is where it would have led: absolute, resolved as far as it could be without following anything.
 */
export class DeniedPath extends Error {
  readonly path: string;
  readonly target: string;
  readonly reason: string;

  constructor(denied: { path: string; target: string; reason: string }, options?: ErrorOptions) {
    super(
      `${JSON.stringify(denied.path)} is denied: ${denied.reason} (leads to ${denied.target})`,
      options,
    );
    this.name = 'DeniedPath';
    this.path = denied.path;
    this.target = denied.target;
    this.reason = denied.reason;
  }
}

/** The code of a system error (`ENOENT`), undefined for anything else that was thrown. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
