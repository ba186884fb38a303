import { describe, expect, it } from 'vitest';
import { withoutPackages } from '../../../scripts/localstack/pipOutput.ts';

describe('what pip says when it fails', () => {
  it('is the index when that cannot be reached, and no address is repeated', () => {
    const output = [
      "WARNING: Retrying (Retry(total=1)) after connection broken by 'NewConnectionError(...)': /simple/moto/",
      'ERROR: Could not find a version that satisfies the requirement moto==5.2.5 (from versions: none)',
      'ERROR: No matching distribution found for moto==5.2.5 at https://user:secret@index.example/simple',
    ].join('\n');
    expect(withoutPackages(output)).toBe(
      'pip cannot reach its package index: No matching distribution found for moto==5.2.5 at its index',
    );
  });

  it('is the package when the index answers without it', () => {
    const output = 'ERROR: No matching distribution found for awscrt==0.38.1\n';
    expect(withoutPackages(output)).toBe(
      "pip's package index does not have it: No matching distribution found for awscrt==0.38.1",
    );
  });

  it('is a failure of ours when it is neither', () => {
    expect(
      withoutPackages('ERROR: Could not install packages: [Errno 28] No space left on device'),
    ).toBeUndefined();
  });
});
