/**
 * Calls to addresses that strangers chose. Whoever may name an address must not make us knock on
 * our own doors, so a connection is made only to an address that was looked at, at that moment:
 * the name is resolved here, every address behind it is judged, and the socket gets what was
 * judged. A name that resolves otherwise a second later changes nothing.
 *
 * WHB1. Loopback, private, link-local, metadata, shared, multicast and reserved addresses are
 *       refused, in IPv4, in IPv6, and as IPv4 inside IPv6; one such address behind a name is
 *       enough to refuse the name.
 * WHB2. A redirect is not followed: it is an answer, and not a good one.
 * WHB3. Ten seconds for everything; of the answer the beginning is read, however much comes.
 * WHB4. In demo mode loopback is allowed, and nothing else besides.
 */

import { lookup as resolve } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { Agent, buildConnector, errors } from 'undici'
import type { Letter } from './shapes.ts'

export type EgressOptions = {
  readonly loopbackAllowed: boolean
  readonly timeoutMs?: number
  /** How names are resolved; the system's way when absent. */
  readonly resolveAll?: ResolveAll
}

export type ResolveAll = (
  host: string,
  done: (error: Error | null, addresses: readonly { address: string; family: number }[]) => void,
) => void

export type Sent = {
  readonly ms: number
  readonly status: number | null
  /** How their answer began. */
  readonly answer: string | null
  /** Stable code; null when they took it. */
  readonly problem: Problem | null
  /** When they said how long to wait. */
  readonly retryAfterMs: number | null
}

type Problem =
  | 'address_forbidden'
  | 'name_unknown'
  | 'connect_failed'
  | 'tls_failed'
  | 'timeout'
  | 'broken'
  | 'redirect'
  | 'refused'
  | 'gone'

export type Egress = {
  readonly send: (letter: Letter) => Promise<Sent>
  /** False for an address that we would not call. A name that nobody knows today may be known. */
  readonly mayCall: (url: string) => Promise<boolean>
  readonly close: () => Promise<void>
}

const answerMax = 1_024
const connectionsPerHost = 16

class AddressForbidden extends Error {
  override readonly name = 'AddressForbidden'
}

export function openEgress(options: EgressOptions): Egress {
  const { loopbackAllowed, timeoutMs = 10_000, resolveAll = resolveBySystem } = options
  const isForbidden = (address: string): boolean =>
    forbidden(address) && !(loopbackAllowed && isLoopback(address))

  const judge = (host: string, done: Parameters<ResolveAll>[1]): void => {
    resolveAll(host, (error, addresses) => {
      if (error !== null) return done(error, [])
      if (addresses.length === 0) return done(new Error('no address'), [])
      if (addresses.some(one => isForbidden(one.address))) {
        return done(new AddressForbidden(host), [])
      }
      done(null, addresses)
    })
  }
  const lookup: LookupFunction = (host, asked, done) => {
    judge(host, (error, addresses) => {
      if (error !== null) return done(error as NodeJS.ErrnoException, '', 0)
      if (asked.all === true) return done(null, [...addresses])
      const [first] = addresses
      done(null, first!.address, first!.family)
    })
  }
  const connector = buildConnector({ lookup, timeout: timeoutMs })
  const agent = new Agent({
    // An address written out is never looked up, so it is judged before.
    connect: (target, done) => {
      const host = bare(target.hostname)
      if (isIP(host) !== 0 && isForbidden(host)) done(new AddressForbidden(host), null)
      else connector(target, done)
    },
    connections: connectionsPerHost,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    maxHeaderSize: 16_384,
    keepAliveTimeout: 4_000,
  })

  return {
    async send(letter) {
      const began = performance.now()
      const done = (told: Partial<Sent>): Sent => ({
        ms: Math.round(performance.now() - began),
        ...{ status: null, answer: null, problem: null, retryAfterMs: null },
        ...told,
      })
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        const { method, url, headers, body } = letter
        const { origin, pathname, search } = new URL(url)
        const path = pathname + search
        const reply = await agent.request({ origin, path, method, headers, body, signal })
        const status = reply.statusCode
        const answer = await beginningOf(reply.body)
        const retryAfterMs = waitOf(reply.headers['retry-after'])
        return done({ status, answer, problem: problemOf(status), retryAfterMs })
      } catch (cause) {
        return done({ problem: signal.aborted ? 'timeout' : problemIn(cause) })
      }
    },
    mayCall(url) {
      const host = bare(new URL(url).hostname)
      if (isIP(host) !== 0) return Promise.resolve(!isForbidden(host))
      return new Promise(done => judge(host, error => done(!(error instanceof AddressForbidden))))
    },
    close: () => agent.destroy(),
  }
}

