import { diffTree } from '../render/diff-tree.ts'
import type { Tree } from '../template/tree.ts'
import { CLOSE_LATER } from './close-codes.ts'
import type { LiveConnection } from './live-connection.ts'
import type { Mount } from './mount.ts'
import type { RootNeeds } from './needs-finder.ts'

/** Unsolicited patches that a browser may owe us an acknowledgement for (Blazor's figure). */
const UNACKNOWLEDGED = 10
/** Bytes on the way to a slow reader: from `SOFT` on nothing more is rendered for it, at `HARD` the connection ends. */
const SOFT = 256 * 1024
const HARD = 1024 * 1024

/** Turns changed state into messages: load what is stale, render, diff, send; or remember to, while the reader is slow. */
export class Publisher {
  readonly #connection: LiveConnection
  readonly sent: Set<string> = new Set()
  #unacknowledged = 0
  #dirty = false

  constructor (connection: LiveConnection) {
    this.#connection = connection
  }

  /** Shows the state as it is now; `ref` is the event that it answers, 0 for none. Rejects when loading or rendering fails. */
  publish (ref: number): void | Promise<void> {
    const connection = this.#connection
    const mount = connection.joined?.mount
    if (mount === undefined || connection.isClosed()) return
    // What is pushed reaches a page whose session may have ended since its last event.
    const looked = ref === 0 ? connection.session.ifDue() : null
    if (looked !== null) {
      return looked.then((refused) => {
        if (refused === null) return this.publish(ref)
        if (!connection.isClosed()) connection.refuse(refused, 0, null)
      })
    }
    if (this.#congested()) {
      this.#dirty = true
      if (ref > 0) connection.send(['p', ref])
      return
    }
    this.#dirty = false
    if (mount.queryChanged) return this.#loadAndRender(mount, ref)
    const wanted = this.#wanted(mount)
    return wanted.size > 0 ? this.#load(mount, wanted, ref) : this.#render(mount, ref)
  }

  acknowledge (count: number): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - count)
    this.#resume()
  }

  write (text: string): void {
    const { channel } = this.#connection
    if (channel.buffered > HARD) {
      this.#connection.log.warn({ buffered: channel.buffered }, 'live reader too slow')
      this.#connection.ended(CLOSE_LATER)
      channel.terminate()
      return
    }
    channel.send(text, this.#sent)
  }

  readonly #sent = (): void => {
    if (this.#dirty) this.#resume()
  }

  #resume (): void {
    if (!this.#dirty || this.#congested()) return
    this.#dirty = false
    this.#connection.publishLater()
  }

  #congested (): boolean {
    return this.#unacknowledged >= UNACKNOWLEDGED || this.#connection.channel.buffered > SOFT
  }

  async #loadAndRender (mount: Mount, ref: number): Promise<void> {
    const connection = this.#connection
    const { view } = connection.route.compiled
    if (mount.queryChanged) {
      mount.queryChanged = false
      // Another address is asked for as a page with that address would be: the access rule may depend on it.
      const refused = await connection.session.look()
      if (refused !== null && !connection.isClosed()) connection.refuse(refused, ref, null)
      if (connection.isClosed()) return
      await connection.lifecycle(view.onParams, 'onParams', 'ends')
    }
    if (connection.isClosed()) return
    await this.#load(mount, this.#wanted(mount), ref)
  }

  #wanted (mount: Mount): ReadonlyMap<string, RootNeeds> {
    const { reloads } = this.#connection
    const wanted = mount.wanted(reloads)
    reloads.clear()
    return wanted
  }

  async #load (mount: Mount, wanted: ReadonlyMap<string, RootNeeds>, ref: number): Promise<void> {
    await mount.load(wanted, this.#connection)
    await this.#render(mount, ref)
  }

  #render (mount: Mount, ref: number): void | Promise<void> {
    const tree = mount.render(this.#connection)
    if (tree instanceof Promise) return tree.then((ready) => { this.#show(mount, ready, ref) })
    this.#show(mount, tree, ref)
  }

  #show (mount: Mount, tree: Tree, ref: number): void {
    const connection = this.#connection
    // It may have ended while templates or loaders took their time.
    if (connection.isClosed()) return
    const { patch, shapes } = diffTree(mount.tree, tree, this.sent)
    mount.tree = tree
    const effects = connection.effects.take()
    if (ref === 0) {
      if (patch === null && effects === null) return
      this.#unacknowledged++
    }
    if (effects !== null) connection.send(['p', ref, patch ?? 0, shapes ?? 0, effects])
    else if (shapes !== null) connection.send(['p', ref, patch, shapes])
    else if (patch !== null) connection.send(['p', ref, patch])
    else connection.send(['p', ref])
  }
}
