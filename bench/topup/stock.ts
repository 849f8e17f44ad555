/**
 * What a large deployment has lying about, made out of a seed: as rows by COPY, for nothing else is
 * quick enough. The same seed gives the same rows, and none of them is kept anywhere.
 *
 * BBF1. Products are sold by five suppliers each and priced at ten levels, with rules for brands
 *       and for every tenth product; the sandbox delivers all of them.
 * BBF2. Recorded orders are lines in the shape that the engine writes, in turn through all shards;
 *       a fifth of the first choices failed, and a third says why it went where it went.
 */
import pg from 'pg'
import type { Deployment, Ground } from '../ground/ground.ts'
import { random } from '../load/requests.ts'
import { type Cell, copy } from './copy.ts'

export type Stock = {
  readonly products: number
  readonly suppliers: number
  readonly users: number
}

/** The sandbox sells what begins with `bench`, for this. */
const cost = 10_000
const levels = 10
const offersEach = 5
const brands = 40
const categories = 12

export const codeOf = (n: number): string => `BIG${String(n).padStart(5, '0')}`

export async function stockCatalogue(
  ground: Ground,
  deployment: Deployment,
  { products, suppliers, users }: Stock,
): Promise<void> {
  const codes = await suppliersOf(ground, deployment, suppliers)
  await withClient(deployment.url, async client => {
    // One transaction: the engine hears of it once, when all of it is there.
    await client.query('begin')
    await copy(client, 'product (code, name, category, brand, multi)', productsOf(products))
    await copy(
      client,
      'mapping (product_code, supplier_code, sku, cost, priority)',
      mappingsOf(products, codes),
    )
    await client.query('create temporary table fresh (like price_rule including defaults)')
    await copy(client, 'fresh (id, level, scope, target, percent_bp, fixed)', rulesOf(products))
    await client.query(
      `insert into price_rule (level, scope, target, percent_bp, fixed)
       select level, scope, target, percent_bp, fixed from fresh on conflict do nothing`,
    )
    await copy(client, 'client (id, username, name, level)', clientsOf(users))
    await client.query('commit')
    await client.query('analyze')
  })
}

/** Those of the demo, and as many more, each with an account at the sandbox. */
async function suppliersOf(
  ground: Ground,
  { ask }: Deployment,
  count: number,
): Promise<readonly string[]> {
  const codes = ['digiflazz', 'digiflazz2']
  for (let n = codes.length; n < count; n++) {
    const { url, username, key } = await ground.sandbox.openAccount()
    const code = `bench${String(n).padStart(2, '0')}`
    await ask('POST', '/api/v1/admin/suppliers', {
      ...{ code, name: `Bench ${n}`, adapter: 'digiflazz', base_url: url, max_in_flight: 1_024 },
      credentials: { username, apiKey: key, webhookSecret: key },
    })
    codes.push(code)
  }
  return codes.slice(0, count)
}

function* productsOf(count: number): Generator<Cell[]> {
  for (let n = 0; n < count; n++) {
    const names = [`Produk besar ${n}`, `Kategori ${n % categories}`, `Merek ${n % brands}`]
    yield [codeOf(n), ...names, true]
  }
}

function* mappingsOf(count: number, suppliers: readonly string[]): Generator<Cell[]> {
  const step = Math.max(1, Math.floor(suppliers.length / offersEach))
  for (let n = 0; n < count; n++) {
    for (let place = 0; place < Math.min(offersEach, suppliers.length); place++) {
      const supplier = suppliers[(n + step * place) % suppliers.length]!
      yield [codeOf(n), supplier, `bench${n}`, cost + 5 * place, place]
    }
  }
}

function* rulesOf(products: number): Generator<Cell[]> {
  for (let level = 0, id = 0; level < levels; level++) {
    yield [++id, level, 'default', '', 0, 500 - 20 * level]
    for (let n = 0; n < brands; n += 4) yield [++id, level, 'brand', `Merek ${n}`, 130, 0]
    for (let n = 0; n < products; n += 10) yield [++id, level, 'product', codeOf(n), 77, 25]
  }
}

/** Known and without an order of their own; an id carries its shard. */
function* clientsOf(count: number): Generator<Cell[]> {
  const dice = random(1)
  const bornAt = Date.UTC(2025, 0, 1)
  for (let n = 0; n < count; n++) {
    yield [idOf(bornAt + n, n, hexOf(dice)), `bench${n}`, `Bench ${n}`, n % levels]
  }
}

