/**
 * What we compare ourselves with: the same work, written the usual good way. Fastify takes the
 * order, one stored function holds the money, undici asks the supplier, a second function settles.
 *
 * BB1. The same contract on the wire: signature, JSON in, JSON out, answered when durable.
 * BB2. A repeat answers with the order that exists; the same reference for something else is 409.
 * BB3. The wallet never goes below zero, and the entries of every order add up.
 * BB4. What the supplier didn't clearly refuse is asked again with the same reference, not failed.
 *
 *   PORT, DATABASE_URL, SUPPLIER_URL, SUPPLIER_USERNAME, SUPPLIER_KEY, POOL (16), SOCKETS (256),
 *   RECHECK_MS (2000)
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import Fastify, { type FastifyRequest } from 'fastify'
import pg from 'pg'
import { Pool as SupplierPool } from 'undici'

type Client = { readonly id: string; readonly secret: string }
type Product = { readonly code: string; readonly sku: string; readonly price: number }
type Body = { readonly ref_id: string; readonly product_code: string; readonly destination: string }
type Open = { readonly id: string; readonly sku: string; readonly destination: string }
type Row = {
  readonly outcome: 'accepted' | 'repeated' | 'collided'
  readonly id: string
  readonly status: string
  readonly product: string
  readonly destination: string
  readonly price: number
  readonly sn: string | null
  readonly available: number
  readonly created_at: Date
}

const timestampSkewSecondsMax = 300
const attemptsMax = 100
const insufficientBalance = 'BL402'

pg.types.setTypeParser(pg.types.builtins.INT8, Number)

const env = (name: string, otherwise: string): string => process.env[name] ?? otherwise
const recheckMs = Number(env('RECHECK_MS', '2000'))
const username = env('SUPPLIER_USERNAME', 'bench')
const supplierKey = env('SUPPLIER_KEY', 'bench')
const supplierUrl = new URL(env('SUPPLIER_URL', 'http://127.0.0.1:4000'))
const supplierPath = `${supplierUrl.pathname.replace(/\/$/, '')}/transaction`
const supplier = new SupplierPool(supplierUrl.origin, {
  connections: Number(env('SOCKETS', '256')),
  pipelining: 1,
  headersTimeout: 120_000,
})
const database = new pg.Pool({
  connectionString: env('DATABASE_URL', ''),
  max: Number(env('POOL', '16')),
})

const counted = { accepted: 0, settled: 0 }
const clients = new Map<string, Client>()
const products = new Map<string, Product>()

async function start(): Promise<void> {
  await readTables()
  const app = build()
  const http = await app.listen({ host: '127.0.0.1', port: Number(env('PORT', '0')) })
  process.once('SIGTERM', () => process.exit(0))
  console.log(JSON.stringify({ ready: true, http, pid: process.pid }))
}

async function readTables(): Promise<void> {
  for (const row of (await database.query('select id, api_key, secret from client')).rows) {
    clients.set(row.api_key, { id: row.id, secret: row.secret })
  }
  for (const row of (await database.query('select code, sku, price from product')).rows) {
    products.set(row.code, row)
  }
}

function build() {
  const app = Fastify({ logger: false, bodyLimit: 64 * 1024 })

  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    const refusal = authenticate(request, body as string)
    if (refusal !== null) return done(refusal)
    try {
      done(null, JSON.parse(body as string))
    } catch {
      done(new Refusal(400, 'VALIDATION_FAILED'))
    }
  })

  app.setErrorHandler((error, _request, reply) => {
    const refusal = error instanceof Refusal ? error : null
    const code = refusal?.statusCode ?? (error as { statusCode?: number }).statusCode ?? 500
    const error_code = refusal?.message ?? (code < 500 ? 'VALIDATION_FAILED' : 'INTERNAL')
    reply.code(code).send({ code, status: 'error', error_code, retryable: code >= 500 })
  })

  app.post<{ Body: Body }>('/api/v1/transactions', { schema }, async request => {
    const { ref_id, product_code, destination } = request.body
    const product = products.get(product_code)
    if (product === undefined) throw new Refusal(422, 'PRODUCT_UNKNOWN')
    const row = await place((request as Signed).client!.id, ref_id, product, destination)
    if (row.outcome === 'collided') throw new Refusal(409, 'DUPLICATE_REF')
    if (row.outcome === 'accepted') {
      counted.accepted++
      void supply({ id: row.id, sku: product.sku, destination })
    }
    const money_effect = effectOf[row.status]
    return {
      code: 200,
      status: 'success',
      message: 'Transaksi diproses',
      data: {
        trx_id: row.id,
        ref_id,
        status: row.status,
        product_code: row.product,
        destination: row.destination,
        price: row.price,
        balance_remaining: row.available,
        sn: row.sn,
        money_effect,
        created_at: row.created_at.toISOString(),
      },
      request_id: request.id,
    }
  })

  app.get('/stats', () => counted)
  return app
}

type Signed = FastifyRequest & { client?: Client }

const effectOf: Record<string, string> = {
  PROCESSING: 'held',
  SUCCESS: 'charged',
  FAILED: 'refunded',
}

class Refusal extends Error {
  readonly statusCode: number
  constructor(statusCode: number, code: string) {
    super(code)
    this.statusCode = statusCode
  }
}

function authenticate(request: Signed, body: string): Refusal | null {
  const client = clients.get(String(request.headers['x-api-key']))
  const timestamp = String(request.headers['x-timestamp'])
  const given = Buffer.from(String(request.headers['x-signature']), 'hex')
  if (client === undefined) return new Refusal(401, 'SIGNATURE_INVALID')
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= timestampSkewSecondsMax)) {
    return new Refusal(401, 'TIMESTAMP_SKEWED')
  }
  const right = createHmac('sha256', client.secret)
    .update(`${timestamp}.${request.method}.${request.url}.${body}`)
    .digest()
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    return new Refusal(401, 'SIGNATURE_INVALID')
  }
  request.client = client
  return null
}

async function place(
  user: string,
  ref: string,
  product: Product,
  destination: string,
): Promise<Row> {
  try {
    const result = await database.query<Row>({
      name: 'place',
      text: 'select * from order_place($1, $2, $3, $4, $5, $6)',
      values: [makeId(), user, ref, product.code, destination, product.price],
    })
    return result.rows[0]!
  } catch (cause) {
    if ((cause as { code?: string }).code !== insufficientBalance) throw cause
    throw new Refusal(402, 'INSUFFICIENT_BALANCE')
  }
}

/** Buys from the supplier until it says yes or no; asking again with one reference buys once. */
async function supply(order: Open, attempt = 1): Promise<void> {
  try {
    const reply = await ask(order)
    if (reply.status === 'Sukses' || reply.status === 'Gagal') {
      await database.query({
        name: 'settle',
        text: 'select order_settle($1, $2, $3, $4)',
        values: [order.id, reply.status === 'Sukses', reply.sn ?? null, reply.price ?? null],
      })
      counted.settled++
      return
    }
  } catch {
    // Nobody knows what the supplier did: the order stays open and is asked about again.
  }
  if (attempt < attemptsMax) setTimeout(() => void supply(order, attempt + 1), recheckMs)
}

