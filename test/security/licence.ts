/**
 * Whether an SPDX expression allows what the list allows: one of what `OR` offers, all of what `AND` asks for.
 * What is not understood, such as `WITH`, is not allowed.
 */
export function isAllowedLicence (expression: string, allowed: ReadonlySet<string>): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? []
  let at = 0
  let isUnderstood = true

  const any = (): boolean => {
    let found = all()
    while (tokens[at] === 'OR') {
      at++
      found = all() || found
    }
    return found
  }
  const all = (): boolean => {
    let found = one()
    while (tokens[at] === 'AND') {
      at++
      found = one() && found
    }
    return found
  }
  const one = (): boolean => {
    const token = tokens[at++]
    if (token !== '(') return token !== undefined && allowed.has(token)
    const found = any()
    if (tokens[at++] !== ')') isUnderstood = false
    return found
  }

  const isAllowed = any()
  return isAllowed && isUnderstood && at === tokens.length
}
