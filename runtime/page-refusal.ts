/**
 * A refused handshake tells scripts nothing, so the page itself is asked: true where it would not be given to this person
 * any more. No answer at all is only a network that is down.
 */
export function isPageRefused (): Promise<boolean> {
  return fetch(location.href, { method: 'HEAD', redirect: 'manual', cache: 'no-store' }).then(
    ({ type, status }) => type === 'opaqueredirect' || status === 401 || status === 403,
    () => false)
}
