import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { audit } from './audit-step.ts'
import { indexedText, stagedFiles, stagedNames, trackedFiles } from './git-files.ts'
import { lintFolder, lintSources } from './lint-step.ts'
import { checkLock, OVERRULING } from './lock-step.ts'
import type { Step } from './run-steps.ts'
import { writeSbom } from './sbom-step.ts'
import { scanSecrets } from './secret-step.ts'

const PACKAGES = ['package.json', 'package-lock.json'] as const

/** All that is looked at in a checkout. */
export function scanSteps (folder: string): Step[] {
  const [manifest, lock] = PACKAGES.map((name) => () => readFileSync(join(folder, name), 'utf8')) as [() => string, () => string]
  return [
    { name: 'code', what: 'injection, unsafe HTML, slow patterns', run: async () => await lintFolder(folder) },
    { name: 'secrets', what: 'keys, tokens, passwords in tracked files', run: async () => await scanSecrets(trackedFiles(folder)) },
    { name: 'packages', what: 'licences, checksums, oldest safe versions', run: async () => checkLock(manifest(), lock(), readdirSync(folder)) },
    { name: 'sbom', what: 'the list of what is delivered', run: async () => await writeSbom(folder) },
    { name: 'audit', what: 'known vulnerabilities', run: async () => await audit(folder) }
  ]
}

/** What is looked at before a commit: what is staged and nothing else. */
export function stagedSteps (folder: string): Step[] {
  const staged = stagedFiles(folder)
  const touched = new Set(stagedNames(folder))
  const steps: Step[] = [
    { name: 'code', what: 'every lint rule', run: async () => await lintSources(folder, staged) },
    { name: 'secrets', what: 'keys, tokens, passwords', run: async () => await scanSecrets(staged) }
  ]
  const names = staged.map(({ path }) => path)
  if (!names.includes(OVERRULING) && !PACKAGES.some((name) => touched.has(name))) return steps
  const [manifest, lock] = PACKAGES.map((name) => indexedText(folder, name)) as [string, string]
  return [...steps, { name: 'packages', what: 'licences, checksums, oldest safe versions', run: async () => checkLock(manifest, lock, names) }]
}
