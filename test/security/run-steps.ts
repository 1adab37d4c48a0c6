import { formatFinding } from './finding.ts'
import type { Outcome } from './finding.ts'

export interface Step {
  readonly name: string
  readonly what: string
  readonly run: () => Promise<Outcome>
}

/** Runs one after the other and says what each found; 1 where there is something to do, for the exit code. */
export async function runSteps (steps: readonly Step[], print: (line: string) => void): Promise<0 | 1> {
  const totals: Array<readonly [name: string, count: number]> = []
  for (const { name, what, run } of steps) {
    print(`${name}: ${what} ...`)
    const started = performance.now()
    const { findings, note } = await outcomeOf(run)
    for (const finding of findings) print(formatFinding(finding))
    print(`${findings.length === 0 ? 'ok' : `${findings.length} found`}: ${note}, ${((performance.now() - started) / 1000).toFixed(1)} s`)
    totals.push([name, findings.length])
  }
  const failed = totals.filter(([, count]) => count > 0)
  print('')
  print(failed.length === 0
    ? `Nothing found by ${totals.length} steps.`
    : `Found: ${failed.map(([name, count]) => `${name} ${count}`).join(', ')}. Each line says where, and what to do.`)
  return failed.length === 0 ? 0 : 1
}

/** A step that cannot do its work has not found nothing. */
async function outcomeOf (run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run()
  } catch (err) {
    const message = `the step could not run: ${(err as Error).message}`
    return { findings: [{ file: 'package.json', line: 1, column: 1, message }], note: 'not done' }
  }
}
