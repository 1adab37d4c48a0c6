import type { OutgoingHttpHeader, ServerResponse } from 'node:http'

/** All headers of an answer, by their names in lower case. */
export type AnswerHeaders = Record<string, OutgoingHttpHeader | undefined>

type Given = AnswerHeaders | readonly (string | number | readonly string[])[]

/**
 * Lets `change` have the last word on an answer's headers. An onSend hook is not the last: hooks that other plugins add to the
 * route run after it, the headers of a web Response are taken over after it, and a hijacked reply, a failing onSend hook and the
 * 404 handler of another scope never come to it. They all come to writeHead, also those that only write.
 */
export function sealHeaders (response: ServerResponse, change: (headers: AnswerHeaders) => void): void {
  const writeHead = response.writeHead.bind(response) as (status: number, ...rest: unknown[]) => ServerResponse
  response.writeHead = (status: number, ...rest: unknown[]) => {
    const reason = typeof rest[0] === 'string' ? [rest[0]] : []
    const given = rest[1] ?? (reason.length === 0 ? rest[0] : null)
    const headers: AnswerHeaders = { ...response.getHeaders(), ...byLowerCase((given ?? {}) as Given) }
    change(headers)
    for (const name of response.getHeaderNames()) if (headers[name] === undefined) response.removeHeader(name)
    return writeHead(status, ...reason, headers)
  }
}

/** As node takes them: an object, a flat list of names and values in turn, or a list of pairs. */
function byLowerCase (given: Given): AnswerHeaders {
  const pairs = Array.isArray(given) ? given : Object.entries(given)
  const list = (Array.isArray(pairs[0]) ? pairs.flat(1) : pairs) as readonly string[]
  const headers: AnswerHeaders = {}
  for (let index = 0; index < list.length; index += 2) {
    const name = String(list[index]).toLowerCase()
    const value = list[index + 1] as string
    headers[name] = headers[name] === undefined ? value : [headers[name] as string, value].flat()
  }
  return headers
}
