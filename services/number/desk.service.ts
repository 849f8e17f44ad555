/**
 * The number line as its staff sees it: what was sold, who buys, how each order went.
 *
 * MUE1. A code is in no answer but that of `reveal`: lists and files say that one came, and when.
 * MUE2. Days are those of Jakarta; the week is today and the six days before.
 * MUE3. Only those who buy are users here: staff and merchants can neither be found nor changed.
 * MUE4. What is earned is the sum of what the line noted for each fact: a code sold, a refund after
 *       it, a late cost. It is never computed again from prices of today.
 * MUE5. An export holds all that is kept about one user up to a bound, names what goes beyond it,
 *       and holds what messages say only if it is asked for them.
 * MUE6. A supplier is measured by what became of its orders: no rate is told of fewer than twenty
 *       numbers.
 */

import type { Context, ServiceSchema } from 'moleculer'
import { isId } from '../../engine/ids.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  type DeskOrderRow,
  depositsByDay,
  findMoney,
  findNumbers,
  numberEarnings,
  numberFile,
  numberTimeline,
  openNumbers,
  ordersByDay,
  type ProfitSum,
  sumProfit,
  supplierWeeks,
} from '../../sql/number/desk.ts'
import { type ExportPart, type ExportRow, exportRows } from '../../sql/number/export.ts'
import {
  countUsers,
  findUsers,
  type NumberUserRow,
  newcomersByDay,
  totalsOf,
  userById,
} from '../../sql/number/people.ts'
import type { Answer } from '../contract/answer.ts'
import type { ActivationStatus } from '../contract/number.ts'
import type {
  NumberDay,
  NumberFigures,
  NumberOrderRow,
  NumberUser,
  SupplierWeek,
} from '../contract/number-admin.ts'
import type { MoneyEffect } from '../contract/words.ts'
import type { Actions, Call } from '../contract.ts'
import { dayOf, dayStart } from '../day.ts'
import { refuse, sure, Told } from '../refusal.ts'
import type { LineSettings } from './line-settings.ts'
import type { Vault } from './vault.ts'

