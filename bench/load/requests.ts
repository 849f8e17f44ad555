/**
 * Orders as bytes, ready before the clock starts. Building and signing a request costs more than
 * sending it, so a batch is written once into one block of memory and shares one timestamp.
 *
 * What is asked depends on the seed and on nothing else: the same plan against two servers gives
 * the same references, destinations and wallets, so their results can be compared by a hash.
 */
import { createHmac } from 'node:crypto'

export type Signer = { readonly key: string; readonly secret: string }

export type Plan = {
  readonly seed: number
  /** Begins every reference of the batch; unique per batch and server. */
  readonly tag: string
  readonly count: number
  /** Destinations are numbered from here, so that no two batches meet the twin guard. */
  readonly first: number
  readonly product: string
  /** Instead of the one product, each order another of these. */
  readonly products?: readonly string[]
}

/** One question asked over and over; what it costs to answer must not depend on who asks. */
export type Question = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signed: boolean
  readonly count: number
}

export type Batch = { readonly bytes: Buffer; readonly ends: Uint32Array; readonly count: number }

const path = '/api/v1/transactions'
const destinationsMax = 100_000_000

export function prepare(plan: Plan, signers: readonly Signer[], atSeconds: number): Batch {
  const next = random(plan.seed)
  const ends = new Uint32Array(plan.count)
  let bytes: Buffer = Buffer.allocUnsafe(plan.count * 420)
  let end = 0
  for (let index = 0; index < plan.count; index++) {
    const signer = signers[Math.floor(next() * signers.length)]!
    const text = signed({ method: 'POST', path, body: bodyOf(plan, index), signer, atSeconds })
    if (end + text.length > bytes.length) bytes = Buffer.concat([bytes, Buffer.alloc(bytes.length)])
    end += bytes.write(text, end, 'latin1')
    ends[index] = end
  }
  return { bytes, ends, count: plan.count }
}

export function repeat(asked: Question, signer: Signer, atSeconds: number): Batch {
  const { method, path, body, count } = asked
  const proof = asked.signed ? signature({ method, path, body, signer, atSeconds }) : {}
  const headers = { ...proof, ...asked.headers, 'Content-Length': String(body.length) }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const text = `${method} ${path} HTTP/1.1\r\nHost: bench\r\n${lines.join('')}\r\n${body}`
  const ends = Uint32Array.from({ length: count }, (_, n) => (n + 1) * text.length)
  return { bytes: Buffer.from(text.repeat(count), 'latin1'), ends, count }
}

export function refOf(plan: Plan, index: number): string {
  return `${plan.tag}-${index}`
}

export function bodyOf(plan: Plan, index: number): string {
  const digits = String((plan.first + index) % destinationsMax).padStart(8, '0')
  const product = plan.products?.[index % plan.products.length] ?? plan.product
  return `{"ref_id":"${refOf(plan, index)}","product_code":"${product}","destination":"0812${digits}"}`
}

export type Request = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body: string
  readonly signer: Signer
  readonly atSeconds: number
}

/** The headers that prove who asks: hex HMAC-SHA256 over timestamp.method.path.body. */
export function signature(request: Request): Record<string, string> {
  const { method, path, body, signer, atSeconds } = request
  const signed = `${atSeconds}.${method}.${path}.${body}`
  return {
    'X-Api-Key': signer.key,
    'X-Timestamp': String(atSeconds),
    'X-Signature': createHmac('sha256', signer.secret).update(signed).digest('hex'),
  }
}

function signed(request: Request): string {
  let text = `${request.method} ${request.path} HTTP/1.1\r\nHost: bench\r\n`
  const headers = signature(request)
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`
  text += `Content-Type: application/json\r\nContent-Length: ${request.body.length}\r\n\r\n`
  return text + request.body
}

/** mulberry32: small, fast, the same on every machine. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
