import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { FastifyInstance, FastifyPluginCallback } from 'fastify'

type Exports = Readonly<Record<string, unknown>>

const NAMES = ['app', 'buildApp', 'build'] as const

/**
 * The Fastify instance that a module exports, makes when it is called, or is a plugin for; else the one that it made
 * while it was loaded.
 */
export async function findApplication (
  module: Exports, file: string, made: readonly FastifyInstance[]
): Promise<FastifyInstance> {
  const found = exportOf(module)
  if (found === null) {
    if (made.length === 1) return made[0] as FastifyInstance
    throw new Error(`it exports no application. Give it a default export, or one named ${NAMES.join(', ')}: a Fastify instance, ` +
      'a promise of one, a function that gives one, or a Fastify plugin')
  }
  const { name, value } = found
  if (typeof value !== 'function') return required(await settled(value), name)
  if (isPlugin(value, name)) return await registered(value as FastifyPluginCallback, file)
  return required(await settled((value as () => unknown)()), `${name}()`)
}

function exportOf (module: Exports): { name: string, value: unknown } | null {
  // Compiled CommonJS has its default export one level deeper.
  const inner = module['default'] as Exports | undefined
  const places: ReadonlyArray<readonly [string, unknown]> = [
    ['default', inner], ...NAMES.map((name) => [name, module[name]] as const),
    ['default', inner?.['default']], ...NAMES.map((name) => [name, inner?.[name]] as const),
  ]
  for (const [name, value] of places) if (typeof value === 'function' || isFastify(value) || isPromise(value)) return { name, value }
  return null
}

/** Plugins take the instance as their first parameter; a builder is called without any. */
function isPlugin (value: unknown, name: string): boolean {
  const { length } = value as { length: number }
  if (Object.hasOwn(value as object, Symbol.for('skip-override')) || length >= 2) return true
  return length === 1 && (name === 'default' || name === 'app')
}

/** As fastify-cli does it, with the application's own Fastify. */
async function registered (plugin: FastifyPluginCallback, file: string): Promise<FastifyInstance> {
  const path = createRequire(file).resolve('fastify')
  // eslint-disable-next-line live-security/no-computed-import -- Fastify as the application finds it
  const { default: fastify } = await import(pathToFileURL(path).href) as { default: () => FastifyInstance }
  const app = fastify()
  app.register(plugin)
  return app
}

/** A Fastify instance can be awaited itself, which would boot it: it is looked at first. */
async function settled (value: unknown): Promise<unknown> {
  return isFastify(value) ? value : await value
}

function required (value: unknown, what: string): FastifyInstance {
  if (isFastify(value)) return value
  throw new Error(`its export ${what} gives ${value === null ? 'null' : typeof value}, and not a Fastify instance`)
}

function isFastify (value: unknown): value is FastifyInstance {
  const { ready, register, close } = (value ?? {}) as Partial<FastifyInstance>
  return typeof ready === 'function' && typeof register === 'function' && typeof close === 'function'
}

function isPromise (value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
}
