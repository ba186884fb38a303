/** Parses REPO_HOSTS: `host` or `host:port`, separated by commas. */
export function parseRepoHosts(text: string, flaws: string[]): string[] {
  const hosts = text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
  const unusable = hosts.filter((host) => !isHost(host));
  if (unusable.length > 0) {
    flaws.push(
      `REPO_HOSTS: ${unusable.join(', ')} is no host such as github.com or git.local:8443`,
    );
  }
  return hosts;
}

/** As a URL would name it: nothing before or behind it, and without the port where it is the usual one. */
function isHost(text: string): boolean {
  const url = `https://${text}`;
  return URL.canParse(url) && new URL(url).host === text;
}
