import t from 'tap'
import { checkBinding } from '../../lib/chain/check-binding.ts'
import { checkSent } from '../../lib/chain/check-sent.ts'
import type { Turn } from '../../lib/chain/turn.ts'
import { renderPage } from '../../lib/render/render-page.ts'
import { TemplateEnvironment } from '../../lib/template/template-environment.ts'
import type { Tree } from '../../lib/template/tree.ts'
import { findControl } from './page-controls.ts'

type Templates = string | Record<string, string>
export type Outcome = Record<string, unknown> | 'stale' | 'impossible'

export interface ShownPage {
  /** The first control of this kind; `values`: its live-value-*. */
  send (kind: string, data: object | null, ...values: string[]): Outcome
  /** Another rendering. */
  change (data: object): void
}

/** A page that is shown, and what its server makes of the events that are sent to it. */
export function show (template: Templates, first: object = {}, trustedHtml: readonly string[] = []): ShownPage {
  const { 'page.njk': body, ...more } = typeof template === 'string' ? { 'page.njk': template } : template
  const templates = { ...more, 'page.njk': `<html><head></head><body>${body}</body></html>` }
  const program = new TemplateEnvironment(templates).compile('page.njk', { trustedHtml })
  const mount = { tree: program.render(first) as Tree, compiled: { program, fallbacks: new Map() } }
  function send (kind: string, data: object | null, ...values: string[]): Outcome {
    const control = findControl(renderPage(mount.tree), kind, ...values)
    const copy = data === null ? null : Object.assign(Object.create(null), JSON.parse(JSON.stringify(data)))
    const message = { ...control, data: copy }
    const turn = { connection: { joined: { mount } }, message, binding: null } as unknown as Turn
    const refused = checkBinding(turn) ?? checkSent(turn)
    if (refused === null) return { ...copy }
    t.equal(refused.weight === 'warning', refused.code === 'LIVE_ERR_BINDING', refused.detail)
    return refused.weight === 'warning' ? 'impossible' : 'stale'
  }
  return { send, change (data: object) { mount.tree = program.render(data) as Tree } }
}

// Events are called as their kinds are, so that a test names each control by its kind.
export const form = (content: string, more = ''): string => `<form live-submit="submit" live-input="input" live-keydown="keydown" ${more}>${content}</form>`
