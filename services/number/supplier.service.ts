/**
 * Suppliers of numbers, kept by staff: made, changed, tried out, and what each has to offer.
 *
 * NSS1. Credentials go in and never come out; without new ones the old stay. What is refused
 *       changes nothing.
 * NSS2. A change names the version that it was made of; of two, one is refused. The kind of a
 *       supplier stays, for its orders are spoken about in that language.
 * NSS3. A change is in use when it is answered.
 * NSS4. Trying out asks for the balance and buys nothing.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { z } from 'zod/v4'
import type { DatabasePool } from '../../sql/database.ts'
import { addNumberSupplier, changeNumberSupplier } from '../../sql/number/suppliers.ts'
import type { NumberSupplierRow } from '../contract/number-supplier.ts'
import type { Actions } from '../contract.ts'
import { refuse } from '../refusal.ts'
import type { Seal } from '../seal.ts'
import type { NumberCatalogue } from './catalogue.ts'
import type { NumberKind } from './supplier/adapter.ts'
import { unitShape } from './supplier/asking.ts'
import {
  credentialsShape,
  type NumberSupplier,
  type NumberSuppliers,
  numberSupplierPurpose,
  termsShape,
} from './suppliers.ts'

type NumberSupplierDeps = {
  readonly db: { readonly pool: DatabasePool }
  readonly seal: Pick<Seal, 'close'>
  readonly suppliers: NumberSuppliers
  readonly catalogue: Pick<NumberCatalogue, 'refresh' | 'standOf'>
  readonly kinds: ReadonlyMap<string, NumberKind>
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

const isAddress = (text: string): boolean => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  return url.username === '' && url.search === '' && url.hash === ''
}

const wishShape = z.object({
  code: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/),
  name: z.string().trim().min(1).max(100),
  baseUrl: z.string().max(300).refine(isAddress),
  unit: z
    .string()
    .regex(unitShape)
    .refine(text => Number(text) > 0),
  credentials: credentialsShape.nullable(),
  terms: termsShape,
  reason: z.string().trim().min(1).max(300),
})

export function numberSupplierService(deps: NumberSupplierDeps): ServiceSchema {
  const { suppliers, catalogue, kinds, seal } = deps
  const { pool } = deps.db

  async function put(params: Params<'numberSupplier.put'>): Result<'numberSupplier.put'> {
    const shaped = wishShape.safeParse(params)
    if (!shaped.success) {
      const at = shaped.error.issues[0]!.path.join('.')
      return refuse('FIELDS_INVALID', { field: at })
    }
    const kind = kinds.get(params.kind)
    if (kind === undefined) return refuse('FIELDS_INVALID', { field: 'kind' })
    const { credentials, ...wish } = shaped.data
    const lacks = kind.card.credentials.some(name => credentials?.[name] === undefined)
    if (credentials !== null && lacks) return refuse('FIELDS_INVALID', { field: 'credentials' })
    const before = suppliers.get(wish.code)
    if (params.version === 0 && before !== undefined) return refuse('ALREADY_EXISTS')
    if (params.version > 0 && before === undefined) return refuse('NOT_FOUND')
    if (before === undefined && credentials === null) {
      return refuse('FIELDS_INVALID', { field: 'credentials' })
    }
    if (before !== undefined && before.row.kind !== params.kind) {
      return refuse('FIELDS_INVALID', { field: 'kind' })
    }
    const sealed =
      credentials === null
        ? before!.row.credentials
        : seal.close(JSON.stringify(credentials), numberSupplierPurpose(wish.code))
    const row = {
      ...{ ...wish, kind: params.kind, active: params.active, credentials: sealed },
      ...{ version: params.version, changedBy: params.by },
    }
    const version = await (params.version === 0
      ? addNumberSupplier(pool, row)
      : changeNumberSupplier(pool, row))
    if (version === null) return refuse('STALE_VERSION')
    await suppliers.renew()
    return { ok: { version } }
  }

  async function test({ code }: Params<'numberSupplier.test'>): Result<'numberSupplier.test'> {
    const adapter = suppliers.adapterOf(code)
    if (adapter === undefined) return refuse('NOT_FOUND')
    const startedAt = performance.now()
    const balance = await adapter.balance()
    return { ok: { balance, ms: Math.round(performance.now() - startedAt) } }
  }

  async function refresh(
    params: Params<'numberSupplier.refresh'>,
  ): Result<'numberSupplier.refresh'> {
    if (suppliers.adapterOf(params.code) === undefined) return refuse('NOT_FOUND')
    await catalogue.refresh(params.code)
    const { offers, refreshedAt } = catalogue.standOf(params.code)
    return { ok: { offers, refreshedAt } }
  }

  function shown({ row, terms, problem }: NumberSupplier): NumberSupplierRow {
    const { credentials: _, terms: __, ...plain } = row
    const { offers, refreshedAt, isStale, balance } = catalogue.standOf(row.code)
    return { ...plain, terms, offers, refreshedAt, stale: isStale, balance, problem }
  }

  return {
    name: 'numberSupplier',
    actions: {
      list: async (): Result<'numberSupplier.list'> => ({
        ok: {
          suppliers: suppliers.all().map(shown),
          kinds: [...kinds.values()].map(({ card }) => {
            const { cancelAfterMs, lifeMs, pollMs, resends } = card
            return {
              ...{ kind: card.name, credentials: card.credentials, finds: card.finds },
              terms: { cancelAfterMs, lifeMs, pollMs, resends },
            }
          }),
        },
      }),
      put: (ctx: Context<Params<'numberSupplier.put'>>) => put(ctx.params),
      test: (ctx: Context<Params<'numberSupplier.test'>>) => test(ctx.params),
      refresh: (ctx: Context<Params<'numberSupplier.refresh'>>) => refresh(ctx.params),
    },
  }
}
