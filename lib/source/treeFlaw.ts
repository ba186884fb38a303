/** What is too much about a tree, told from `git ls-tree -r -l -z`; undefined when it is small enough. */
export function treeFlaw(
  listing: string,
  most: { bytes: number; files: number },
): string | undefined {
  let bytes = 0;
  let files = 0;
  // `<mode> <type> <object> <size or ->\t<path>`
  for (const [, size = ''] of listing.matchAll(/(?<=^|\0)\d+ \w+ \w+ +(\d+|-)\t/g)) {
    files += 1;
    bytes += size === '-' ? 0 : Number(size);
  }
  if (files > most.files) return `the tree holds ${files} files, more than ${most.files}`;
  if (bytes > most.bytes) return `the tree holds ${bytes} bytes, more than ${most.bytes}`;
  return undefined;
}
