import { tell } from './announce.ts'
import { pathOf } from './body.ts'
import { fieldsOf, resetFields, settle } from './fields.ts'
import { attributeNames, getAttribute, isConnected } from './native.ts'
import { mark, unmark } from './marks.ts'
import { state } from './state.ts'
import { controls } from './walk.ts'

/** Something that a person did with a control. */
export interface Action {
  readonly kind: string
  readonly element: Element
  /** The field it happened in, where that is one. */
  readonly field: Element | null
  readonly submitter: Element | null
  readonly data: () => unknown
  /** How often it was over a limit already. */
  readonly tries?: number
}

interface Waiting {
  readonly action: Action
  readonly seen: readonly string[] | null
  timer: number
  /** Its time has come, but an answer is outstanding. */
  due: boolean
  /** Something that comes after it wants to be sent: it goes without the answer to the same control's last event. */
  flushed: boolean
}

// Less than the server takes at once (20 with acknowledgements and the join): a network that stalled delivers all in one go.
const MOST_UNANSWERED = 8

interface Sent {
  readonly action: Action
  readonly fields: Map<Element, string> | null
}

let post: (message: unknown[]) => void = () => {}
let lastRef = 0
let waiting: Waiting[] = []
const sent = new Map<number, Sent>()
const lastTimes = new WeakMap<Element, Record<string, number>>()
/** Events that were over their limit, and until when: from then on one at a time is unanswered. */
const limited = new Map<string, number>()

// Only the latest of these counts, so they may wait and replace one another. A click counts each time.
function isReplaceable (action: Action): boolean {
  return action.kind === 'input' || action.kind === 'change'
}

function isSame (one: Action, other: Action): boolean {
  return one.element === other.element && one.kind === other.kind
}

function inFlight (test: (action: Action) => boolean): boolean {
  for (const { action } of sent.values()) if (test(action)) return true
  return false
}

/** True until the server has answered what was typed into this field. */
export function isUnsettled (field: Element): boolean {
  return inFlight((action) => action.field === field) || waiting.some(({ action }) => action.field === field)
}

/** True until the server has answered: a form is locked from its submit on, a double click sends once. */
export function isBusy (element: Element, kind: string): boolean {
  const isIt = (action: Action): boolean => action.element === element && action.kind === kind
  return inFlight(isIt) || waiting.some(({ action }) => isIt(action))
}

/** Sends now, later (`live-debounce`, `live-throttle`) or, while offline, not at all. */
export function dispatch (action: Action): void {
  const { element, kind } = action
  const isLater = isReplaceable(action)
  if (state() !== 'live') {
    if (isLater) wait(action, NaN)
    else if (state() === 'connecting' && waiting.length < 50) queue(frozen(action), false)
    else tell('unsent', 6000)
    return
  }
  const delay = Number(getAttribute(element, 'live-debounce') ?? (kind === 'input' ? 150 : 0))
  const throttle = Number(getAttribute(element, 'live-throttle') ?? 0)
  const rest = throttle && (lastTimes.get(element)?.[kind] ?? -Infinity) + throttle - Date.now()
  if (rest > 0) {
    if (isLater) wait(action, rest)
  } else if (delay !== 0 && !throttle) wait(action, delay)
  else if (!isLater && waiting.length > 50) tell('fast', 6000)
  else {
    if (isLater) take((one) => isSame(one.action, action))
    queue(isLater ? action : frozen(action), true)
    flush()
  }
}

/** The same with the data of this moment: what a person submits is what they saw. */
function frozen (action: Action): Action {
  const data = action.data()
  return { ...action, data: () => data }
}

function queue (action: Action, due: boolean): Waiting {
  const entry: Waiting = { action, seen: isReplaceable(action) ? null : seenOf(action.element), timer: 0, due, flushed: false }
  waiting.push(entry)
  return entry
}

/** In place of the same control's last event; with `live-debounce="blur"`, no number, until something else is sent. */
function wait (action: Action, milliseconds: number): void {
  take((one) => isSame(one.action, action))
  ripen(queue(action, false), milliseconds)
}

function ripen (entry: Waiting, milliseconds: number): void {
  entry.due = false
  if (milliseconds > 0) {
    entry.timer = setTimeout(() => {
      entry.due = true
      sendDue()
    }, milliseconds)
  }
}

function take (test: (entry: Waiting) => boolean): Waiting[] {
  const taken = waiting.filter(test)
  waiting = waiting.filter((entry) => !taken.includes(entry))
  for (const { timer } of taken) clearTimeout(timer)
  return taken
}

