/**
 * What the handler_api.php protocol needs that the house does not have: who a bare API key is of,
 * and numbers for orders and countries.
 *
 * NDA1. A key is found by a keyed hash; the table of hashes tells nobody a key. A key that was
 *       exchanged is nobody's at once, and the new one is known from its first use.
 * NDA2. Numbers are a client's own: nobody learns from his how many others there are, and another
 *       client's number leads nowhere.
 * NDA3. Once given, a number stays.
 */

import { createHmac } from 'node:crypto'
import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../../sql/database.ts'
import {
  bannedUntil,
  meetApiKeys,
  numbersOfCountries,
  numbersOfOrders,
  orderOfNumber,
  unmetApiKeys,
  usernameOfApiKey,
} from '../../../sql/number/dialect.ts'
import type { DialectActions, DialectCard } from '../../contract/number-dialect.ts'
import { apiKeyPurpose, type Identity } from '../../identity/identity.service.ts'
import type { Seal } from '../../seal.ts'

type DialectDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open' | 'keyFor'>
  readonly identity: Pick<Identity, 'digiflazz'>
}

type Params<A extends keyof DialectActions> = DialectActions[A]['params']

const metAtOnce = 500
const keyLengthMax = 100

export function dialectService({ db: { pool }, seal, identity }: DialectDeps): ServiceSchema {
  const secret = seal.keyFor('handler api keys')
  const hashOf = (apiKey: string): string =>
    createHmac('sha256', secret).update(apiKey).digest('base64url')
  let meeting: Promise<void> | null = null

  /** Everybody whose key is new since the last time; one after the other, whoever asks. */
  async function meet(): Promise<void> {
    for (;;) {
      const unmet = await unmetApiKeys(pool, metAtOnce)
      if (unmet.length === 0) return
      await meetApiKeys(
        pool,
        unmet.map(({ userId, apiKey }) => ({
          ...{ userId, apiKey },
          hash: hashOf(seal.open(apiKey, apiKeyPurpose(userId))),
        })),
      )
      if (unmet.length < metAtOnce) return
    }
  }

  async function card({ apiKey }: Params<'dialect.card'>): Promise<DialectCard | null> {
    if (apiKey.length > keyLengthMax) return null
    const hash = hashOf(apiKey)
    let username = await usernameOfApiKey(pool, hash)
    if (username === null) {
      meeting ??= meet().finally(() => {
        meeting = null
      })
      await meeting
      username = await usernameOfApiKey(pool, hash)
    }
    const found = username === null ? null : await identity.digiflazz(username)
    if (found === null || found.apiKey !== apiKey) return null
    if (found.status === 'active') return found
    return { ...found, bannedUntil: (await bannedUntil(pool, found.userId)) ?? null }
  }

  return {
    name: 'dialect',
    actions: {
      card: (ctx: Context<Params<'dialect.card'>>) => card(ctx.params),
      async numbers(ctx: Context<Params<'dialect.numbers'>>) {
        const { orderIds } = ctx.params
        if (orderIds.length === 0) return []
        const rows = await numbersOfOrders(pool, ctx.params)
        const byId = new Map(rows.map(({ orderId, n }) => [orderId, n]))
        return orderIds.map(orderId => byId.get(orderId))
      },
      order: (ctx: Context<Params<'dialect.order'>>) => orderOfNumber(pool, ctx.params),
      async countries(ctx: Context<Params<'dialect.countries'>>) {
        const { countryIds } = ctx.params
        if (countryIds.length === 0) return []
        const rows = await numbersOfCountries(pool, countryIds)
        const byId = new Map(rows.map(({ country, n }) => [country, n]))
        return countryIds.map(country => byId.get(country))
      },
    },
  }
}
