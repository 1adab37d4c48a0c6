import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Outcome } from './finding.ts'
import { nameOfLocked } from './lock-step.ts'
import type { Lock } from './lock-step.ts'
import { npm } from './npm.ts'

interface Component {
  readonly name?: string
  readonly version?: string
  readonly purl?: string
  readonly 'bom-ref'?: string
  readonly hashes?: readonly unknown[]
  readonly licenses?: readonly unknown[]
}

/** What is read of a CycloneDX document. */
export interface Bom {
  readonly bomFormat?: string
  readonly specVersion?: string
  readonly metadata?: { readonly component?: Component }
  readonly components?: readonly Component[]
  readonly dependencies?: ReadonlyArray<{ readonly ref: string, readonly dependsOn?: readonly string[] }>
}

const FILE = 'dist/sbom.cdx.json'

/** What an application installs with this package, from the lock alone: the same on every machine. */
export async function writeSbom (folder: string): Promise<Outcome> {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly name: string }
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as Lock
  // Not with --omit=dev: npm then leaves out whatever a development dependency uses as well.
  const whole = JSON.parse(await npm(folder, 'sbom', '--package-lock-only', '--sbom-format=cyclonedx')) as Bom
  const bom = deliveredOf(whole, lock, manifest.name)
  mkdirSync(join(folder, 'dist'), { recursive: true })
  writeFileSync(join(folder, FILE), JSON.stringify(bom, null, 2) + '\n')
  return {
    findings: problemsOfBom(bom, lock).map((message) => ({ file: FILE, line: 1, column: 1, message: `${message}. Look at what npm sbom says.` })),
    note: `${bom.components?.length ?? 0} packages in ${FILE}`
  }
}

/** The document without what only development uses, under the package's own name: npm takes that of the folder. */
function deliveredOf (bom: Bom, lock: Lock, name: string): Bom {
  const delivered = deliveredBy(lock)
  const components = bom.components?.filter((each) => delivered.has(`${each.name}@${each.version}`)) ?? []
  const root = bom.metadata?.component
  const refs = new Set([root, ...components].map((each) => each?.['bom-ref']))
  const dependencies = bom.dependencies?.filter(({ ref }) => refs.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn?.filter((other) => refs.has(other)) ?? [] })) ?? []
  return { ...bom, metadata: { ...bom.metadata, component: { ...root, name } }, components, dependencies }
}

/** What is wrong with a document: each package that is delivered has to be in it, or it would not be found when it matters. */
export function problemsOfBom (bom: Bom, lock: Lock): string[] {
  const problems: string[] = []
  if (bom.bomFormat !== 'CycloneDX' || !/^1\.[5-9]$/.test(bom.specVersion ?? '')) problems.push('this is no CycloneDX document of 1.5 or newer')
  if (bom.metadata?.component?.version === undefined) problems.push('it does not say of what it is')
  const missing = deliveredBy(lock)
  for (const { name = '?', version, purl, hashes, licenses } of bom.components ?? []) {
    missing.delete(`${name}@${version}`)
    const expected = `pkg:npm/${name.replace('@', '%40')}@${version}`
    if (purl !== expected) problems.push(`${name} is at ${purl} instead of ${expected}`)
    if (!hashes?.length || !licenses?.length) problems.push(`${name} has no checksum, or no licence`)
  }
  return [...problems, ...[...missing].map((name) => `${name} is missing`)]
}

function deliveredBy (lock: Lock): Set<string> {
  const packages = Object.entries(lock.packages ?? {}).filter(([path, { dev }]) => path !== '' && dev !== true)
  return new Set(packages.map(([path, locked]) => `${nameOfLocked(path, locked)}@${locked.version}`))
}
