/**
 * Money coming in, as the rest of the system sees it: tickets for clients, the bank's word from
 * Moota and from files, and the desk of whoever looks after the cash.
 *
 * MNE1. A ticket is base and a unique code: no two that are open or resting have one amount on one
 *       account, and when all 999 are taken it is refused.
 * MNE2. The same wish again gives the ticket that is open; a client has three of them at most.
 * MNE3. A delivery is stored before it is answered, and understood afterwards.
 * MNE4. Money that a person brings in above the day's limit needs another person, whichever way he
 *       takes: a manual deposit, a bank line of his own that pays a ticket, a row he gives away.
 * MNE5. Nobody brings money into a wallet of his own, nor agrees to it; he may reject it.
 * MNE6. A bank line that a person pasted and that pays himself waits for another person, whatever
 *       its size; that he pasted it is nobody's second word.
 * MNE7. One number of a bank, however it is written, is one account's: what comes in there pays the
 *       tickets of that account.
 */

import { randomInt } from 'node:crypto'
import type { Context, ServiceBroker, ServiceSchema } from 'moleculer'
import { makeId, shardOf } from '../../engine/ids.ts'
import { blanked } from '../../sql/copy.ts'
import type { Database } from '../../sql/database.ts'
import {
  type BankMutationRow,
  decideBankMutation,
  judgeBankMutation,
  knownBankRows,
  readBankMutation,
  readBankMutations,
  storeDelivery,
} from '../../sql/money/bank-mutations.ts'
import {
  type BankAccountRow,
  cancelTicket,
  changeMoneyRules,
  putBankAccount,
  putBankFeed,
  readBankAccounts,
  readBankFeed,
  readMoneyRules,
  readTicket,
  readTickets,
  type TicketRow,
  takeTicket,
} from '../../sql/money/deposits.ts'
import {
  askManual,
  judgeManual,
  type ManualRow,
  readManual,
  readManuals,
} from '../../sql/money/manual-moves.ts'
import { type ClientRow, clientByMemberId, clientByUsername } from '../../sql/people/clients.ts'
import type { BankMutationView, ManualDepositView, TicketView } from '../contract/deposit.ts'
import type { Actions } from '../contract.ts'
import { dayOf } from '../day.ts'
import { freshKey } from '../fresh-key.ts'
import { refuse } from '../refusal.ts'
import type { Seal } from '../seal.ts'
import { aloneNow, Bank, type Deposit } from './bank.ts'
import { readBankRow, readCsv } from './bank-row.ts'
import {
  isGenuine,
  listMutations,
  mootaSecretPurpose,
  mootaTokenPurpose,
  storableBody,
} from './moota.ts'

type DepositDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly seal: Pick<Seal, 'open' | 'close'>
  readonly isOwner: () => boolean
  readonly now?: () => number
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>
type Serve<A extends keyof Actions> = (ctx: Context<Params<A>>) => Result<A>

const openTicketsMax = 3
const hourMs = 60 * 60_000
const beatMs = 10_000
const pollDays = 3
const importRowsMax = 5_000