type NumberDeskDeps = {
  readonly db: { readonly pool: DatabasePool }
  readonly settings: LineSettings
  readonly vault: Pick<Vault, 'keyOf'>
  readonly call: Call
  readonly now: () => number
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

const dayMs = 86_400_000
const weekDays = 7
const stepsMax = 200
const profitRowsMax = 500
const newestMax = 10
const exportMax = 5_000
const mutationsPage = 100
const rateLeast = 20

export function numberDeskService(deps: NumberDeskDeps): ServiceSchema {
  const { settings, vault, call, now } = deps
  const { pool } = deps.db

  async function stats(): Result<'numberDesk.stats'> {
    const asOf = now()
    const today = dayOf(asOf)
    const from = dayStart(today) - (weekDays - 1) * dayMs
    const [orders, paid, newcomers, earned, users, open] = await Promise.all([
      ordersByDay(pool, from),
      depositsByDay(pool, from),
      newcomersByDay(pool, from),
      sumProfit(pool, { fromMs: from, toMs: asOf + dayMs, by: 'day', limit: weekDays + 1 }),
      countUsers(pool),
      openNumbers(pool),
    ])
    const within = (isOf: (day: string) => boolean): NumberFigures => {
      const placed = orders.filter(one => isOf(one.day))
      const cash = paid.filter(one => isOf(one.day))
      const sold = earned.filter(one => isOf(one.key))
      const byStatus: Partial<Record<ActivationStatus, number>> = {}
      for (const { status, orders: n } of placed) {
        const key = status as ActivationStatus
        byStatus[key] = (byStatus[key] ?? 0) + n
      }
      return {
        newUsers: sum([...newcomers].filter(([day]) => isOf(day)).map(([, n]) => n)),
        orders: sum(placed.map(one => one.orders)),
        byStatus,
        codes: sum(placed.map(one => one.codes)),
        refunds: sum(placed.map(one => one.refunds)),
        refunded: sum(placed.map(one => one.refunded)),
        deposits: sum(cash.map(one => one.n)),
        deposited: sum(cash.map(one => one.amount)),
        selling: sum(sold.map(one => one.selling)),
        base: sum(sold.map(one => one.base)),
        profit: sum(sold.map(one => one.profit)),
      }
    }
    const days: NumberDay[] = Array.from({ length: weekDays }, (_, n) => {
      const day = dayOf(from + n * dayMs)
      const { orders, codes, refunds, selling, profit, deposited } = within(one => one === day)
      return { day, orders, codes, refunds, selling, profit, deposited }
    })
    return {
      ok: {
        ...{ countedAt: asOf, users, open, days },
        today: within(day => day === today),
        week: within(() => true),
      },
    }
  }

  async function profit(params: Params<'numberDesk.profit'>): Result<'numberDesk.profit'> {
    const { from, to, by } = params
    const rows = await sumProfit(pool, { fromMs: from, toMs: to, by, limit: profitRowsMax })
    const total = (key: Exclude<keyof ProfitSum, 'key'>) => sum(rows.map(row => row[key]))
    return {
      ok: {
        rows,
        total: {
          ...{ key: '', sold: total('sold'), refunded: total('refunded') },
          ...{ lateCosts: total('lateCosts'), selling: total('selling'), base: total('base') },
          ...{ fee: total('fee'), profit: total('profit') },
        },
      },
    }
  }

  async function transactions(
    params: Params<'numberDesk.transactions'>,
  ): Result<'numberDesk.transactions'> {
    const { userId, kind, from, to, cursor, limit } = params
    if (userId !== undefined && !isId(userId)) return refuse('CLIENT_UNKNOWN')
    const before = cursor === undefined ? null : placeIn(cursor)
    if (before === undefined) return refuse('NOT_FOUND')
    const found = await findMoney(pool, {
      ...{ userId: userId ?? null, kind: kind ?? null, fromMs: from, toMs: to },
      ...{ before, limit: limit + 1 },
    })
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      ok: {
        rows: page.map(({ atMs, ...row }) => ({
          ...row,
          direction: row.kind === 'sold' ? 'out' : 'in',
          at: Math.round(atMs),
        })),
        next: found.length > limit ? `${last!.atMs}_${last!.id}` : null,
      },
    }
  }

  async function users(params: Params<'numberDesk.users'>): Result<'numberDesk.users'> {
    const { q, status, role, banned, cursor, limit } = params
    if (cursor !== undefined && !isId(cursor)) return refuse('NOT_FOUND')
    const found = await findUsers(pool, {
      ...{ q: q ?? null, status: status ?? null, role: role ?? null, banned: banned ?? null },
      ...{ before: cursor ?? null, limit: limit + 1 },
    })
    const rows = found.slice(0, limit).map(shown)
    return { ok: { rows, next: found.length > limit ? rows.at(-1)!.userId : null } }
  }

  async function user({ userId }: Params<'numberDesk.user'>): Result<'numberDesk.user'> {
    const row = isId(userId) ? await userById(pool, userId) : null
    if (row === null) return refuse('CLIENT_UNKNOWN')
    const [money, mutations, activity, totals, newest] = await Promise.all([
      call('wallet.balance', { userId }).then(sure),
      call('wallet.mutations', { userId, limit: newestMax }).then(sure),
      call('activity.list', { userId, limit: 2 * newestMax }).then(sure),
      totalsOf(pool, userId),
      findNumbers(pool, { ...everything, userId, limit: newestMax }),
    ])
    return {
      ok: {
        ...{ user: shown(row), money, totals, orders: newest.map(orderOf) },
        ...{ mutations: mutations.rows, activity: activity.rows },
      },
    }
  }

  /** Does to a buyer what may be done to any client, and says how he stands then. */
  async function done(
    userId: string,
    work: (username: string) => Promise<Answer<unknown>>,
  ): Promise<Answer<NumberUser>> {
    const row = isId(userId) ? await userById(pool, userId) : null
    if (row === null) return refuse('CLIENT_UNKNOWN')
    sure(await work(row.username))
    return { ok: shown((await userById(pool, userId))!) }
  }

  const change = ({ userId, ...wish }: Params<'numberDesk.change'>) =>
    done(userId, username => call('clients.change', { username, ...wish }))

  const status = ({ userId, ...wish }: Params<'numberDesk.status'>) =>
    done(userId, username => call('clients.status', { username, ...wish }))

  const ban = ({ userId, ...wish }: Params<'numberDesk.ban'>) =>
    done(userId, () => call('clients.ban', { userId, ...wish }))

  const unban = ({ userId, ...wish }: Params<'numberDesk.unban'>) =>
    done(userId, () => call('clients.unban', { userId, ...wish }))

  async function orders(params: Params<'numberDesk.orders'>): Result<'numberDesk.orders'> {
    const { cursor, limit, number, from, to, ...rest } = params
    if (cursor !== undefined && !isId(cursor)) return refuse('NOT_FOUND')
    if (params.userId !== undefined && !isId(params.userId)) return refuse('CLIENT_UNKNOWN')
    const found = await findNumbers(pool, {
      ...{ ...everything, ...rest, ending: number ?? null },
      ...{ fromMs: from ?? null, toMs: to ?? null, before: cursor ?? null, limit: limit + 1 },
    })
    const rows = found.slice(0, limit).map(orderOf)
    return { ok: { rows, next: found.length > limit ? rows.at(-1)!.orderId : null } }
  }

  async function order({ orderId }: Params<'numberDesk.order'>): Result<'numberDesk.order'> {
    const row = isId(orderId) ? await numberFile(pool, orderId) : null
    if (row === null) return refuse('NOT_FOUND')
    const [steps, earned] = await Promise.all([
      numberTimeline(pool, { orderId, limit: stepsMax }),
      numberEarnings(pool, orderId),
    ])
    return {
      ok: {
        order: {
          ...{ ...orderOf(row), phase: row.phase, theirId: row.theirId },
          ...{ boughtAt: whole(row.boughtMs), diesAt: whole(row.diesMs) },
          waitEndsAt: Math.round(row.waitUntilMs),
        },
        messages: row.messages.map(({ at, code, late }) => ({ at, isCode: code, late })),
        timeline: steps.map(({ atMs, ...step }) => ({ ...step, at: Math.round(atMs) })),
        profit: earned.map(({ atMs, ...one }) => ({ ...one, at: Math.round(atMs) })),
      },
    }
  }

  async function reveal({ orderId }: Params<'numberDesk.reveal'>): Result<'numberDesk.reveal'> {
    const row = isId(orderId) ? await numberFile(pool, orderId) : null
    if (row === null) return refuse('NOT_FOUND')
    const lock = await vault.keyOf(orderId)
    return {
      ok: {
        messages: row.messages.map(({ sealed, at, late }) => {
          const { text, code } = lock?.open(sealed) ?? { text: null, code: null }
          return { at, text, code, late }
        }),
      },
    }
  }

  async function suppliers(): Result<'numberDesk.suppliers'> {
    const [listed, weeks] = await Promise.all([
      call('numberSupplier.list', {}).then(sure),
      supplierWeeks(pool, now() - weekDays * dayMs),
    ])
    const bySupplier = new Map(weeks.map(({ supplier, ...week }) => [supplier, week]))
    return {
      ok: {
        kinds: listed.kinds,
        suppliers: listed.suppliers.map(one => ({
          ...one,
          week: weekOf(bySupplier.get(one.code)),
        })),
      },
    }
  }

  /** Everything up to a bound, from the newest on. */
  async function mutationsOf(userId: string): Promise<readonly ExportRow[]> {
    const all: ExportRow[] = []
    for (let cursor: string | null = ''; cursor !== null && all.length <= exportMax; ) {
      const asked = { userId, limit: mutationsPage, ...(cursor === '' ? {} : { cursor }) }
      const page: Page = sure(await call('wallet.mutations', asked))
      all.push(...page.rows)
      cursor = page.next
    }
    return all
  }

  async function exported(params: Params<'numberDesk.export'>): Result<'numberDesk.export'> {
    const { userId, withMessages } = params
    const row = isId(userId) ? await userById(pool, userId) : null
    if (row === null) return refuse('CLIENT_UNKNOWN')
    const part = (name: ExportPart) =>
      exportRows(pool, { part: name, userId, limit: exportMax + 1 })
    const whole = {
      sessions: await part('sessions'),
      changes: await part('changes'),
      activity: await part('activity'),
      deposits: await part('deposits'),
      orders: await Promise.all((await part('orders')).map(one => opened(one, withMessages))),
      mutations: await mutationsOf(userId),
    }
    const cut = (rows: readonly ExportRow[]) => rows.slice(0, exportMax)
    const { sessions, changes, activity, deposits, orders, mutations } = whole
    const capped = Object.entries(whole)
      .filter(([, rows]) => rows.length > exportMax)
      .map(([name]) => name)
    return {
      ok: {
        ...{ user: shown(row), madeAt: now(), capped, sessions: cut(sessions) },
        ...{ changes: cut(changes), activity: cut(activity), deposits: cut(deposits) },
        ...{ orders: cut(orders), mutations: cut(mutations) },
      },
    }
  }

  /** An order with what came to it, readable only if that was asked for. */
  async function opened(row: ExportRow, withMessages: boolean): Promise<ExportRow> {
    const sealed = row['messages'] as readonly { sealed: string; at: number; code: boolean }[]
    const lock = withMessages ? await vault.keyOf(String(row['order_id'])) : null
    const messages = sealed.map(one => ({
      ...{ at: one.at, isCode: one.code },
      ...(withMessages ? (lock?.open(one.sealed) ?? { text: null, code: null }) : {}),
    }))
    return { ...row, messages }
  }

  const standing = () => ({
    ok: { version: settings.version(), settings: settings.current() },
  })

  async function set(params: Params<'numberDesk.set'>): Result<'numberDesk.set'> {
    return (await settings.change(params)) ? standing() : refuse('STALE_VERSION')
  }

  const told = (cause: unknown) => {
    if (cause instanceof Told) return cause.answer
    throw cause
  }

  return {
    name: 'numberDesk',
    actions: {
      stats,
      profit: (ctx: Context<Params<'numberDesk.profit'>>) => profit(ctx.params),
      transactions: (ctx: Context<Params<'numberDesk.transactions'>>) => transactions(ctx.params),
      users: (ctx: Context<Params<'numberDesk.users'>>) => users(ctx.params),
      user: (ctx: Context<Params<'numberDesk.user'>>) => user(ctx.params).catch(told),
      change: (ctx: Context<Params<'numberDesk.change'>>) => change(ctx.params).catch(told),
      status: (ctx: Context<Params<'numberDesk.status'>>) => status(ctx.params).catch(told),
      ban: (ctx: Context<Params<'numberDesk.ban'>>) => ban(ctx.params).catch(told),
      unban: (ctx: Context<Params<'numberDesk.unban'>>) => unban(ctx.params).catch(told),
      orders: (ctx: Context<Params<'numberDesk.orders'>>) => orders(ctx.params),
      order: (ctx: Context<Params<'numberDesk.order'>>) => order(ctx.params),
      reveal: (ctx: Context<Params<'numberDesk.reveal'>>) => reveal(ctx.params),
      suppliers: () => suppliers().catch(told),
      export: (ctx: Context<Params<'numberDesk.export'>>) => exported(ctx.params).catch(told),
      settings: standing,
      set: (ctx: Context<Params<'numberDesk.set'>>) => set(ctx.params),
    },
  } as ServiceSchema
}

