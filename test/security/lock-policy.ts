/** What a package may be licensed under when an application gets it with ours. */
export const DELIVERED_LICENCES: ReadonlySet<string> = new Set(['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0'])

/** And what else, where only development uses it and nothing of it is passed on. */
export const DEVELOPMENT_LICENCES: ReadonlySet<string> =
  new Set(['MPL-2.0', 'Python-2.0', 'Artistic-2.0', 'CC-BY-3.0', 'CC-BY-4.0', 'CC0-1.0', 'Unlicense', 'WTFPL'])

/** Packages of development that name no licence in their package.json, with where it stands. */
export const LICENCE_ELSEWHERE: Readonly<Record<string, string>> = {
  'jsonc-simple-parser': 'MIT, in its file "license"'
}

/** Packages that may run a script while they are installed, with what it does. */
export const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  esbuild: 'looks whether its binary for this platform was installed'
}

interface Floor {
  readonly name: string
  readonly version: string
  /** Nothing above is trusted unseen either. */
  readonly isExact?: boolean
  readonly why: string
}

/** The oldest versions that are safe; for every copy in the tree. */
export const FLOORS: readonly Floor[] = [
  { name: 'ws', version: '8.23.0', why: 'CVE-2024-37890, CVE-2026-48779, and pings that are answered without limit' },
  { name: '@fastify/websocket', version: '11.3.6', why: 'GHSA-4pcg-wr6c-h9cq and what followed it' },
  { name: '@fastify/session', version: '11.1.3', why: 'CVE-2024-35220 and the expiry of restored cookies' },
  { name: 'fastify', version: '5.12.0', why: 'CVE-2026-25223, CVE-2026-33806, GHSA-444r-cwp2-x5xf' },
  { name: '@fastify/rate-limit', version: '11.2.0', why: 'older ones count each address of an IPv6 network on its own' },
  { name: 'nunjucks', version: '3.2.4', isExact: true, why: 'its compiler and lookups are hardened from outside, which was tested with this version' }
]
