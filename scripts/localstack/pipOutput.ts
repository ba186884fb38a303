/** What pip says when the index is away, is too slow, refuses, or does not have a package for this Python. */
const UNREACHABLE =
  /No matching distribution found|Could not find a version|NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Max retries exceeded|Could not fetch URL|SSLError|ProxyError|HTTP error [45]\d\d|Connection (?:refused|reset|aborted|broken)/i;

/** Whether pip failed for want of its index, rather than here. */
export function isUnreachable(output: string): boolean {
  return UNREACHABLE.test(output);
}

/** The last line that names an error, without its address. */
export function lastComplaint(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  const complaint = lines.findLast((line) => line.startsWith('ERROR:'));
  return (complaint ?? lines.findLast((line) => line !== '') ?? 'it said nothing')
    .replace(/^ERROR:\s*/, '')
    .replace(/https?:\/\/\S+/g, 'its index');
}