/** Milliseconds until it may be sent; not a number where an answer has to come first. */
function holdOf ({ action, flushed }: Waiting): number {
  const event = eventOf(action)
  const rest = (limited.get(event) ?? 0) - performance.now()
  if (limited.has(event) && rest > 0) return rest
  const isHeld = sent.size >= MOST_UNANSWERED ||
    inFlight((one) => limited.has(event) ? eventOf(one) === event : isReplaceable(action) && !flushed && isSame(one, action))
  return isHeld ? NaN : 0
}

/** What is due, in order, unless the same control's last event is unanswered: a slow server is not flooded with key strokes. */
function sendDue (): void {
  if (state() !== 'live') return
  for (const entry of [...waiting]) {
    const { action, seen } = entry
    const hold = entry.due ? holdOf(entry) : NaN
    if (hold > 0 && isReplaceable(action)) ripen(entry, hold)
    else if (hold >= 0) {
      take((one) => one === entry)
      if (hold) tell('fast', 6000)
      else send(action, seen ?? seenOf(action.element))
    }
  }
}

/** Sends what is waiting, in order. */
export function flush (): void {
  for (const entry of waiting) {
    clearTimeout(entry.timer)
    entry.due = entry.flushed = true
  }
  sendDue()
}

function seenOf (element: Element): string[] {
  const names = attributeNames(element).filter((name) => name.startsWith('live-value-'))
  return names.map((name) => getAttribute(element, name) as string)
}

function eventOf ({ element, kind }: Action): string {
  return getAttribute(element, 'live-' + kind)?.trim() ?? ''
}

function send (action: Action, seen: readonly string[]): void {
  const { element, kind } = action
  const control = controls.get(element)
  const event = eventOf(action)
  if (!control || !event || !isConnected(element)) {
    // Typing in a field that has gone concerns nobody any more, nor does the field's going.
    if (/^(?:click|submit|keydown)$/.test(kind)) tell('stale', 6000)
    return
  }
  const data = action.data()
  const message: unknown[] = ['e', ++lastRef, event, kind, pathOf(control.body), control.number]
  if (seen.length || data !== undefined) message.push(seen)
  if (data !== undefined) message.push(data)
  const times = lastTimes.get(element) ?? {}
  times[kind] = Date.now()
  lastTimes.set(element, times)
  sent.set(lastRef, { action, fields: kind === 'submit' ? fieldsOf(element as HTMLFormElement) : null })
  mark(element, kind, action.submitter)
  post(message)
}

/**
 * The answer to event `ref`: locks and marks go, and fields show what the server made of them. `reason` is why it was
 * refused, '' where it was not; `pause` the milliseconds to wait before the same event is sent again, 0 where that is not
 * known. Gives the event's name; null where it is tried again later, so that nobody need be told.
 */
export function answered (ref: number, reason: string, pause: number): string | null {
  const entry = sent.get(ref)
  if (!entry) return ''
  sent.delete(ref)
  const { action, fields } = entry
  // Typing over a limit is late, not lost: its latest state is what the server has to hear in the end.
  const isLate = /^(?:limit|busy)$/.test(reason) && isReplaceable(action)
  if (pause > 0) limited.set(eventOf(action), performance.now() + pause)
  if (isLate && !waiting.some((one) => isSame(one.action, action))) {
    const tries = (action.tries ?? 0) + 1
    wait({ ...action, tries }, pause || Math.min(10_000, 250 * 2 ** tries))
  }
  if (!inFlight((other) => isSame(other, action))) unmark(action.element, action.kind, action.submitter)
  if (!reason && fields) resetFields(fields)
  if (action.field && !isUnsettled(action.field)) settle(action.field)
  sendDue()
  return isLate ? null : eventOf(action)
}

/** A joined socket: what a person did meanwhile goes out. */
export function openOutbox (sink: (message: unknown[]) => void): void {
  post = sink
  flush()
}

/**
 * A lost socket: nobody knows what became of the events under way. Typing is sent again after the next join; for the rest
 * the person is told, hence true.
 */
export function closeOutbox (): boolean {
  const lost = Array.from(sent.values(), ({ action }) => action)
  sent.clear()
  lastRef = 0
  for (const action of lost) {
    unmark(action.element, action.kind, action.submitter)
    if (isReplaceable(action) && !waiting.some((entry) => isSame(entry.action, action))) wait(action, NaN)
  }
  for (const entry of waiting) clearTimeout(entry.timer)
  // A click must not act minutes later, on another page than the person saw.
  return take((entry) => !isReplaceable(entry.action)).length > 0 || lost.some((action) => !isReplaceable(action))
}
