/**
 * A report that came as a query: in the form that rules are written for. Parameters are decoded,
 * the documented ones stand in their documented order, then the rest.
 *
 * PAG1. The order in which parameters came does not matter, and of two with one name the first
 *       counts.
 * PAG2. What stands inside a parameter can not pose as another one.
 * PAG3. What is no query, but text or JSON, stays as it came, bounded.
 */

import { evidence } from '../supplier/adapter.ts'

const documented = [
  ...['t', 'refid', 'status', 'price', 'message'],
  ...['serverid', 'clientid', 'statuscode', 'kp', 'msisdn', 'sn', 'msg'],
]
const parametersMax = 32

type SupplierReport = {
  readonly text: string
  /** What a parameter held; undefined when it was absent or empty. */
  readonly named: (name: string) => string | undefined
}

export function reportOf(body: Buffer): SupplierReport {
  const said = body.toString('utf8')
  if (!/^[\w.[\]-]+=/.test(said)) return { text: evidence(said, []), named: () => undefined }
  const given = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(said)) {
    const key = name.toLowerCase()
    if (given.size < parametersMax && !given.has(key)) given.set(key, value.replaceAll('&', ' '))
  }
  const known = documented.filter(name => given.has(name))
  const rest = [...given.keys()].filter(name => !known.includes(name))
  const text = [...known, ...rest].map(name => `${name}=${given.get(name)}`).join('&')
  return { text: evidence(text, []), named: name => given.get(name) || undefined }
}
