import { announce, tell } from './announce.ts'
import { backoff } from './backoff.ts'
import type { TreeValue } from './body.ts'
import { applyEffects } from './effects.ts'
import type { Effects } from './effects.ts'
import { bodyOf, visibilityOf } from './native.ts'
import { answered, closeOutbox, openOutbox } from './outbox.ts'
import { applyPatch, beginPage, doubtPage, joinMessage, takeOver, takeToken } from './page.ts'
import type { Info, PatchOrTree, Shapes } from './page.ts'
import { isPageRefused } from './page-refusal.ts'
import { reload, wipe } from './reload.ts'
import { emit, listen, setState, state } from './state.ts'

let socket: WebSocket | null = null
let attempt = 0
let joinedAt = 0
let retryTimer = 0
let offlineTimer = 0
let acknowledgeTimer = 0
let applied = 0
let paused = false
let isOpen = false
let isLost = false
let isTold = false

/** Reads the page's markers; events can be told from then on. */
export function begin (pageToken: string): void {
  beginPage(pageToken)
  setState('connecting')
  // A region that is there before its text is read out more reliably.
  announce('', 0)
  listen(window, 'online', retrySoon)
  listen(window, 'offline', dropSocket)
  listen(document, 'visibilitychange', retrySoon)
}

/** Opens the socket, on the page's own URL. */
export function connect (): void {
  clearTimeout(retryTimer)
  if (socket || state() === 'ended') return
  paused = false
  const own = socket = new WebSocket(location.href.replace(/^http/, 'ws').replace(/#.*/s, ''), 'live.v1')
  own.onopen = () => {
    isOpen = true
    post(joinMessage())
  }
  own.onmessage = ({ data }) => {
    if (own === socket) receive(data as string)
  }
  own.onclose = ({ code }) => {
    if (own === socket) closed(code)
  }
}

/** Closes the socket and stays offline until `connect()`. */
export function disconnect (): void {
  dropSocket()
  clearTimeout(retryTimer)
  // It was meant: nobody need be told that it is lost.
  clearTimeout(offlineTimer)
  paused = true
}

function post (message: unknown[]): void {
  socket?.send(JSON.stringify(message))
}

function receive (text: string): void {
  let type: unknown
  try {
    const message = JSON.parse(text) as unknown[]
    type = message[0]
    const [, first, second, third, fourth, fifth] = message
    if (type === 'j') joined(first as TreeValue | 0, second as Shapes, third as Info)
    else if (type === 'p') patched(first as number, second as PatchOrTree, third as Shapes, fourth as Effects & Info)
    else if (type === 'r') refused(first as number, String(second), String(third), fourth, Number(fifth) || 0)
  } catch (error) {
    // What cannot be applied leaves the page in doubt. A join brings the whole tree; where that fails, a reload helps.
    console.error(error)
    doubtPage()
    if (type === 'j') {
      closeSocket()
      reload()
    } else dropSocket()
  }
}

function joined (tree: TreeValue | 0, shapes: Shapes, info: Info): void {
  takeOver(tree, shapes, info)
  joinedAt = Date.now()
  clearTimeout(offlineTimer)
  bodyOf(document)?.style.removeProperty('visibility')
  setState('live')
  if (isTold || isLost) {
    announce('', 0)
    if (isLost && !isTold) tell('unsure', 6000)
    else tell('back', 3000)
  }
  isTold = isLost = false
  openOutbox(post)
}

function patched (ref: number, patch: PatchOrTree, shapes: Shapes, effects: (Effects & Info) | undefined): void {
  applyPatch(patch, shapes)
  if (ref) answered(ref, '', 0)
  else {
    applied++
    acknowledgeTimer ||= setTimeout(acknowledge, 50)
  }
  if (!effects) return
  takeToken(effects)
  applyEffects(effects)
}

function refused (ref: number, reason: string, text: string, id: unknown, pause: number): void {
  const event = answered(ref, reason, pause)
  // An id is for whoever asks for help: nobody has to for what the next click mends.
  const isOdd = !/^(?:stale|limit|busy)$/.test(reason)
  if (event !== null && emit('live:refused', { event, reason, text, id })) announce(isOdd && id ? `${text} (${String(id)})` : text, 8000)
}

function acknowledge (): void {
  acknowledgeTimer = 0
  if (applied && state() === 'live') post(['a', applied])
  applied = 0
}

function closeSocket (): void {
  const own = socket
  socket = null
  own?.close()
}

/** Gives the socket up without waiting for the other side's goodbye. */
export function dropSocket (): void {
  if (!socket) return
  closeSocket()
  closed(1000)
}

function closed (code: number): void {
  socket = null
  const was = state()
  const lost = closeOutbox()
  applied = 0
  if (was === 'ended') return
  if (code === 4401) wipe()
  if (code === 4401 || code === 4403 || code === 4409) return reload()
  isLost ||= lost
  if (was === 'live') {
    // A server that accepts and fails at once is not hammered: only a connection that held starts the count anew.
    if (Date.now() - joinedAt > 10_000) attempt = 0
  }
  // Short breaks are not worth a word.
  if (was !== 'offline') {
    setState('offline')
    offlineTimer = setTimeout(() => {
      isTold = true
      tell(isLost ? 'unsure' : 'offline', 0)
    }, 1000)
  }
  if (!isOpen && attempt > 1) void checkPage()
  isOpen = false
  const pause = code === 4429 || code === 1013 ? 5000 : 0
  retryTimer = setTimeout(retry, pause + backoff(attempt++, Math.random))
}

/** What a person may not see any more must not stay on the screen because its socket cannot be opened. */
async function checkPage (): Promise<void> {
  if (!await isPageRefused() || socket || state() !== 'offline') return
  clearTimeout(retryTimer)
  clearTimeout(offlineTimer)
  wipe()
  reload()
}

function isAway (): boolean {
  return visibilityOf(document) === 'hidden' || navigator.onLine === false
}

/** Nobody looks at a hidden tab, and without a network there is no use: both wait for their events. */
function retry (): void {
  if (!isAway()) connect()
}

function retrySoon (): void {
  if (socket || paused || state() !== 'offline' || isAway()) return
  clearTimeout(retryTimer)
  retryTimer = setTimeout(retry, Math.random() * 1000)
}
