/**
 * The price list of a large catalogue, asked for over and over: as it is prepared, packed and not,
 * in REST and in the Digiflazz dialect, and by somebody who has it. Beside it the same rows asked
 * for through a filter that lets all of them pass: those the server puts together each time.
 *
 * BBH1. The prepared list and the one put together have the same rows, in both dialects.
 */
import { createHash } from 'node:crypto'
import type { Findings, Measured } from '../beside.ts'
import { Ground } from '../ground/ground.ts'
import { once } from '../ground/postgres.ts'
import { sideOf } from '../ground/world.ts'
import { type Question, signature } from '../load/requests.ts'
import type { PartSizes } from '../part-sizes.ts'
import { say } from '../turns.ts'
import { listed } from './catalogue.ts'
import { stockCatalogue } from './stock.ts'

const connections = 32
const path = '/api/v1/products'
const category = 'Semua'
/** Of so many packed ones, one that is not, and one that is put together. */
const plainShare = 10
const builtShare = 40

type Asked = Omit<Question, 'count'>

export async function benchPriceList(sizes: PartSizes): Promise<Findings> {
  const ground = await new Ground().open()
  try {
    say('starting an engine')
    const engine = await ground.engine('lists')
    const { reseller, started } = engine
    await stockCatalogue(ground, engine, sizes.stock)
    await once(engine.url, 'update product set category = $1', [category])
    const rows = await listed(
      engine,
      rows =>
        rows.length >= sizes.stock.products && rows.every(row => row['category'] === category),
    )
    say(`${rows.length} rows`)

    const read = { method: 'GET', path, headers: {}, body: '', signed: true } as const
    const whole: Asked = { ...read, headers: { 'Accept-Encoding': 'gzip' } }
    const filtered: Asked = { ...read, path: `${path}?category=${category}` }
    const sign = createHash('md5').update(`${reseller.username}${reseller.apiKey}pricelist`)
    const cmd = { username: reseller.username, sign: sign.digest('hex'), cmd: 'prepaid' }
    const dialect = (wish: object): Asked => ({
      ...{ method: 'POST', path: '/h2h/v1/price-list', signed: false },
      headers: { 'Content-Type': 'application/json', 'Accept-Encoding': 'gzip' },
      body: JSON.stringify({ ...cmd, ...wish }),
    })
    const tell = async ({ method, path, headers, body, signed }: Asked) => {
      const atSeconds = Math.floor(Date.now() / 1_000)
      const proof = signed ? signature({ method, path, body, signer: reseller, atSeconds }) : {}
      const wish = { method, headers: { ...proof, ...headers } }
      const about = method === 'GET' ? wish : { ...wish, body }
      const answer = await fetch(started.ready.http + path, about)
      const { data } = (await answer.json()) as { data: { rows?: unknown[] } }
      return { rows: JSON.stringify(data.rows ?? data), etag: answer.headers.get('etag') ?? '' }
    }
    const wrong: string[] = []
    for (const [ours, usual] of [
      [whole, filtered] as const,
      [dialect({}), dialect({ category })],
    ]) {
      await tell(ours!)
      const [prepared, built] = [await tell(ours!), await tell(usual!)]
      if (prepared.rows !== built.rows) wrong.push(`${ours!.path}: prepared and built differ`)
    }
    const { etag } = await tell(whole)

    const load = ground.load()
    const rate = async (asked: Asked, count: number): Promise<number> => {
      const { sent, statuses, perSecond, oddities } = await load.run({
        ...{ target: sideOf(started, []).target, signers: [reseller] },
        ...{ plan: { ...asked, count }, pace: { connections: Math.min(connections, count) } },
      })
      const right = (statuses[200] ?? 0) + (statuses[304] ?? 0)
      if (right !== sent) throw new Error(`bench: ${JSON.stringify(statuses)} ${oddities[0]}`)
      return Math.round(perSecond)
    }
    const many = sizes.lists
    const ways: readonly [figure: string, Asked, count: number, usual: Asked, least: number][] = [
      [`price list of ${rows.length} rows, packed`, whole, many, filtered, 2_000],
      ['price list as it is', read, Math.ceil(many / plainShare), filtered, 0],
      [
        'price list of who has it (304)',
        { ...read, headers: { 'If-None-Match': etag } },
        many,
        filtered,
        2_000,
      ],
      ['Digiflazz price list, packed', dialect({}), many, dialect({ category }), 2_000],
    ]
    const figures: Measured[] = []
    for (const [figure, asked, count, usual, least] of ways) {
      const ours: number[] = []
      const baseline: number[] = []
      await rate(asked, Math.ceil(count / 10))
      for (let round = 0; round < sizes.rounds; round++) {
        ours.push(await rate(asked, count))
        baseline.push(await rate(usual, Math.ceil(many / builtShare)))
        say(`${figure}: ${ours.at(-1)}/s, put together each time ${baseline.at(-1)}/s`)
      }
      const promised = least === 0 ? {} : { least }
      const baselineIs = 'the same rows through a filter, put together for each request'
      figures.push({ figure, unit: '/s', ours, baseline, baselineIs, ...promised })
    }
    return { figures, wrong }
  } finally {
    await ground.close()
  }
}
