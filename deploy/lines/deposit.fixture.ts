/** Deposits on an engine, with gateways of the sandbox; the test sets the clock forward. */

import { deepEqual } from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { makeId } from '../../engine/ids.ts'
import { nodeConfig } from '../../moleculer.config.ts'
import type { Answer } from '../../services/contract/answer.ts'
import type { IntentView } from '../../services/contract/deposit.ts'
import type { Call } from '../../services/contract.ts'
import { type Gateways, gatewayPurpose } from '../../services/deposit/gateway/gateways.ts'
import type { IntentRows } from '../../services/deposit/gateway/rows.ts'
import { until } from '../../services/engine-room.fixture.ts'
import { type EngineRoom, openEngineRoom } from '../../services/engine-room.ts'
import { freshKey } from '../../services/fresh-key.ts'
import { journalOf } from '../../services/journal-follower.ts'
import { Projector } from '../../services/projection/projector.ts'
import { makeSeal, newMasterKey } from '../../services/seal.ts'
import { walletService } from '../../services/wallet/wallet.service.ts'
import { followChanges } from '../../sql/changes.ts'
import { type Database, openDatabase } from '../../sql/database.ts'
import { putGateway } from '../../sql/money/deposit-intents.ts'
import { openSandbox } from '../sandbox/server.ts'
import { sound as soundBooks } from '../verify/verify.fixture.ts'
import { openDepositLine } from './deposit.ts'

export const shards = 4

export type Row = Record<string, unknown>

export type Counter = {
  readonly db: Database
  readonly room: EngineRoom
  readonly rows: IntentRows
  readonly gateways: Gateways
  readonly call: Call
  readonly clock: { ms: number }
  readonly errors: unknown[]
  /** Asks the sandbox: GET without a wish, POST with one. */
  readonly oracle: <T = Row>(path: string, wish?: object) => Promise<T>
  /** What webhooks were answered with. */
  readonly heard: string[]
  readonly user: () => string
  readonly balance: (account: string) => number
  readonly stop: () => Promise<void>
}

let nodes = 0

export async function counterAt(t: TestContext, url: string): Promise<Counter> {
  const sandbox = (await openSandbox({ port: 0 }))!
  const db = await openDatabase(url)
  const changes = await followChanges(db.url)
  const errors: unknown[] = []
  const onError = (cause: unknown) => void errors.push(cause)
  const seal = makeSeal(newMasterKey())
  const clock = { ms: 0 }
  const now = () => Date.now() + clock.ms

  const oracle = async <T = Row>(path: string, wish?: object): Promise<T> => {
    const to = `${sandbox.url}/_sandbox/${path}`
    const answer = await fetch(to, wish ? { method: 'POST', body: JSON.stringify(wish) } : {})
    return (await answer.json()) as T
  }
  const heard: string[] = []
  const door = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', piece => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString('base64')
      const headers = request.headers as Record<string, string>
      void call('intent.callback', { gateway: 'atlantic', headers, body }).then(({ verdict }) => {
        heard.push(verdict)
        response.writeHead(verdict === 'forged' ? 401 : 200).end()
      })
    })
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as AddressInfo
  const [username, api_key] = ['laju', 'a-long-key-of-ours']
  await oracle('faults', { latency: 0 })
  const webhook_url = `http://127.0.0.1:${port}/callback`
  await oracle('accounts', { party: 'atlantic', username, api_key, webhook_url })
  await oracle('accounts', { party: 'rumahotp-deposits', username, api_key })
  for (const [code, base] of [
    ['atlantic', 'atlantic'],
    ['rumahotp', 'rumahotp-deposits'],
  ] as const) {
    const credentials = JSON.stringify({ apiKey: api_key, username })
    await putGateway(db.pool, {
      ...{ code, adapter: code, baseUrl: `${sandbox.url}/${base}`, timeoutMs: 30_000 },
      ...{ maxInFlight: 8, amountMin: 1_000, amountMax: 5_000_000, active: true },
      credentials: seal.close(credentials, gatewayPurpose(code)),
    })
  }

  const room = await openEngineRoom({ url: db.url, shards, now, limitOf: () => 16 })
  const { engine } = room
  const line = openDepositLine({ room, db, seal, changes, onPayer: () => {}, onError })
  const projector = new Projector({ url: db.url, shards, source: journalOf(room) })
  room.listeners.push(batch => projector.feed(batch))
  const broker = new ServiceBroker({ ...nodeConfig({ logLevel: 'error' }), nodeID: `g${++nodes}` })
  broker.createService(line.service)
  broker.createService(walletService({ room, db, projector }))
  const call: Call = (action, params) => broker.call(action, params) as never
  await line.open()
  await line.refresh()
  await engine.start()
  await projector.start()
  line.start()
  await broker.start()

  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      await broker.stop()
      await line.stop()
      await engine.stop()
      await projector.stop()
      await line.close()
      await changes.stop()
      await db.end()
      door.closeAllConnections()
      door.close()
      await sandbox.close()
    })()
    return stopping
  }
  t.after(stop)
  return {
    ...{
      db,
      room,
      call,
      rows: line.rows,
      gateways: line.gateways,
      clock,
      errors,
      oracle,
      heard,
      stop,
    },
    user: () => makeId(now(), 1, freshKey()),
    balance(account) {
      let sum = 0
      for (const shard of engine.host.shards()) sum += shard.accounts.get(account)?.balance ?? 0
      return sum
    },
  }
}

