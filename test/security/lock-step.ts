import { isDeepStrictEqual } from 'node:util'
import { placeOf } from './finding.ts'
import type { Finding, Outcome } from './finding.ts'
import { isAllowedLicence } from './licence.ts'
import { DELIVERED_LICENCES, DEVELOPMENT_LICENCES, FLOORS, INSTALL_SCRIPTS, LICENCE_ELSEWHERE } from './lock-policy.ts'
import { isAtLeast, isWithin, parseVersion } from './versions.ts'

type Ranges = Readonly<Record<string, string>>

interface Described {
  readonly name?: string
  readonly version?: string
  readonly license?: string
  readonly engines?: Ranges
  readonly dependencies?: Ranges
  readonly devDependencies?: Ranges
  readonly optionalDependencies?: Ranges
  readonly peerDependencies?: Ranges
  readonly peerDependenciesMeta?: object
}

/** One package of package-lock.json, as far as it is looked at. */
export interface LockedPackage extends Described {
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

export interface Lock {
  readonly lockfileVersion?: number
  readonly packages?: Readonly<Record<string, LockedPackage>>
}

const MANIFEST = 'package.json'
const LOCK = 'package-lock.json'
/** npm installs by it instead of by the lock, and publishes it. */
export const OVERRULING = 'npm-shrinkwrap.json'
const IN_STEP = ['name', 'version', 'license', 'engines', 'dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies',
  'peerDependenciesMeta'] as const
const INSTALLED = ['dependencies', 'devDependencies', 'optionalDependencies'] as const
const RANGES = [...INSTALLED, 'peerDependencies'] as const
/** What npm fetches from elsewhere than the registry: a repository, an address, a folder. */
const ELSEWHERE = /^(?:(?!npm:)[a-z][\w.+-]*:|[\w.-]+\/|~\/|\.{0,2}\/)/

/**
 * Licences, places, checksums and oldest safe versions of all that is installed; package.json and its lock in step, and no other
 * lock beside it among the names of files.
 */
export function checkLock (manifestText: string, lockText: string, names: readonly string[] = []): Outcome {
  const findings: Finding[] = []
  if (names.includes(OVERRULING)) {
    findings.push({ file: OVERRULING, line: 1, column: 1, message: `npm installs by this file and not by ${LOCK}, which is looked at. Remove it.` })
  }
  const add = (file: string, text: string, key: string, message: string): void => {
    findings.push({ file, ...placeOf(text, text.indexOf(key)), message })
  }
  const manifest = parse<Described>(MANIFEST, manifestText, findings)
  const lock = parse<Lock>(LOCK, lockText, findings)
  if (manifest === null || lock === null) return { findings, note: 'not read' }

  for (const [name, range] of RANGES.flatMap((kind) => Object.entries(manifest[kind] ?? {}))) {
    for (const problem of problemsOfRange(name, range)) add(MANIFEST, manifestText, `"${name}": "${range}"`, problem)
  }
  const { '': root, ...packages } = lock.packages ?? {}
  if (lock.lockfileVersion !== 3) add(LOCK, lockText, '"lockfileVersion"', 'lockfileVersion has to be 3. Run npm install with npm 9 or newer.')
  for (const kind of IN_STEP) {
    if (isDeepStrictEqual(manifest[kind], root?.[kind])) continue
    add(LOCK, lockText, '"packages"', `${kind} is not what package.json says. Run npm install --package-lock-only and commit both files.`)
  }
  for (const [name, range] of INSTALLED.flatMap((kind) => Object.entries(manifest[kind] ?? {}))) {
    const version = packages[`node_modules/${name}`]?.version
    if (version !== undefined && isWithin(version, range)) continue
    add(LOCK, lockText, `"${name}": "${range}"`, `${name} is ${version ?? 'missing'}, package.json asks for ${range}. Run npm install and commit both files.`)
  }
  for (const [path, described] of Object.entries(packages)) {
    for (const problem of problemsOf(path, described)) add(LOCK, lockText, `${JSON.stringify(path)}: {`, problem)
  }
  return { findings, note: `${Object.keys(packages).length} packages, ${FLOORS.length} oldest safe versions` }
}

/** By its own name, also where it is installed under another. */
export function nameOfLocked (path: string, { name }: LockedPackage): string {
  return name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

function parse<Shape> (file: string, text: string, findings: Finding[]): Shape | null {
  try {
    return JSON.parse(text) as Shape
  } catch (err) {
    findings.push({ file, line: 1, column: 1, message: `this is no JSON: ${(err as Error).message}` })
    return null
  }
}

function problemsOfRange (name: string, range: string): string[] {
  if (parseVersion(range) === null) return [`${name}: ${JSON.stringify(range)} is none of 1.2.3, ~1.2.3, ^1.2.3: anything else can become another program.`]
  const floor = FLOORS.find((each) => each.name === name)
  if (floor === undefined) return []
  if (floor.isExact === true && range !== floor.version) return [`${name} has to be exactly ${floor.version}: ${floor.why}.`]
  return isAtLeast(range, floor.version) ? [] : [`${name} ${range} allows versions below ${floor.version}: ${floor.why}.`]
}

function problemsOf (path: string, locked: LockedPackage): string[] {
  const name = nameOfLocked(path, locked)
  const problems: string[] = []
  if (locked.link === true || !path.includes('node_modules/')) problems.push(`${name} is a folder and not a package of the registry.`)
  if (locked.resolved !== undefined) {
    problems.push(/^https:.*\.tgz$/.test(locked.resolved)
      ? `${name} is bound to one address. Write the lock with npm install --omit-lockfile-registry-resolved: everybody installs from their own registry.`
      : `${name} comes from ${JSON.stringify(locked.resolved)}, not from the registry: what is there can change. Use a published version.`)
  }
  if (!/^sha512-[\w+/]{86}==$/.test(locked.integrity ?? '')) problems.push(`${name} has no sha512 checksum: what is installed could be anything. Remove it and install it again.`)
  if (locked.hasInstallScript === true && !Object.hasOwn(INSTALL_SCRIPTS, name)) {
    problems.push(`${name} runs a script while it is installed. Read it, then add it to INSTALL_SCRIPTS of test/security/lock-policy.ts, or do without.`)
  }
  for (const [other, range] of RANGES.flatMap((kind) => Object.entries(locked[kind] ?? {}))) {
    if (ELSEWHERE.test(range)) problems.push(`${name} takes ${other} from ${JSON.stringify(range)}, not from the registry.`)
  }
  const floor = FLOORS.find((each) => each.name === name)
  if (floor !== undefined && !(floor.isExact === true ? locked.version === floor.version : isAtLeast(locked.version ?? '', floor.version))) {
    problems.push(`${name} ${locked.version ?? ''} is ${floor.isExact === true ? 'not' : 'older than'} ${floor.version}: ${floor.why}. Run npm update ${name}, or npm why ${name} for who wants it.`)
  }
  const problem = problemOfLicence(name, locked)
  return problem === null ? problems : [...problems, problem]
}

function problemOfLicence (name: string, { license, dev = false }: LockedPackage): string | null {
  if (license === undefined) {
    return dev && Object.hasOwn(LICENCE_ELSEWHERE, name) ? null : `${name} names no licence: nobody may use it. Do without, or see LICENCE_ELSEWHERE of test/security/lock-policy.ts.`
  }
  if (isAllowedLicence(license, dev ? new Set([...DELIVERED_LICENCES, ...DEVELOPMENT_LICENCES]) : DELIVERED_LICENCES)) return null
  return `${name} is under ${license}, which is not allowed ${dev ? 'here' : 'in what applications install with this package'}. Do without, or see test/security/lock-policy.ts.`
}
