/** Clients with servers of their own, on an engine whose clock the test sets. */

import { ok } from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import type { TestContext } from 'node:test'
import { type Changes, followChanges } from '../../sql/changes.ts'
import { addClients } from '../../sql/people/clients.ts'
import type { DeliveryView } from '../contract/webhook.ts'
import { type Scene, type Shop, sceneAt, until } from '../engine-room.fixture.ts'
import { apiKeyPurpose, keyPurpose } from '../identity/identity.service.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { jsonOf, type Received, type Receiver } from './receiver.fixture.ts'
import { makeWebhooks, type Webhooks } from './webhook.service.ts'

const seal = makeSeal(newMasterKey())

type Stage = Scene & {
  readonly url: string
  readonly changes: Changes
  readonly errors: unknown[]
}

type Options = { readonly shop?: Partial<Shop>; readonly loopbackAllowed?: boolean }

/** Stages, each on a fresh database of the file. */
export function stagesOf(database: () => Promise<string>) {
  /** A scene on a database of its own; nobody is called before `start`. */
  async function emptyStage(t: TestContext, { shop = {} }: Options = {}): Promise<Stage> {
    const url = await database()
    const scene = await sceneAt(t, { url, shop })
    const changes = await followChanges(url)
    t.after(() => changes.stop())
    return { ...scene, url, changes, errors: [] }
  }

  async function stageAt(t: TestContext, options: Options = {}) {
    const stage = await emptyStage(t, options)
    return { ...stage, webhooks: await start(stage, options) }
  }

  return { emptyStage, stageAt }
}

export async function start(
  stage: Stage,
  { loopbackAllowed = true }: Options = {},
): Promise<Running> {
  const { room, db, changes, errors, broker } = stage
  const webhooks = makeWebhooks({
    ...{ room, db, seal, changes },
    egress: { loopbackAllowed, timeoutMs: 30_000 },
    onError: cause => errors.push(cause),
    dice: () => 0.5,
  })
  const service = broker.createService(webhooks.service)
  await broker.waitForServices('webhook')
  return { ...webhooks, stop: () => broker.destroyService(service) }
}

type Running = Webhooks & { stop(): Promise<void> }

let count = 0

/** A client with money, known to the client table, with an HMAC secret and an api_key. */
export async function clientOf(stage: Scene, shard = 1, deposit = 500_000) {
  const userId = await stage.user(shard, deposit)
  const keyId = `lk_${process.pid}_${++count}`
  await addClients(stage.db.pool, [
    {
      ...{ userId, username: keyId, name: 'Toko', level: 0, role: 'reseller', upline: null },
      ...{ apiKey: seal.close('the api key', apiKeyPurpose(userId)), memberId: keyId },
      ...{
        pinHash: null,
        passwordHash: null,
        pinSealed: null,
        passwordSealed: null,
        ipAllow: [],
        ratePerMin: 0,
        keyId,
      },
      keySecret: seal.close('the hmac secret', keyPurpose(keyId)),
    },
  ])
  return userId
}

let numbers = 10

export async function buy({ call }: Scene, userId: string, ref: string, callbackUrl?: string) {
  const wish = { userId, level: 0, ref, product: 'XLD10', destination: `0878123400${++numbers}` }
  const answer = await call('order.place', {
    ...wish,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
  })
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok.order
}

export async function hook(
  stage: Scene,
  userId: string,
  url: string,
  shape: 'standard' | 'digiflazz' | 'otomax' = 'standard',
) {
  const answer = await stage.call('webhook.create', { userId, url, shape })
  ok('ok' in answer, JSON.stringify(answer))
  return { id: answer.ok.webhook.id, secret: answer.ok.secret }
}

export const got = (receiver: Receiver, most: number) =>
  until(
    () => receiver.received,
    received => received.length >= most,
  )

export async function log(stage: Scene, userId: string): Promise<readonly DeliveryView[]> {
  const answer = await stage.call('webhook.deliveries', { userId, limit: 100 })
  ok('ok' in answer)
  return answer.ok.rows
}

export const settled = (stage: Scene, userId: string, most: number) =>
  until(
    () => log(stage, userId),
    rows => rows.filter(row => row.status !== 'waiting').length >= most,
  )

/** As the client's own library would: over the raw bytes. */
export function isSigned(one: Received, secret: string | Buffer): boolean {
  const key =
    typeof secret === 'string' ? Buffer.from(secret.replace('whsec_', ''), 'base64') : secret
  const head = `${one.headers['webhook-id']}.${one.headers['webhook-timestamp']}.`
  const right = createHmac('sha256', key).update(head).update(one.body).digest('base64')
  return String(one.headers['webhook-signature']).split(' ').includes(`v1,${right}`)
}

export const typesOf = (received: readonly Received[], ref: string): unknown[] =>
  received
    .map(jsonOf)
    .filter(body => body.data['ref_id'] === ref)
    .map(body => body['type'])
