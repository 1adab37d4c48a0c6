import { compareLoading } from './compare-loading.ts'
import { compareProgram } from './compare-program.ts'

// The long run: `SEED=1 PROGRAMS=20000 npm run fuzz`. A seed that is printed reproduces its program anywhere.
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000_000)
const programs = Number(process.env['PROGRAMS'] ?? 20_000)
const started = Date.now()
const refused = new Map<string, number>()
const loading = { refused: 0, runs: 0, inVain: 0, rounds: 0 }
let failed = 0

console.log(`seed ${seed}, ${programs} programs`)
for (let n = 0; n < programs; n++) {
  const { mismatches: [mismatch], refused: code } = compareProgram(seed + n)
  if (code !== null) refused.set(code, (refused.get(code) ?? 0) + 1)
  if (mismatch) {
    failed++
    console.error(`seed ${mismatch.seed}, ${mismatch.mode} mode\n${JSON.stringify(mismatch.program.templates, null, 2)}`)
    console.error(`expected: ${mismatch.expected}\nours:     ${mismatch.actual}`)
  }
  const loaded = await compareLoading(seed + n)
  if (loaded.refused !== null) loading.refused++
  loading.runs += loaded.runs
  loading.inVain += loaded.inVain.length
  loading.rounds = Math.max(loading.rounds, loaded.rounds)
  const wrong = loaded.mismatch?.what ?? (loaded.isFree || loaded.inVain.length === 0 ? null : `in vain: ${loaded.inVain.join(', ')}`)
  if (wrong !== null) {
    failed++
    console.error(`seed ${seed + n}, loading\n${JSON.stringify(loaded.templates, null, 2)}\n${wrong}`)
  }
  if ((n + 1) % 1000 === 0) console.log(`${n + 1} programs, ${failed} mismatches, ${seconds()} s`)
}
const accepted = programs - [...refused.values()].reduce((sum, count) => sum + count, 0)
console.log(`${programs} programs from seed ${seed}: ${failed} mismatches, ${accepted} accepted in live mode ` +
  `(${(accepted / programs * 100).toFixed(1)} %), refused ${JSON.stringify(Object.fromEntries(refused))}, ${seconds()} s`)
console.log(`loading: ${JSON.stringify(loading)}`)
process.exitCode = failed > 0 ? 1 : 0

function seconds (): number {
  return Math.round((Date.now() - started) / 1000)
}