const resolveBySystem: ResolveAll = (host, done) => {
  resolve(host, { all: true }, (error, addresses) => done(error, addresses ?? []))
}

const bare = (host: string): string => host.replace(/^\[|\]$/g, '')

function problemOf(status: number): Problem | null {
  if (status >= 200 && status < 300) return null
  if (status >= 300 && status < 400) return 'redirect'
  return status === 410 ? 'gone' : 'refused'
}

function problemIn(cause: unknown): Problem {
  for (let one = cause; one instanceof Error; one = one.cause) {
    if (one instanceof AddressForbidden) return 'address_forbidden'
    const { code = '' } = one as NodeJS.ErrnoException
    if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name_unknown'
    if (one instanceof errors.ConnectTimeoutError || one instanceof errors.HeadersTimeoutError) {
      return 'timeout'
    }
    if (/^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL)$/.test(code)) {
      return 'connect_failed'
    }
    if (/^(ERR_TLS|ERR_SSL|CERT_|UNABLE_|DEPTH_|SELF_|HOSTNAME_|EPROTO)|_CERT/.test(code)) {
      return 'tls_failed'
    }
    if (one instanceof AggregateError && one.errors.length > 0) return problemIn(one.errors[0])
  }
  return 'broken'
}

/** Reads no more than is kept; the rest, and the connection with it, is let go. */
async function beginningOf(body: AsyncIterable<Buffer> & { destroy(): unknown }): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  try {
    for await (const part of body) {
      parts.push(part)
      length += part.length
      if (length >= answerMax) break
    }
  } catch {
    // The status is known, and it is what counts.
  } finally {
    body.destroy()
  }
  // Postgres keeps no NUL in a text.
  return Buffer.concat(parts).toString('utf8', 0, answerMax).replaceAll('\0', '')
}

/** Seconds or a date, as HTTP has it; what we can't read says nothing. */
function waitOf(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000
  const at = Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now())
}

const closed = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  closed.addSubnet(network, bits, 'ipv4')
}

/** Of IPv6 only what is handed out to the world, and of that not what carries IPv4 inside. */
const open6 = new BlockList()
open6.addSubnet('2000::', 3, 'ipv6')
const closed6 = new BlockList()
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  closed6.addSubnet(network, bits, 'ipv6')
}

/** Exported for its test: whether the world at large has no business behind this address. */
export function forbidden(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return closed.check(address, 'ipv4')
    case 6: {
      const inside = mappedOf(address)
      if (inside !== null) return closed.check(inside, 'ipv4')
      return !open6.check(address, 'ipv6') || closed6.check(address, 'ipv6')
    }
    default:
      return true
  }
}

function isLoopback(address: string): boolean {
  const plain = mappedOf(address) ?? address
  return plain === '::1' || /^127\./.test(plain)
}

/** ::ffff:a.b.c.d, in whichever of its spellings; null for every other address. */
function mappedOf(address: string): string | null {
  if (isIP(address) !== 6 || address.includes('%')) return null
  const spelled = new URL(`http://[${address}]/`).hostname
  const parts = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(spelled)
  if (parts === null) return null
  const [high, low] = [Number.parseInt(parts[1]!, 16), Number.parseInt(parts[2]!, 16)]
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.')
}