async function ask(order: Open): Promise<{ status?: string; sn?: string; price?: number }> {
  const sign = createHash('md5').update(`${username}${supplierKey}${order.id}`).digest('hex')
  const { body } = await supplier.request({
    method: 'POST',
    path: supplierPath,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      username,
      buyer_sku_code: order.sku,
      customer_no: order.destination,
      ref_id: order.id,
      sign,
    }),
  })
  return ((await body.json()) as { data: { status?: string; sn?: string; price?: number } }).data
}

/** UUIDv7: rows of one moment stay together in the index. */
function makeId(): string {
  const random = randomBytes(10).toString('hex')
  const ms = Date.now().toString(16).padStart(12, '0')
  const variant = ((Number.parseInt(random[3]!, 16) & 3) | 8).toString(16)
  return `${ms.slice(0, 8)}-${ms.slice(8)}-7${random.slice(0, 3)}-${variant}${random.slice(4, 7)}-${random.slice(8)}`
}

const text = { type: 'string', minLength: 1, maxLength: 64 } as const
const schema = {
  body: {
    type: 'object',
    required: ['ref_id', 'product_code', 'destination'],
    properties: { ref_id: text, product_code: text, destination: text },
  },
  response: {
    200: {
      type: 'object',
      properties: {
        code: { type: 'integer' },
        status: { type: 'string' },
        message: { type: 'string' },
        data: {
          type: 'object',
          properties: {
            trx_id: { type: 'string' },
            ref_id: { type: 'string' },
            status: { type: 'string' },
            product_code: { type: 'string' },
            destination: { type: 'string' },
            price: { type: 'integer' },
            balance_remaining: { type: 'integer' },
            sn: { type: ['string', 'null'] },
            money_effect: { type: 'string' },
            created_at: { type: 'string' },
          },
        },
        request_id: { type: 'string' },
      },
    },
  },
} as const

await start()