const shards = 256

function idOf(ms: number, n: number, key: string): string {
  const time = ms.toString(16).padStart(12, '0')
  const shard = (n % shards).toString(16).padStart(3, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${shard}-8${key.slice(1, 4)}-${key.slice(4)}`
}

/** 16 digits that begin with a 0: 60 bits, which fit into a bigint. */
const hexOf = (dice: () => number): string =>
  `0${[0, 0, 0]
    .map(() => Math.floor(dice() * 2 ** 20).toString(16))
    .map(part => part.padStart(5, '0'))
    .join('')}`

// -- recorded orders ---------------------------------------------------------------------------

const sellers = ['digiflazz', 'digiflazz2', 'atlantic', 'vip']
const price = 11_000

export async function stockOrders(url: string, orders: number): Promise<void> {
  await withClient(url, async client => {
    // Nobody looks for an order here, and a lost minute of a bench is no loss.
    await client.query('set synchronous_commit = off')
    await client.query('drop index journal_actor')
    await copy(client, 'lease (shard, epoch, holder)', leases())
    await copy(client, 'journal (shard, seq, actor, hash, body)', journalOf(orders))
    await client.query('analyze journal')
  })
}

function* leases(): Generator<Cell[]> {
  for (let shard = 0; shard < shards; shard++) yield [shard, 1, 'bench']
}

/** Their hashes are not those of a chain: nobody but verify and a starting engine reads them. */
function* journalOf(orders: number): Generator<Cell[]> {
  const dice = random(1)
  const bornAt = Date.UTC(2026, 0, 1)
  for (let shard = 0; shard < shards; shard++) {
    let seq = 0
    for (let n = shard; n < orders; n += shards) {
      const key = hexOf(dice)
      const id = idOf(bornAt + n * 50, n, key)
      const actor = BigInt(`0x${key}`).toString()
      for (const body of linesOf({ id, n, at: bornAt + n * 50, dice: dice() })) {
        yield [shard, ++seq, actor, '\\x00', body]
      }
    }
  }
}

type Order = { readonly id: string; readonly n: number; readonly at: number; readonly dice: number }

function linesOf({ id, n, at, dice }: Order): string[] {
  const about = { v: 1, k: 'order', kv: 1, id, o: `wallet:${id}`, b: 1 }
  const sku = `s${n % 500}`
  const destination = `0812${String(n % 10 ** 8).padStart(8, '0')}`
  const plan = sellers.map((one, place) => [one, sku, cost + 50 * place, price, 1, 1])
  const weighed = sellers.map((_, place) => [place, cost + 50 * place, 960 + place, 900, 100])
  const why = n % 3 === 0 ? { why: { v: 1, p: 'balanced', c: weighed } } : {}
  const wish = { user: `u${n % 1_000}`, ref: `R-${n}`, product: codeOf(n % 500), price, plan }
  const dispatched = (attempt: number) => ({
    ...{ type: 'dispatched', n: attempt, supplier: sellers[attempt - 1], sku },
    ...{ cost: cost + 50 * (attempt - 1), maxPrice: price, ref: `L${id}-${attempt}` },
  })
  const reply = (attempt: number, said: string) =>
    `TRX ${sku}.${destination} ${said}. SISA SALDO:1000000 CLIENTID=L${id}-${attempt}. Tele:@laju ` +
    'Wa:081234567890, terima kasih atas kepercayaan Anda, laporan selengkapnya di halaman riwayat'
  const line = (ms: number, c: string, ...e: object[]) =>
    JSON.stringify({ ...about, at: at + ms, c, e })
  const placed = { type: 'placed', ...wish, destination, deadlineAt: at + 3_600_000, ...why }
  const ms = 200 + Math.floor(dice * 3_000)
  const lines = [line(0, 'place', placed, dispatched(1))]
  const last = dice < 0.2 ? 2 : 1
  if (last === 2) {
    const said = reply(1, 'GAGAL, Produk gangguan')
    const failed = { type: 'attempt_failed', n: 1, via: 'reply', code: '02', reply: said }
    lines.push(line(ms, 'report', failed, dispatched(2)))
  }
  const end = { sn: `R${n}`, cost: cost + 50 * (last - 1), balance: 1_000_000 }
  const said = reply(last, `BERHASIL, HRG:${end.cost} SN:${end.sn}`)
  const delivered = { type: 'delivered', n: last, via: 'reply', ...end, reply: said }
  return [...lines, line(2 * ms, 'report', delivered)]
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
