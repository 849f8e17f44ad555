/**
 * What people did at the desk, and who tried to log in: rows that are only added, each carrying the
 * hash of the one before it.
 *
 *   done or refused ─▶ audit.add ─▶ durable row ─▶ the answer leaves
 *
 * DKA1. An action is written down before its answer leaves.
 * DKA2. A row that is altered, taken out or put in breaks the chain, and the first such row is
 *       named.
 * DKA3. Secrets stay out: what is called a password, secret, token, PIN or account number is left
 *       blank, wherever it stands in the details.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import { addAudits, type NewAudit, readAudit, verifyAudit } from '../../sql/desk/audit.ts'
import type { DeskActions } from '../contract/desk.ts'
import { faulted } from '../faults.ts'
import { Gathering } from '../gathering.ts'
import { askDatabase } from '../identity/identity.service.ts'

type Params<A extends keyof DeskActions> = DeskActions[A]['params']
type Result<A extends keyof DeskActions> = Promise<DeskActions[A]['result']>

const depthMax = 6
const textMax = 500
const itemsMax = 100
const batchMax = 200
const waitingMax = 10_000
const secretNames = /passw|secret|token|pin$|^pin|api_?key|account_?number|credential/i

export function auditService({ db }: { readonly db: Pick<Database, 'pool'> }): ServiceSchema {
  const { pool } = db
  // The log is a chain with one end: whoever writes holds up everybody else until he is durable.
  const pen = new Gathering({
    carryOut: (entries: readonly NewAudit[]) => addAudits(pool, entries),
    batchMax,
    waitingMax,
  })
  async function add({ params }: Context<Params<'audit.add'>>): Result<'audit.add'> {
    const { actor, action, subject, outcome, details } = params
    const entry = {
      ...{ actor: actor.userId, actorName: actor.name.slice(0, textMax), role: actor.role },
      ...{ action, subject: subject.slice(0, textMax), outcome },
      ...{ details: blanked(details) as Record<string, unknown> },
      ...{ address: actor.address, requestId: actor.requestId },
    }
    return { ok: { id: await askDatabase(() => pen.carry(entry)) } }
  }

  async function list({ params }: Context<Params<'audit.list'>>): Result<'audit.list'> {
    const { actor, action, subject, from, to, before, limit } = params
    const rows = await readAudit(pool, {
      ...{ actor: actor ?? null, action: action ?? null, subject: subject ?? null },
      ...{ fromMs: from ?? null, toMs: to ?? null, before: before ?? null, limit },
    })
    const views = rows.map(({ atMs, ...row }) => ({ ...row, at: Math.round(atMs) }))
    return { ok: { rows: views, next: rows.length < limit ? null : rows.at(-1)!.id } }
  }

  return {
    name: 'audit',
    actions: {
      add: (ctx: Context<Params<'audit.add'>>) => add(ctx).catch(faulted),
      list: (ctx: Context<Params<'audit.list'>>) => list(ctx).catch(faulted),
      verify: (): Result<'audit.verify'> => verifyAudit(pool).then(ok => ({ ok }), faulted),
    },
  } as ServiceSchema
}

/** The same without what nobody may read later, and without what has no end. */
export function blanked(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value.slice(0, textMax)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= depthMax) return '…'
  if (Array.isArray(value)) return value.slice(0, itemsMax).map(one => blanked(one, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, itemsMax)
      .map(([name, one]) => [name, secretNames.test(name) ? '***' : blanked(one, depth + 1)]),
  )
}
