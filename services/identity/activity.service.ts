/**
 * What people did, line by line, for them to be answered and for a lawful question to the house.
 *
 * PED1. A line says who, what, when and from about where; a note that is too large is cut down to
 *       what it is about, never refused, for what it tells of has happened.
 * PED2. Newest first, in pages.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import { listActivity, noteActivity } from '../../sql/people/activity.ts'
import type { ActivityActions } from '../contract/people.ts'
import type { Millis } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import { refuse } from '../refusal.ts'

type ActivityDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly now: () => Millis
}

type Params<A extends keyof ActivityActions> = Actions[A]['params']
type Result<A extends keyof ActivityActions> = Promise<Actions[A]['result']>

const detailsLengthMax = 2_000
const whatLengthMax = 60
const addressLengthMax = 60
const idShape = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export function activityService({ db, now }: ActivityDeps): ServiceSchema {
  const { pool } = db

  async function note(params: Params<'activity.note'>): Result<'activity.note'> {
    const { userId, what, address, details = {} } = params
    if (!idShape.test(userId)) return refuse('NOT_FOUND')
    const isLarge = JSON.stringify(details).length > detailsLengthMax
    await noteActivity(pool, {
      ...{ userId, what: what.slice(0, whatLengthMax), nowMs: now() },
      address: address.slice(0, addressLengthMax),
      details: isLarge ? { cut: true } : details,
    })
    return { ok: null }
  }

  async function list(params: Params<'activity.list'>): Result<'activity.list'> {
    const { userId = null, what = null, before = null, limit } = params
    if (userId !== null && !idShape.test(userId)) return refuse('NOT_FOUND')
    const found = await listActivity(pool, { userId, what, before, limit: limit + 1 })
    const rows = found.slice(0, limit).map(({ atMs, ...row }) => ({ ...row, at: Math.round(atMs) }))
    return { ok: { rows, next: found.length > limit ? rows.at(-1)!.id : null } }
  }

  return {
    name: 'activity',
    actions: {
      note: (ctx: Context<Params<'activity.note'>>) => note(ctx.params),
      list: (ctx: Context<Params<'activity.list'>>) => list(ctx.params),
    },
  } as ServiceSchema
}
