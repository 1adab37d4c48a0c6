import { bindEvents } from './events.ts'
import { begin, connect, disconnect, dropSocket } from './connection.ts'
import { bodyOf, findAll, getAttribute, isPrerendering, readinessOf } from './native.ts'
import { createPolicy } from './parse.ts'
import { listen, state } from './state.ts'
import type { State } from './state.ts'

export interface FastifyLiveView {
  readonly state: State
  connect (): void
  disconnect (): void
}

declare global {
  interface Window { fastifyLiveView?: FastifyLiveView }
}

function start (): void {
  const meta = findAll(document, 'meta[name="live-token"]')[0]
  // An own property: <img name="fastifyLiveView"> is none.
  if (!meta || Object.prototype.hasOwnProperty.call(window, 'fastifyLiveView')) return
  try {
    createPolicy()
  } catch (error) {
    // Nothing is half live: events would be sent, and their answers not shown.
    return console.error('live view: not started: trusted-types must allow fastify-live-view, once', error)
  }
  window.fastifyLiveView = Object.freeze({ get state () { return state() }, connect, disconnect })
  begin(getAttribute(meta, 'content') ?? '')
  bindEvents()
  // A page that is only prerendered may never be seen; joining would claim its mount and run its timers.
  if (isPrerendering()) listen(document, 'prerenderingchange', connect)
  else connect()
  listen(window, 'pagehide', (event: PageTransitionEvent) => {
    // A page kept for the back button must not show, after a sign-out, what it showed before: hidden until it has joined again.
    if (event.persisted) bodyOf(document)?.style.setProperty('visibility', 'hidden')
    dropSocket()
  })
  listen(window, 'pageshow', (event: PageTransitionEvent) => {
    if (event.persisted) connect()
  })
}

if (readinessOf(document) === 'loading') listen(document, 'DOMContentLoaded', start)
else start()