export function depositService(deps: DepositDeps): ServiceSchema {
  const { db, seal, isOwner, now = Date.now } = deps
  const { pool } = db
  let deposit: Deposit = () => Promise.reject(new Error('the service has not started'))
  const bank = new Bank({ db, now, isOwner, deposit: wish => deposit(wish) })
  let timer: NodeJS.Timeout | undefined
  let polledAt = 0

  const ticket: Serve<'deposit.ticket'> = async ({
    params: { userId, amount, account, bank: named },
  }) => {
    const rules = await readMoneyRules(pool)
    if (amount < rules.ticketMin || amount > rules.ticketMax) {
      return refuse('AMOUNT_INVALID', { min: rules.ticketMin, max: rules.ticketMax })
    }
    const places = (await readBankAccounts(pool)).filter(
      place =>
        place.active &&
        (account === undefined || place.code === account) &&
        (named === undefined || isNamed(place, named)),
    )
    if (places.length === 0) return refuse('BANK_ACCOUNT_UNKNOWN')
    const nowMs = now()
    for (const place of places) {
      const taken = await takeTicket(pool, {
        id: makeId(nowMs, shardOf(userId), freshKey()),
        userId,
        account: place.code,
        base: amount,
        start: randomInt(999),
        nowMs,
        expiresMs: nowMs + rules.ticketHours * hourMs,
        coolMs: rules.coolHours * hourMs,
        openMax: openTicketsMax,
      })
      if (taken === 'too_many') return refuse('TICKET_LIMIT', { max: openTicketsMax })
      if (taken !== 'exhausted') return { ok: ticketView(taken) }
    }
    return refuse('TICKET_EXHAUSTED')
  }

  const tickets: Serve<'deposit.tickets'> = async ({ params: { userId, limit, before } }) => {
    const asked = { userId, before: before ?? null, limit: limit + 1, nowMs: now() }
    const rows = await readTickets(pool, asked)
    const shown = rows.slice(0, limit)
    return {
      ok: {
        rows: shown.map(ticketView),
        next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
      },
    }
  }

  const get: Serve<'deposit.get'> = async ({ params: { userId, id } }) => {
    const row = await readTicket(pool, { userId, id, nowMs: now() })
    return row === null ? refuse('NOT_FOUND') : { ok: ticketView(row) }
  }

  const cancel: Serve<'deposit.cancel'> = async ({ params: { userId, id } }) => {
    const nowMs = now()
    const isDone = await cancelTicket(pool, { userId, id, nowMs })
    const row = await readTicket(pool, { userId, id, nowMs })
    if (row === null) return refuse('NOT_FOUND')
    return isDone || row.status === 'cancelled' ? { ok: ticketView(row) } : refuse('TICKET_CLOSED')
  }

  const moota: Serve<'deposit.moota'> = async ({ params: { signature, body: encoded } }) => {
    const feed = await readBankFeed(pool, 'moota')
    if (feed === null || !feed.active || feed.webhookSecret === null) return { verdict: 'unknown' }
    const body = Buffer.from(encoded, 'base64')
    const secret = seal.open(feed.webhookSecret, mootaSecretPurpose)
    if (!isGenuine(body, signature, secret)) return { verdict: 'forged' }
    await storeDelivery(pool, { feed: 'moota', body: storableBody(body), nowMs: now() })
    work()
    return { verdict: 'accepted' }
  }

  const importRows: Serve<'deposit.import'> = async ({ params: { account, csv, dryRun, by } }) => {
    const place = (await readBankAccounts(pool)).find(one => one.code === account)
    if (place === undefined) return refuse('BANK_ACCOUNT_UNKNOWN')
    const rows = readCsv(csv, await bank.seen('import'), place.number)
    if (rows === null || rows.length > importRowsMax) return refuse('STATEMENT_UNREADABLE')
    const known = await knownBankRows(pool, rows)
    const isKnown = (row: (typeof rows)[number]) =>
      [row.content, ...row.formerly].some(one => known.has(one)) ||
      (row.bankRef !== null && known.has(row.bankRef))
    const fresh = rows.filter(row => !isKnown(row))
    const added = dryRun ? 0 : await bank.take(rows, by)
    return {
      ok: {
        rows: rows.length,
        known: rows.length - fresh.length,
        added,
        suspect: fresh
          .filter(row => row.reason !== null)
          .slice(0, 100)
          .map(({ description, toldAmount, reason }) => ({
            description,
            amount: toldAmount,
            reason: reason ?? '',
          })),
      },
    }
  }

  const mutations: Serve<'deposit.mutations'> = async ({ params: { status, limit, before } }) => {
    const asked = { status, before: before ?? Number.MAX_SAFE_INTEGER, limit: limit + 1 }
    const rows = await readBankMutations(pool, asked)
    const shown = rows.slice(0, limit)
    return {
      ok: {
        rows: shown.map(mutationView),
        next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
      },
    }
  }

  const assign: Serve<'deposit.assign'> = async ({ params: { id, to, by, why } }) => {
    const row = await readBankMutation(pool, id)
    if (row === null) return refuse('NOT_FOUND')
    if (row.amount === null || row.direction === 'out') return refuse('AMOUNT_INVALID')
    const client = await clientNamed(to)
    if (client === null || client.status === 'closed') return refuse('CLIENT_UNKNOWN')
    if (client.userId === by) return refuse('OWN_ACCOUNT')
    const alone = await aloneNow(pool, now())
    const verdict = { status: 'assigned', userId: client.userId, by, why: blanked(why) } as const
    if (!(await decideBankMutation(pool, id, { ...verdict, ...alone }))) {
      return refuse('MUTATION_DECIDED', { status: row.status })
    }
    await bank.work()
    return { ok: mutationView((await readBankMutation(pool, id))!) }
  }

  const giveBack: Serve<'deposit.return'> = async ({ params: { id, by, why } }) => {
    const alone = await aloneNow(pool, now())
    const verdict = { status: 'returned', userId: null, by, why: blanked(why) } as const
    const isDone = await decideBankMutation(pool, id, { ...verdict, ...alone })
    const row = await readBankMutation(pool, id)
    if (row === null) return refuse('NOT_FOUND')
    return isDone ? { ok: mutationView(row) } : refuse('MUTATION_DECIDED', { status: row.status })
  }

  const judgeMutation: Serve<'deposit.judgeMutation'> = async ({ params: { id, verdict, by } }) => {
    const row = await readBankMutation(pool, id)
    if (row === null) return refuse('NOT_FOUND')
    if (row.status !== 'waiting') return refuse('MUTATION_DECIDED', { status: row.status })
    if (row.decidedBy === by && verdict === 'approved') return refuse('SECOND_PERSON_NEEDED')
    if (row.userId === by && verdict === 'approved') return refuse('OWN_ACCOUNT')
    const judged = await judgeBankMutation(pool, id, { status: verdict, by, nowMs: now() })
    await bank.work()
    const after = (await readBankMutation(pool, id)) ?? row
    return judged === null
      ? refuse('MUTATION_DECIDED', { status: after.status })
      : { ok: mutationView(after) }
  }

  const manual: Serve<'deposit.manual'> = async ({ params: { to, amount, ref, note, by } }) => {
    const client = await clientNamed(to)
    if (client === null || client.status === 'closed') return refuse('CLIENT_UNKNOWN')
    const { userId } = client
    if (userId === by) return refuse('OWN_ACCOUNT')
    const alone = await aloneNow(pool, now())
    const row = await askManual(pool, {
      kind: 'wallet',
      id: makeId(alone.nowMs, shardOf(userId), freshKey()),
      ...{ ref, userId, amount, note: blanked(note), askedBy: by, ...alone },
    })
    if (row.userId !== userId || row.amount !== amount) return refuse('DUPLICATE_REF')
    return await paidManual(row)
  }

  const judge: Serve<'deposit.judge'> = async ({ params: { id, verdict, by } }) => {
    const row = await readManual(pool, { kind: 'wallet', id })
    if (row === null) return refuse('NOT_FOUND')
    if (row.askedBy === by && verdict === 'approved') return refuse('SECOND_PERSON_NEEDED')
    if (row.userId === by && verdict === 'approved') return refuse('OWN_ACCOUNT')
    const judged = await judgeManual(pool, id, { status: verdict, by, nowMs: now() })
    // Somebody may have been faster, and of the same mind.
    const after = judged ?? (await readManual(pool, { kind: 'wallet', id })) ?? row
    if (judged === null && after.status !== verdict && after.status !== 'paid') {
      return refuse('MUTATION_DECIDED', { status: after.status })
    }
    return await paidManual(after)
  }

  const manuals: Serve<'deposit.manuals'> = async ({ params: { status, before, limit } }) => {
    const found = await readManuals(pool, { kind: 'wallet', status, before, limit: limit + 1 })
    const rows = found.slice(0, limit).map(manualView)
    return { ok: { rows, next: found.length > limit ? (rows.at(-1)?.id ?? null) : null } }
  }

  const accounts: Serve<'deposit.accounts'> = async () => ({
    ok: { rows: await readBankAccounts(pool) },
  })

  const putAccount: Serve<'deposit.putAccount'> = async ({ params }) => {
    return (await putBankAccount(pool, params)) ? { ok: null } : refuse('ALREADY_EXISTS')
  }

  const putFeed: Serve<'deposit.putFeed'> = async ({ params }) => {
    const { baseUrl, token, webhookSecret, pollMinutes, active } = params
    const before = await readBankFeed(pool, 'moota')
    await putBankFeed(pool, {
      code: 'moota',
      baseUrl,
      token: token === undefined ? (before?.token ?? null) : seal.close(token, mootaTokenPurpose),
      webhookSecret:
        webhookSecret === undefined
          ? (before?.webhookSecret ?? null)
          : seal.close(webhookSecret, mootaSecretPurpose),
      pollMinutes,
      active,
    })
    polledAt = 0
    look()
    return { ok: null }
  }

  const rules: Serve<'deposit.rules'> = async ({ params }) => ({
    ok: await changeMoneyRules(pool, params),
  })

  async function clientNamed(name: string): Promise<ClientRow | null> {
    return (await clientByUsername(pool, name)) ?? (await clientByMemberId(pool, name))
  }

  async function paidManual(row: ManualRow) {
    if (row.status === 'approved') await bank.work()
    return { ok: manualView((await readManual(pool, { kind: 'wallet', id: row.id })) ?? row) }
  }

  function work(): void {
    // What fails now is gone on with at the next beat.
    bank.work().catch(() => {})
  }

  function look(): void {
    poll().catch(() => {})
  }

  async function poll(): Promise<void> {
    if (!isOwner()) return
    const feed = await readBankFeed(pool, 'moota')
    if (feed === null || !feed.active || feed.token === null) return
    if (now() - polledAt < feed.pollMinutes * 60_000) return
    polledAt = now()
    const rows = await listMutations({
      baseUrl: feed.baseUrl,
      token: seal.open(feed.token, mootaTokenPurpose),
      from: dayOf(now() - pollDays * 24 * hourMs),
      to: dayOf(now() + 24 * hourMs),
    })
    const seen = await bank.seen('poll')
    await bank.take(rows.map(row => readBankRow(row, seen)))
  }

  return {
    name: 'deposit',
    actions: {
      ...{ ticket, tickets, get, cancel, moota, import: importRows, mutations, assign },
      ...{
        return: giveBack,
        judgeMutation,
        manual,
        judge,
        manuals,
        accounts,
        putAccount,
        putFeed,
        rules,
      },
    },
    async started(this: { broker: ServiceBroker }) {
      const { broker } = this
      deposit = wish => broker.call('wallet.deposit', wish)
      timer = setInterval(() => {
        work()
        look()
      }, beatMs).unref()
    },
    async stopped() {
      clearInterval(timer)
      await bank.stop()
    },
  } as ServiceSchema
}

const isNamed = ({ bank, code }: BankAccountRow, name: string): boolean =>
  [bank, code].some(one => one.toLowerCase() === name.trim().toLowerCase())

const ticketView = (row: TicketRow): TicketView => ({
  id: row.id,
  base: row.base,
  code: row.amount - row.base,
  amount: row.amount,
  status: row.status === 'matched' ? 'open' : row.status,
  bank: { code: row.account, name: row.bank, number: row.number, holder: row.holder },
  createdAt: Math.round(row.createdMs),
  expiresAt: Math.round(row.expiresMs),
})

const mutationView = ({ seenMs, ...row }: BankMutationRow): BankMutationView => ({
  ...row,
  seenAt: Math.round(seenMs),
})

const manualView = (row: ManualRow): ManualDepositView => ({
  id: row.id,
  ref: row.ref,
  userId: row.userId ?? '',
  amount: row.amount,
  note: row.note,
  status: row.status,
  askedBy: row.askedBy,
  secondBy: row.secondBy,
  transferId: row.transferId,
  askedAt: Math.round(row.askedMs),
})
