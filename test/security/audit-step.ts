import type { Finding, Outcome } from './finding.ts'
import { npm } from './npm.ts'

interface Advisory { readonly title?: string, readonly url?: string }

interface Audit {
  readonly auditReportVersion?: number
  readonly statusCode?: number
  readonly vulnerabilities?: Readonly<Record<string, {
    readonly severity?: string
    readonly range?: string
    readonly via?: ReadonlyArray<string | Advisory>
  }>>
}

/** Known vulnerabilities of what is delivered, where the registry in use knows them. */
export async function audit (folder: string): Promise<Outcome> {
  return readAudit(await npm(folder, 'audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=10000'))
}

/** An advisory is a finding; a registry that has none, or is out of reach, is said and no failure: the floors hold offline. */
export function readAudit (json: string): Outcome {
  const report = read(json)
  if (report.auditReportVersion === undefined) {
    const cause = report.statusCode === undefined ? 'it is out of reach' : `it answers ${report.statusCode}`
    return { findings: [], note: `not available from this registry: ${cause}` }
  }
  const findings = Object.entries(report.vulnerabilities ?? {}).map(([name, { severity, range, via = [] }]): Finding => {
    const advisories = via.map((each) => typeof each === 'string' ? `by ${each}` : [each.title, each.url].filter(Boolean).join(' '))
    const message = `${name} ${range ?? ''}, ${severity ?? 'unknown'}: ${advisories.join('; ')}. Run npm audit fix --omit=dev, and raise the floor in test/security/lock-policy.ts.`
    return { file: 'package-lock.json', line: 1, column: 1, message }
  })
  return { findings, note: 'advisories of the registry in use' }
}

function read (json: string): Audit {
  try {
    return JSON.parse(json) as Audit
  } catch {
    return {}
  }
}
