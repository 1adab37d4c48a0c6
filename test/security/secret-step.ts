import { runSecretLint } from 'secretlint'
import { placeOf } from './finding.ts'
import type { Finding, Outcome, SourceFile } from './finding.ts'

const RULES = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] }
const ALLOWED = /secret-scan: allow -- \S/
const ADVICE = 'Take it out and make it invalid: whoever has the repository has it. No secret? Write behind it: // secret-scan: allow -- why'

/** Files that are secrets by what they are. */
const SECRET_FILE = /(?:^|\/)(?:\.env(?:\.(?!example$)[^/]*)?|\.npmrc|\.netrc|id_(?:rsa|dsa|ecdsa|ed25519)|[^/]+\.(?:pem|key|p12|pfx|jks|keystore))$/i
const PRIVATE_KEY = /-----BEGIN (?:[A-Z\d]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----/g
const ASSIGNED = /(?:secret|passw(?:or)?d|token|credential|api_?key|private_?key|access_?key)\w{0,40}["'`]?\s{0,9}[:=]\s{0,9}["'`]([^\s"'`$]{16,512})["'`]/gi
const WORDS = /^(?:[a-z]+|\d+)(?:[-_./:](?:[a-z]+|\d+))*$/i
/** What tests and measurements sign with protects nothing. */
const UNPROTECTED = /^(?:test|benchmark)\//

interface JsonResult {
  readonly messages: ReadonlyArray<{
    readonly message: string
    readonly ruleId: string
    readonly ruleParentId?: string
    readonly loc: { readonly start: { readonly line: number, readonly column: number } }
  }>
}

/** Secrets in texts: those that secretlint knows by their form, keys, what is assigned to a name that says so, and files. */
export async function scanSecrets (sources: readonly SourceFile[]): Promise<Outcome> {
  let allowed = 0
  const findings: Finding[] = []
  for (const source of sources) {
    const { path } = source
    // Between the letters of UTF-16, and in a file that only begins like a binary one.
    const text = source.text.replaceAll('\0', '')
    const lines = text.split('\n')
    const seen = new Set<number>()
    for (const finding of [...ofName(path), ...await known({ path, text }), ...ofOurs({ path, text })]) {
      if (seen.has(finding.line)) continue
      seen.add(finding.line)
      const isAllowed = lines.slice(Math.max(finding.line - 2, 0), finding.line).some((line) => ALLOWED.test(line))
      if (isAllowed) allowed++
      else findings.push({ ...finding, message: `${finding.message}. ${ADVICE}` })
    }
  }
  return { findings, note: `${sources.length} files, ${allowed} lines allowed with a reason` }
}

function ofName (path: string): Finding[] {
  if (!SECRET_FILE.test(path)) return []
  return [{ file: path, line: 1, column: 1, message: 'a file of this name holds secrets, and is never part of a repository' }]
}

async function known ({ path, text }: SourceFile): Promise<Finding[]> {
  const { stdout } = await runSecretLint({
    cliOptions: { cwd: '/', stdinContent: text, stdinFileName: path },
    engineOptions: { configFileJSON: RULES, formatter: 'json', color: false, terminalLink: false, maskSecrets: true }
  })
  const [{ messages }] = JSON.parse(stdout as string) as [JsonResult]
  return messages.map(({ message, ruleId, loc }) =>
    ({ file: path, line: loc.start.line, column: loc.start.column + 1, message: `${message} (${ruleId.replace('@secretlint/secretlint-rule-', '')})` }))
}

function ofOurs ({ path, text }: SourceFile): Finding[] {
  const found = [...text.matchAll(PRIVATE_KEY)].map(({ index }): Finding => ({ file: path, ...placeOf(text, index), message: 'a private key' }))
  if (UNPROTECTED.test(path)) return found
  for (const { index, 1: value } of text.matchAll(ASSIGNED)) {
    if (isRandom(value as string)) found.push({ file: path, ...placeOf(text, index), message: 'what is assigned here looks like a secret' })
  }
  return found
}

/** Letters and digits in no order: words and paths have fewer bits in a character. */
function isRandom (value: string): boolean {
  if (!/\d/.test(value) || !/[a-z]/i.test(value) || WORDS.test(value)) return false
  const counts = new Map<string, number>()
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= count / value.length * Math.log2(count / value.length)
  return bits >= 3.2
}
