// Templates are easier to read on one line.
/* eslint @stylistic/max-len: 'off' */
import t from 'tap'
import { TreeCompiler } from '../lib/template/compiler.ts'
import type { Program } from '../lib/template/program.ts'
import { compareProgram } from './fuzz/compare-program.ts'
import type { Planted } from './fuzz/compare-live.ts'

const seed = Number(process.env['SEED'] ?? 20260)
// About 20 ms each; `npm run fuzz` is the long run.
const programs = Number(process.env['PROGRAMS'] ?? 200)

t.test(`random programs give nunjucks' own bytes in every mode, and pages and patches that say the same (seed ${seed})`, async (t) => {
  const mismatches = []
  let accepted = 0
  for (let n = 0; n < programs; n++) {
    const comparison = compareProgram(seed + n)
    mismatches.push(...comparison.mismatches)
    if (comparison.refused === null) accepted++
  }
  t.same(mismatches.slice(0, 1), [])
  t.ok(accepted > programs * 0.8, `${accepted} of ${programs} programs are accepted in live mode`)
})

/** How many programs it takes until one differs; Infinity where 200 do not. */
function programsUntilCaught (planted: Planted = {}): number {
  for (let n = 0; n < 200; n++) if (compareProgram(seed + n, planted).mismatches.length > 0) return n + 1
  return Infinity
}

t.test('the comparison notices a bug that is planted in the generated code', async (t) => {
  const emitLine = TreeCompiler.prototype._emitLine
  t.teardown(() => { TreeCompiler.prototype._emitLine = emitLine })
  for (const [right, wrong] of [['frame = frame.pop()', ''], ['break;', ''], ['.fromIterator(', '.keys(']] as const) {
    TreeCompiler.prototype._emitLine = function (code) { emitLine.call(this, code.replace(right, wrong)) }
    t.ok(programsUntilCaught() < Infinity, `without "${right}"`)
  }
})

/** Changes what the analysis found about every body. */
function layouts (change: (layout: any) => void): (program: Program) => void {
  return (program) => { for (const { layout } of program.shapes()) if (layout !== null) change(layout) }
}

/** Puts the rows of the first move of every list one place too far. */
function misplaced (patch: any): any {
  if (!Array.isArray(patch)) return patch
  return patch[0] === 2 && patch.length === 4 && typeof patch[1] === 'number' ? patch.with(3, patch[3] - 1) : patch.map(misplaced)
}

t.test('the comparison notices a bug that is planted in places, page or patch', async (t) => {
  const bugs: Record<string, Planted> = {
    'a hole that takes the text behind it for its own': { program: layouts(({ parts }) => { for (const part of parts) part.closed = true }) },
    'a slot that belongs to the part before it': { program: layouts(({ partOf }) => { if (partOf.length > 1) partOf[1] = partOf[0] }) },
    'an end marker that is left out': { page: (page) => page.replace('<!--]-->', '') },
    'a row marker too many': { page: (page) => page.replace('<!--,-->', '<!--,--><!--,-->') },
    'rows moved by one too far': { patch: misplaced }
  }
  for (const [name, planted] of Object.entries(bugs)) {
    t.ok(programsUntilCaught(planted) < Infinity, name)
  }
})