export const okOf = <T>(answer: Answer<T>): T => {
  if ('ok' in answer) return answer.ok
  throw new Error(JSON.stringify(answer))
}

export const refusedOf = (answer: Answer<unknown>): string =>
  'refused' in answer ? answer.refused : JSON.stringify(answer)

export const create = async ({ call }: Counter, userId: string, more: object = {}) =>
  okOf(await call('intent.create', { userId, amount: 20_000, method: 'qris_atlantic', ...more }))

export const get = async ({ call }: Counter, { userId, intentId }: IntentView) =>
  okOf(await call('intent.get', { userId, id: intentId }))

export const becomes = (at: Counter, made: IntentView, status: IntentView['status']) =>
  until(
    () => get(at, made),
    one => one.status === status,
  )

/** What gateways told by webhook, and what came of it. */
export const trailOf = async ({ call }: Counter, { intentId }: IntentView) =>
  okOf(await call('intent.trail', { id: intentId }))

export const hinted = async (at: Counter, made: IntentView, count: number) =>
  until(
    async () => (await trailOf(at, made)).hints,
    hints => hints.reduce((sum, one) => sum + one.times, 0) >= count,
  )

export const suspended = async ({ call }: Counter) =>
  okOf(await call('intent.suspense', { open: true, limit: 10 })).rows

/** Nothing failed on the way, and a second reading of the journal finds nothing wrong. */
export async function sound(at: Counter): Promise<void> {
  deepEqual(at.errors, [])
  await soundBooks(at)
}

type Held = { readonly reached: Promise<void>; readonly release: () => void }
type HeldDoor = {
  /** The next answer to such a request has been given there, and stays on the way. */
  readonly holdNext: (isMeant: (path: string, body: string) => boolean) => Held
  /** What becomes of what is said. */
  rewrite: (text: string) => string
}

/** Between us and Atlantic: answers can be late, and say something else. */
export async function heldDoor(t: TestContext, at: Counter): Promise<HeldDoor> {
  const atlantic = okOf(await at.call('intent.gateways', {})).rows.find(
    one => one.code === 'atlantic',
  )!
  const wanted: { isMeant: (path: string, body: string) => boolean; reach: () => void }[] = []
  const gates: Promise<void>[] = []
  const made: HeldDoor = {
    holdNext(isMeant) {
      const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
      const { promise: gate, resolve: release } = Promise.withResolvers<void>()
      wanted.push({ isMeant, reach })
      gates.push(gate)
      return { reached, release }
    },
    rewrite: text => text,
  }
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece)
    const body = Buffer.concat(pieces).toString()
    const path = request.url ?? ''
    const { 'content-type': type = '' } = request.headers
    const answer = await fetch(`${atlantic.baseUrl}${path}`, {
      ...{ method: 'POST', headers: { 'content-type': type }, body },
    })
    const text = await answer.text()
    const n = wanted.findIndex(({ isMeant }) => isMeant(path, body))
    if (n >= 0) {
      const [{ reach }] = wanted.splice(n, 1) as [(typeof wanted)[number]]
      const [gate] = gates.splice(n, 1)
      reach()
      await gate
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(made.rewrite(text))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const baseUrl = `http://127.0.0.1:${port}`
  await at.call('intent.putGateway', { ...atlantic, baseUrl, timeoutMs: 30_000 })
  await until(
    () => at.gateways.refresh().then(() => at.gateways.menu()),
    menu => menu.some(one => one.gateway === 'atlantic'),
  )
  return made
}
