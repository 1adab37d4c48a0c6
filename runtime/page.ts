import type { Body, Patch, TreeValue } from './body.ts'
import { addShapes } from './parse.ts'
import { patchBody, setBody } from './patch.ts'
import { rebuild } from './rebuild.ts'
import { rootBody, walk } from './walk.ts'

export type Shapes = Record<string, string> | 0 | undefined
/** 0 or nothing where a message only answers. */
export type PatchOrTree = Patch | TreeValue | 0 | undefined
export type Info = { readonly t?: string, readonly b?: number } | 0 | undefined

let token = ''
let root: Body
let digest = 0
let pristine = 1
let isFirst = true

function read (): void {
  root = rootBody()
  digest = walk(document, root)
}

/** Reads the page's markers; events can be told from then on. */
export function beginPage (pageToken: string): void {
  token = pageToken
  read()
}

/** The first message on a socket. Numbers of rows begin anew with each join, on both sides. */
export function joinMessage (): unknown[] {
  if (!isFirst) read()
  isFirst = false
  return ['j', token, digest, pristine]
}

/** The page is no longer what the GET rendered, or nobody knows what it is: the next join brings the whole tree. */
export function doubtPage (): void {
  pristine = 0
}

/** The answer to a join. */
export function takeOver (tree: TreeValue | 0, shapes: Shapes, info: Info): void {
  addShapes(shapes)
  if (tree) {
    doubtPage()
    if (info && info.b) root = rebuild(tree)
    else setBody(root, tree.v, 'take')
  }
  takeToken(info)
}

/** A patch of the tree; a whole new tree where the root is another template's. */
export function applyPatch (patch: PatchOrTree, shapes: Shapes): void {
  addShapes(shapes)
  if (!patch) return
  doubtPage()
  if ('s' in patch) root = rebuild(patch)
  else patchBody(root, patch)
}

/** The token of the next join. */
export function takeToken (info: Info): void {
  if (info && info.t) token = info.t
}
