import { isSeen, resolveBinding } from '../render/resolve-binding.ts'
import type { Joined } from '../view/connection-settings.ts'
import { refusal, violation } from './refusal.ts'
import type { Refusal } from './refusal.ts'
import type { Turn } from './turn.ts'

/**
 * A client can do only what its page shows. The control is looked up in the server's own tree, and the server's own values
 * go on to the handler. What these templates could never show is a violation; what is no longer shown is stale.
 */
export function checkBinding (turn: Turn): Refusal | null {
  const { connection, message } = turn
  const { tree } = (connection.joined as Joined).mount
  const binding = resolveBinding(tree, message.path, message.element, message.kind)
  if (binding.status === 'impossible') return violation('LIVE_ERR_BINDING', 'invalid', 'no such control in the templates')
  if (binding.status === 'stale') return refusal('LIVE_ERR_STALE', 'stale', 'the control is no longer shown')
  if (binding.event !== message.event) return refusal('LIVE_ERR_STALE', 'stale', `the control calls '${binding.event}' now`)
  if (!isSeen(binding, message.seen)) return refusal('LIVE_ERR_STALE', 'stale', 'the control has other values now')
  if (binding.keys !== null && !isListedKey(binding.keys, message.data?.['key'])) {
    return violation('LIVE_ERR_BINDING', 'invalid', 'a key that the control does not listen to')
  }
  turn.binding = binding
  return null
}

/** `live-keys` names keys as KeyboardEvent.key does; the space bar's, which is a blank, is written Space. */
function isListedKey (keys: readonly string[], key: unknown): boolean {
  return keys.includes(key === ' ' ? 'Space' : String(key))
}
