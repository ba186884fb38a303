/** What pip says when its index is away, too slow or refuses. */
const UNREACHABLE =
  /NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Max retries exceeded|Could not fetch URL|SSLError|ProxyError|HTTP error [45]\d\d|connection broken/i;

/** What it says when there is no such package for this Python and this machine. */
const MISSING = /No matching distribution found|Could not find a version/;

/** What this machine's index cannot give, in words; undefined when pip failed of something else. */
export function withoutPackages(output: string): string | undefined {
  if (UNREACHABLE.test(output))
    return `pip cannot reach its package index: ${lastComplaint(output)}`;
  if (MISSING.test(output)) return `pip's package index does not have it: ${lastComplaint(output)}`;
  return undefined;
}

/** The last line that names an error, without its address. */
function lastComplaint(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const complaint = lines.findLast((line) => line.startsWith('ERROR:'));
  return (complaint ?? lines.findLast((line) => line !== '') ?? 'it said nothing')
    .replace(/^ERROR:\s*/, '')
    .replace(/https?:\/\/\S+/g, 'its index');
}
