import { bareFragments } from '../template/html/bare-fragment.ts'
import { Html, List, Tree } from '../template/tree.ts'
import type { Slot } from '../template/tree.ts'
import { htmlSource, textSource } from '../template/output/encode-place.ts'
import { insertHead } from './insert-head.ts'
import { pagePlan } from './page-plan.ts'
import type { PagePlan } from './page-plan.ts'
import { partSource } from '../template/output/part-source.ts'

/** What is still to be written into the head; '' once it is. */
interface Head { html: string }

/**
 * The GET's HTML: the tree with the markers of docs/protocol.md. `head` (the token's meta, the script) goes before `</head>`,
 * or where the head would end in a document that leaves the tag out.
 */
export function renderPage (tree: Tree, options: { readonly head?: string } = {}): string {
  const head: Head = { html: options.head ?? '' }
  const html = bodySource(pagePlan(tree.shape), tree.slots, head)
  if (head.html === '') return html
  return isBare(tree) ? head.html + '<body>' + html : insertHead(html, head.html)
}

const BLANK = /^(?:\s|<!--(?:(?!-->)[^])*-->)*$/

/** True when the page begins with a hole, be it in a body that always stands there, such as a block; null for an empty one. */
function isBare ({ shape, slots }: Tree): boolean | null {
  if (bareFragments.has(shape)) return true
  for (let k = 0; k < shape.statics.length; k++) {
    if (!BLANK.test(shape.statics[k] as string)) return false
    const slot = slots[k]
    const inner = slot instanceof Tree ? isBare(slot) : null
    if (inner !== null) return inner
  }
  return null
}

function bodySource (plan: PagePlan, slots: readonly Slot[], head: Head): string {
  const { open, close } = plan
  const statics = plan.head !== null && head.html !== '' ? withHead(plan, head) : plan.statics
  let html = statics[0] as string
  for (let k = 0; k < open.length; k++) {
    const slot = slots[k] as Slot
    const marker = open[k]
    if (typeof marker === 'string') {
      if (typeof slot === 'string') html += marker + textSource(slot) + close[k]
      else if (typeof slot !== 'object') html += marker + slot + close[k]
      else html += structureSource(plan.numbers[k] as number, slot, head)
    } else {
      const number = plan.numbers[k] as number
      const part = plan.parts[number]
      if (part?.kind === 'hole') html += typeof slot === 'object' ? structureSource(number, slot, head) : `<!--${number}-->${close[k]}`
      else if (part !== undefined) html += partSource(part, slots)
    }
    html += statics[k + 1]
  }
  return html
}

function structureSource (number: number, slot: Html | Tree | List, head: Head): string {
  if (slot instanceof Tree) {
    return `<!--[${number}:${slot.shape.id}-->${bodySource(pagePlan(slot.shape), slot.slots, head)}<!--]-->`
  }
  if (slot instanceof Html) return `<!--(${number}-->${htmlSource(slot.toString())}<!--]-->`
  const plan = pagePlan(slot.shape)
  let html = `<!--{${number}:${slot.shape.id}-->`
  for (const row of slot.rows) html += '<!--,-->' + bodySource(plan, row, head)
  return html + '<!--]-->'
}

function withHead (plan: PagePlan, head: Head): readonly string[] {
  const { index, offset } = plan.head as { index: number, offset: number }
  const text = plan.statics[index] as string
  const statics = plan.statics.with(index, text.slice(0, offset) + head.html + text.slice(offset))
  head.html = ''
  return statics
}
