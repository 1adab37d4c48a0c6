import { fatal } from '../chain/refusal.ts'
import { diffTree } from '../render/diff-tree.ts'
import type { Tree } from '../template/tree.ts'
import { CLOSE_LATER } from './close-codes.ts'
import type { LiveConnection } from './live-connection.ts'
import type { Mount } from './mount.ts'
import type { RootNeeds } from './needs-finder.ts'
import { Outbox } from './outbox.ts'
import { Pace } from './pace.ts'
import type { Later } from './pace.ts'
import { runLifecycle } from './run-lifecycle.ts'

/** Unsolicited patches that a browser may owe us an acknowledgement for (Blazor's figure). */
const UNACKNOWLEDGED = 10
/**
 * Milliseconds that it may owe us so many: who reads and says nothing would else hold what waits for him for good. Browsers
 * that slow the timers of hidden pages down do so to one a minute.
 */
const PATIENCE = 120_000

/** Turns changed state into messages: load what is stale, render, diff, send; or remember to, while the reader is slow. */
export class Publisher {
  readonly #connection: LiveConnection
  readonly #outbox: Outbox
  readonly #pace: Pace
  readonly sent: Set<string> = new Set()
  #unacknowledged = 0
  #owesSince = 0
  #dirty = false

  constructor (connection: LiveConnection, later: Later) {
    this.#connection = connection
    this.#outbox = new Outbox(connection, () => { this.#resume() })
    this.#pace = new Pace({ now: connection.route.now, later, run: () => { connection.publishLater() } })
  }

  /**
   * Shows the state as it is now. Rejects when loading or rendering fails.
   * @param ref the event that it answers, 0 for none
   * @param pace what answers no event keeps its distance from the last such, however often the application pushes
   */
  publish (ref: number, pace: 'paced' | 'at once' = 'paced'): void | Promise<void> {
    const connection = this.#connection
    const mount = connection.joined?.mount
    if (mount === undefined || connection.isClosed()) return
    const tooBig = connection.stateSize.ifDue(mount.state)
    if (tooBig !== null) {
      connection.refuse(tooBig, ref, null)
      return
    }
    if (ref > 0) return this.#publish(mount, ref)
    if (pace === 'paced' && !this.#pace.take()) return
    // What is pushed reaches a page whose session may have ended since its last event.
    const looked = connection.session.ifDue()
    if (looked === null) return this.#publish(mount, ref)
    return looked.then((refused) => {
      if (connection.isClosed()) return
      if (refused === null) return this.#publish(mount, ref)
      connection.refuse(refused, 0, null)
    })
  }

  #publish (mount: Mount, ref: number): void | Promise<void> {
    if (this.#congested()) {
      this.#dirty = true
      if (ref > 0) this.#answer(ref, 0, 0)
      return
    }
    this.#dirty = false
    // What waited for its time is shown with this.
    this.#pace.cancel()
    if (mount.queryChanged) return this.#loadAndRender(mount, ref)
    const wanted = this.#wanted(mount)
    return wanted.size > 0 ? this.#load(mount, wanted, ref) : this.#render(mount, ref)
  }

  acknowledge (count: number): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - count)
    this.#resume()
  }

  write (text: string): void {
    this.#outbox.write(text)
  }

  beat (): void {
    this.#outbox.beat()
    const connection = this.#connection
    if (this.#unacknowledged < UNACKNOWLEDGED || connection.route.now() - this.#owesSince <= PATIENCE) return
    connection.refuse(fatal('LIVE_ERR_SLOW_READER', CLOSE_LATER, 'nothing is acknowledged'), 0, null)
  }

  /** The connection is over. */
  stop (): void {
    this.#pace.cancel()
    this.#unacknowledged = 0
  }

  #resume (): void {
    if (!this.#dirty || this.#congested()) return
    this.#dirty = false
    this.#connection.publishLater()
  }

  #congested (): boolean {
    return this.#outbox.isFull() || this.#unacknowledged >= UNACKNOWLEDGED
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
      await runLifecycle(connection, view.onParams, 'onParams', 'ends')
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
    // Where it has ended meanwhile, nothing of this is sent.
    const { patch, shapes } = diffTree(mount.tree, tree, this.sent)
    mount.tree = tree
    if (ref === 0) {
      if (patch === null && connection.effects.pending() === null) return
      this.#unacknowledged++
      this.#owesSince = connection.route.now()
    }
    this.#answer(ref, patch ?? 0, shapes ?? 0)
  }

  /** Takes the effects along, with a patch or without: left for the next one, those of a client that lets none come pile up. */
  #answer (ref: number, patch: unknown, shapes: unknown): void {
    const effects = this.#connection.effects.take()
    if (effects !== null) this.#connection.send(['p', ref, patch, shapes, effects])
    else if (shapes !== 0) this.#connection.send(['p', ref, patch, shapes])
    else if (patch !== 0) this.#connection.send(['p', ref, patch])
    else this.#connection.send(['p', ref])
  }
}
