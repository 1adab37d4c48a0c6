import type { Joined } from './connection-settings.ts'
import type { LiveConnection } from './live-connection.ts'
import type { AnyHandlerContext } from './view.ts'

type Verbs = Pick<AnyHandlerContext, 'reload' | 'patchUrl' | 'navigate' | 'flash' | 'pushEvent' | 'updateSession'>

/**
 * The verbs of one handler's context. Once the handler has run past its deadline they do nothing: its event was answered
 * with an error, and what it says later would travel with somebody else's.
 */
export function createActions (connection: LiveConnection, isOver: () => boolean): Verbs {
  const { effects, reloads } = connection
  const { mount, updateSession } = connection.joined as Joined
  const late = (): boolean => {
    if (isOver()) connection.log.warn({}, 'a live handler went on after its deadline')
    return isOver()
  }
  return {
    reload (name) {
      if (!Object.hasOwn(connection.route.compiled.view.loaders, name)) {
        throw new TypeError(`reload('${String(name)}'): the view has no such loader`)
      }
      if (!late()) reloads.add(name)
    },
    patchUrl (query) {
      if (late()) return
      const entries = Object.entries(query).filter(([, value]) => value !== null && value !== undefined)
      const values = entries.map(([key, value]): [string, string] => [key, String(value)])
      mount.query = Object.freeze(Object.fromEntries(values))
      mount.queryChanged = true
      const text = new URLSearchParams(values).toString()
      effects.query(text === '' ? '' : `?${text}`)
    },
    navigate (path) {
      if (!late()) effects.navigate(path)
    },
    flash (kind, text) {
      if (late()) return
      const flash = { kind: String(kind), text: String(text) }
      mount.flashes = [...mount.flashes, flash]
      if (!mount.compiled.fields.reads('flash')) effects.flash(flash)
    },
    pushEvent (name, data) {
      if (!late()) effects.event(name, data)
    },
    updateSession: async (change) => {
      if (!late()) await updateSession(change)
    },
  }
}
