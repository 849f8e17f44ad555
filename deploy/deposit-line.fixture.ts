/** Deposits on an engine, with gateways of the sandbox; the test sets the clock forward. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { makeId } from '../engine/ids.ts'
import { nodeConfig } from '../moleculer.config.ts'
import type { Answer } from '../services/contract/answer.ts'
import type { Call } from '../services/contract.ts'
import { type Gateways, gatewayPurpose } from '../services/deposit/gateway/gateways.ts'
import type { IntentRows } from '../services/deposit/gateway/rows.ts'
import { type EngineRoom, openEngineRoom } from '../services/engine-room.ts'
import { freshKey } from '../services/fresh-key.ts'
import { journalOf } from '../services/journal-follower.ts'
import { Projector } from '../services/projection/projector.ts'
import { makeSeal, newMasterKey } from '../services/seal.ts'
import { walletService } from '../services/wallet/wallet.service.ts'
import { followChanges } from '../sql/changes.ts'
import { type Database, openDatabase } from '../sql/database.ts'
import { putGateway } from '../sql/deposit-intents.ts'
import { openDepositLine } from './deposit-line.ts'
import { openSandbox } from './sandbox/server.ts'

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
