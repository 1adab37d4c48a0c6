import { diffTree } from '../../lib/render/diff-tree.ts'
import { NOT_SENT, treeValue } from '../../lib/render/encode-tree.ts'
import { markersDigest } from '../../lib/render/markers-digest.ts'
import { renderPage } from '../../lib/render/render-page.ts'
import type { Patch } from '../../lib/render/wire.ts'
import type { Program } from '../../lib/template/program.ts'
import type { Tree } from '../../lib/template/tree.ts'
import { ClientTree } from '../helpers/client-tree.ts'
import { pageDigest } from '../helpers/page-digest.ts'
import { pageTree, wireTree } from '../helpers/page-tree.ts'

/** Bugs that a test plants between what is right and what is compared. */
export interface Planted {
  readonly program?: (program: Program) => void
  readonly page?: (page: string) => string
  readonly patch?: (patch: Patch) => Patch
}

/** What was wrong, as `[what, expected, actual]`. */
export type Wrong = readonly [what: string, expected: string, actual: string]

const HEAD = '<meta name="live-token" content="t"><script src="/live.js" async></script>'

/** Follows one connection: the page of its first tree, then a patch for each tree that comes after it. */
export class LiveComparison {
  readonly #planted: Planted
  readonly #sent = new Set<string>()
  #tree: Tree | null = null
  #client: ClientTree | null = null

  constructor (planted: Planted) {
    this.#planted = planted
  }

  /** Takes the next rendering. */
  take (tree: Tree): Wrong[] {
    const previous = this.#tree
    this.#tree = tree
    const wrong = this.#page(tree)
    if (previous === null) this.#client = new ClientTree(value(tree))
    else {
      const { patch, shapes } = diffTree(previous, tree, this.#sent)
      if (patch !== null) this.#client?.apply(json(this.#planted.patch?.(patch) ?? patch), shapes)
    }
    return [...wrong, ...differs('patched tree', value(tree), this.#client?.toValue())]
  }

  #page (tree: Tree): Wrong[] {
    const html = renderPage(tree, { head: HEAD })
    const page = this.#planted.page?.(html) ?? html
    return [
      ...differs('digest', markersDigest(tree), pageDigest(page)).map(([what, a, b]) => [what, a, `${b} in ${page}`] as const),
      ...differs('page', wireTree(tree), pageTree(page, tree.shape.id)).map(([what, a, b]) => [what, a, `${b} in ${page}`] as const)
    ]
  }
}

function value (tree: Tree): unknown {
  return json(treeValue(tree, NOT_SENT))
}

function json (value: unknown): unknown {
  return JSON.parse(JSON.stringify(value))
}

function differs (what: string, expected: unknown, actual: unknown): Wrong[] {
  const [a, b] = [JSON.stringify(expected, ordered), JSON.stringify(actual, ordered)]
  return a === b ? [] : [[what, a, b]]
}

/** Object keys in order: attributes that come and go have none. */
function ordered (_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1))
}
