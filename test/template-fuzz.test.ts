import t from 'tap'
import { compareProgram } from './fuzz/compare-program.ts'

const seed = Number(process.env['SEED'] ?? 20260)
const programs = Number(process.env['PROGRAMS'] ?? 600)

t.test(`random programs give nunjucks' own bytes in every mode (seed ${seed})`, async (t) => {
  const mismatches = []
  for (let n = 0; n < programs; n++) mismatches.push(...compareProgram(seed + n))
  t.same(mismatches.slice(0, 1), [])
})

t.test('the comparison notices a planted bug', async (t) => {
  const caught = (tamper: (source: string) => string): number => {
    let count = 0
    for (let n = 0; n < 40; n++) if (compareProgram(seed + n, tamper).length > 0) count++
    return count
  }
  t.ok(caught((source) => source.replaceAll('loop.index ', 'loop.index0 ').replaceAll('loop.index}', 'loop.index0}')) > 3)
  t.ok(caught((source) => source.replaceAll('|safe', '')) > 0)
  t.ok(caught((source) => source.replace('{% else %}', '{% else %}.')) > 3)
})
