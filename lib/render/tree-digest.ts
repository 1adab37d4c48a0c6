import { createHash } from 'node:crypto'
import type { Tree } from '../template/tree.ts'
import { NOT_SENT, treeValue } from './encode-tree.ts'

/**
 * 128 bits of everything the client shows: shape ids and part values. Two mounts with the same digest need no transfer.
 * Cryptographic, because the values are users' text: nobody may be able to craft a page that is taken for another.
 */
export function treeDigest (tree: Tree): string {
  return createHash('sha256').update(JSON.stringify(treeValue(tree, NOT_SENT))).digest('base64url').slice(0, 22)
}
