import { createRequire } from 'node:module'
import { templates } from './workloads.ts'

interface Template {
  render (data: object): string
}

// nunjucks itself, which ships no types.
const nunjucks = createRequire(import.meta.url)('nunjucks') as {
  Environment: new (loaders: null, options: { autoescape: boolean }) => object
  Template: new (source: string, environment: object, name: string, eager: boolean) => Template
}

const environment = new nunjucks.Environment(null, { autoescape: true })

/** One of the workloads' templates, compiled by nunjucks itself. */
export function plainTemplate (name: string): Template {
  return new nunjucks.Template(templates[name] as string, environment, name, true)
}
