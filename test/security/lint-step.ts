import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { ESLint } from 'eslint'
import { plugins } from 'neostandard'
import { placeOf } from './finding.ts'
import type { Finding, Outcome, SourceFile } from './finding.ts'

const LINTED = /\.[cm]?[jt]s$/
/** Switches rules for a whole file. ESLint does not say which were switched off so: it has looked for nothing. */
const CONFIGURED = /\/\*\s*eslint\s([^*]*)\*\//g
const LOADED = new URL('lint-config.js', import.meta.url).href

/** The rules that look for what can hurt, without those of style: over a whole folder. */
export async function lintFolder (folder: string): Promise<Outcome> {
  const { default: rules } = await import(LOADED) as { default: object[] }
  const eslint = new ESLint({
    cwd: folder,
    overrideConfigFile: true,
    overrideConfig: [
      { ignores: ['**/dist/**', '**/.tap/**', '**/coverage/**'] },
      {
        files: ['**/*.{ts,mts,cts,js,mjs,cjs}'],
        languageOptions: { parser: plugins['typescript-eslint'].parser },
        // Rules of style, which are allowed in some places too, are not loaded here.
        linterOptions: { reportUnusedDisableDirectives: 'off' }
      },
      ...rules
    ] as ESLint.Options['overrideConfig'] & object
  })
  const watched = new Set(rules.flatMap((entry) => Object.keys((entry as { rules: object }).rules)))
  const results = await eslint.lintFiles(['.'])
  const allowed = results.flatMap(({ filePath, suppressedMessages }) => suppressedMessages
    .filter(({ ruleId }) => watched.has(String(ruleId)))
    .map(({ line, column, ruleId, suppressions }) => ({
      file: relative(folder, filePath), line, column, ruleId, isExplained: suppressions.every(({ justification }) => justification !== '')
    })))
  const unexplained = allowed.filter(({ isExplained }) => !isExplained).map(({ ruleId, file, line, column }): Finding =>
    ({ file, line, column, message: `${ruleId} is allowed without a reason. Write it behind the rule: -- why` }))
  const found = results.flatMap((result) => findingsOf(folder, result, (ruleId) => ruleId === null || watched.has(ruleId)))
  const switched = results.flatMap(({ filePath }) => switchedIn(relative(folder, filePath), readFileSync(filePath, 'utf8'), watched))
  return { findings: [...found, ...unexplained, ...switched], note: `${results.length} files, ${allowed.length} places allowed with a reason` }
}

function switchedIn (file: string, text: string, watched: ReadonlySet<string>): Finding[] {
  return [...text.matchAll(CONFIGURED)].flatMap(({ index, 1: config = '' }) => {
    const ruleId = [...watched].find((name) => config.includes(name))
    if (ruleId === undefined || / -- \S/.test(config)) return []
    return { file, ...placeOf(text, index), message: `${ruleId} is set for the whole file without a reason. Write it behind the rule: -- why` }
  })
}

/** Every rule of the project, on texts as they are staged. */
export async function lintSources (folder: string, sources: readonly SourceFile[]): Promise<Outcome> {
  const linted = sources.filter(({ path }) => LINTED.test(path))
  if (linted.length === 0) return { findings: [], note: 'nothing to lint' }
  const eslint = new ESLint({ cwd: folder })
  const results = await Promise.all(linted.map(({ path, text }) => eslint.lintText(text, { filePath: path, warnIgnored: false })))
  return { findings: results.flat().flatMap((result) => findingsOf(folder, result, () => true)), note: `${linted.length} files` }
}

type Counts = (ruleId: string | null) => boolean

function findingsOf (folder: string, { filePath, messages }: ESLint.LintResult, counts: Counts): Finding[] {
  return messages.filter(({ ruleId }) => counts(ruleId)).map(({ line = 1, column = 1, message, ruleId }) =>
    ({ file: relative(folder, filePath), line, column, message: `${message} (${ruleId ?? 'not read'})` }))
}