const everything = {
  ...{ status: null, open: null, late: null, userId: null, supplier: null, service: null },
  ...{ country: null, ending: null, fromMs: null, toMs: null, before: null },
}

type Page = { readonly rows: readonly ExportRow[]; readonly next: string | null }
type Week = Omit<Awaited<ReturnType<typeof supplierWeeks>>[number], 'supplier'>

const noWeek: Week = { orders: 0, bought: 0, codes: 0, errors: 0, codeP50: null, codeP90: null }

function weekOf({ codeP50, codeP90, ...week }: Week = noWeek): SupplierWeek {
  const { bought, codes } = week
  return {
    ...week,
    successRate: bought < rateLeast ? null : Math.round((100 * codes) / bought),
    ...{ codeP50S: whole(codeP50), codeP90S: whole(codeP90) },
  }
}

/** Where a page ended; undefined for what none of ours ever said. */
function placeIn(cursor: string): { atMs: number; id: string } | undefined {
  const [ms = '', id = ''] = cursor.split('_')
  return /^\d{1,15}(?:\.\d{1,6})?$/.test(ms) && isId(id) ? { atMs: Number(ms), id } : undefined
}

const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0)
const whole = (ms: number | null): number | null => (ms === null ? null : Math.round(ms))

function shown(row: NumberUserRow): NumberUser {
  const { banReason, banUntilMs, banBy, bannedMs, createdMs, ...user } = row
  return {
    ...user,
    ban:
      banReason === null
        ? null
        : {
            ...{ reason: banReason, endsAt: whole(banUntilMs), by: banBy! },
            at: Math.round(bannedMs!),
          },
    createdAt: Math.round(createdMs),
  }
}

const orderOf = (row: DeskOrderRow): NumberOrderRow => ({
  ...{ orderId: row.orderId, userId: row.userId, username: row.username, ref: row.ref },
  ...{ status: row.status as ActivationStatus, isOpen: row.isOpen },
  ...{ service: row.service, serviceName: row.serviceName },
  ...{ country: row.country, countryName: row.countryName, operator: row.operator },
  ...{ supplier: row.supplier, number: row.number, price: row.price, cost: row.cost },
  moneyEffect: row.moneyEffect as MoneyEffect,
  ...{ codes: row.codes, late: row.late, resends: row.resends, why: row.why },
  ...{ placedAt: Math.round(row.placedMs), updatedAt: Math.round(row.updatedMs) },
})
