/** How much of a secret's beginning has to be seen for a find. */
const LENGTH = 10

/** The secrets of which `bytes` hold the beginning, as they are or in an encoding that a page, header or frame might use. */
export function findSecrets (bytes: Buffer, secrets: readonly string[]): string[] {
  const text = bytes.toString('latin1')
  const lower = text.toLowerCase()
  return secrets.flatMap((secret) => {
    const start = Buffer.from(secret.slice(0, LENGTH))
    if (start.length < LENGTH) throw new Error(`${secret} is too short to be looked for`)
    const exact = [start, Buffer.from(start.toString(), 'utf16le')].map((form) => form.toString('latin1'))
    const forms = [...exact, encodeURIComponent(secret.slice(0, LENGTH)), ...asBase64(start)]
    const caseless = [start.toString('hex'), ...[
      // Every character in the form of addresses, of HTML and of JSON.
      (code: number): string => `%${code.toString(16).padStart(2, '0')}`,
      (code: number): string => `&#${code};`,
      (code: number): string => `&#x${code.toString(16)};`,
      (code: number): string => `\\u${code.toString(16).padStart(4, '0')}`,
    ].map((form) => [...start].map(form).join(''))]
    const found = [...forms.filter((form) => text.includes(form)), ...caseless.filter((form) => lower.includes(form))]
    return found.length === 0 ? [] : [`${secret}: ${found.join()}`]
  })
}

/** What all base64 texts have in common that hold these bytes, wherever in them they begin. */
function asBase64 (bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64').replaceAll('=', '')
    // The first and last characters also hold bits of the neighbours.
    const own = encoded.slice(Math.ceil(before * 8 / 6), Math.floor((before + bytes.length) * 8 / 6))
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
