// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import t from 'tap'
import { TreeCompiler } from '../lib/template/compiler.ts'
import { compareProgram } from './fuzz/compare-program.ts'

const seed = Number(process.env['SEED'] ?? 20260)
// About 30 ms each; `npm run fuzz` is the long run.
const programs = Number(process.env['PROGRAMS'] ?? 300)

t.test(`random programs give nunjucks' own bytes in every mode (seed ${seed})`, async (t) => {
  const mismatches = []
  for (let n = 0; n < programs; n++) mismatches.push(...compareProgram(seed + n))
  t.same(mismatches.slice(0, 1), [])
})

t.test('the comparison notices a bug that is planted in the generated code', async (t) => {
  const emitLine = TreeCompiler.prototype._emitLine
  t.teardown(() => { TreeCompiler.prototype._emitLine = emitLine })
  for (const [right, wrong] of [['frame = frame.pop()', ''], ['break;', ''], ['.fromIterator(', '.keys(']] as const) {
    TreeCompiler.prototype._emitLine = function (code) { emitLine.call(this, code.replace(right, wrong)) }
    let caught = 0
    for (let n = 0; n < 30; n++) if (compareProgram(seed + n).length > 0) caught++
    t.ok(caught > 0, `without "${right}" ${caught} of 30 differ`)
  }
})
