/**
 * What persons and banks moved, row by row, beside the journal: these rows are not folded out of
 * it, but each says how far a movement came, and from each follows the key under which the journal
 * knows it.
 *
 *   row ─▶ words of its key ─▶ transfer in the journal: there? of whom, to whom, how much?
 *   transfer about credit, floats, gateways, between clients ─▶ has a row?
 *
 * Z70. A row that is done has its transfer, one that waits or was refused has none, and what is
 *      there is between the accounts and of the amount that the row says.
 * Z71. What moved a supplier's float, a client's credit, what a gateway owes, or from one client to
 *      another, has one row that says so. Who brought cash into a wallet may also be the command
 *      line, of which there are no rows.
 * Z72. What a client owes is what he was given and has not paid back.
 * Z73. What persons decided about deposits, what they want refunded of rented numbers, and what an
 *      order cost too much is of the user and the amount that the journal says.
 */

import { type Body, type Event, fingerprint, keyOf, type Line, shardOf } from './chain.ts'
import type { Place, Problems } from './problems.ts'
import type { Source } from './source.ts'

type Cell = string | number | boolean | null
/** Where its page goes on, and how it stands; then whatever its table has. */
export type DeskRow = readonly [place: string, status: string, ...rest: Cell[]]

const movedTables = [
  'credit_entry',
  'gateway_payout',
  'manual_deposit',
  'transfer_request',
] as const
type Moved = (typeof movedTables)[number]
type Table = Moved | 'deposit_ticket' | 'bank_mutation'
type Decided = 'deposit_verdict' | 'number_refund' | 'overcharge'

/** `done`: it has moved; `open`: it may have; `none`: it has not. */
type Stand = 'done' | 'open' | 'none'
type Move = {
  readonly shard: number
  readonly key: string
  readonly from: string
  readonly to: string
  readonly amount: number
  readonly stand: Stand
  readonly transferId: Cell
}

const treasury = 0
/** Of what has to have a row, so much is remembered; more is only counted. */
const namesMax = 200_000
const linesMax = 100

const noUuid = '00000000-0000-0000-0000-000000000000'

export class DeskRows {
  readonly #problems: Problems
  readonly #names = new Map<string, Place & { readonly table: Moved }>()
  readonly #counts: Record<Moved, number> = {
    ...{ credit_entry: 0, gateway_payout: 0, manual_deposit: 0, transfer_request: 0 },
  }

  constructor(problems: Problems) {
    this.#problems = problems
  }

  /** Every line, once. */
  read({ shard, seq }: Line, { id, k: kind, e: [first] }: Body): void {
    if (kind !== 'transfer' || first?.type !== 'sent') return
    const table = tableOf(String(first['from']), String(first['to']))
    if (table === null) return
    if (this.#names.size < namesMax) this.#names.set(id, { table, shard, seq, actor: id })
    else this.#counts[table]++
  }

  /** When all shards are read. */
  async finish(source: Source): Promise<void> {
    for (const table of Object.keys(tables) as Table[]) await this.#compareMoves(source, table)
    await this.#compareLines(source)
    for (const table of Object.keys(decisions) as Decided[]) {
      await this.#compareDecisions(source, table)
    }
    for (const { table, ...place } of this.#names.values()) {
      this.#problems.add(`${table}.missing`, place, 'nobody noted that he moved this')
    }
    for (const table of movedTables) {
      const count = this.#counts[table]
      if (count <= 0) continue
      const text = `${count} movements that nobody noted`
      this.#problems.add(`${table}.missing`, { shard: treasury }, text)
    }
  }

  async #compareMoves(source: Source, table: Table): Promise<void> {
    const { asked, first, movesOf } = tables[table]
    for await (const rows of source.deskRows(asked, first)) {
      const moves = rows.flatMap(row => movesOf(row).map(move => ({ row, move })))
      const stories = await source.stories(moves.map(({ move }) => move))
      for (const { row, move } of moves) {
        const told = stories.get(`${move.shard}.${move.key}`)?.[0]
        const text = wrongIn(move, told)
        if (told !== undefined) this.#forget(told.id, table)
        if (text === null) continue
        const place = { shard: move.shard, actor: told?.id ?? row[0] }
        const name = told === undefined ? 'extra' : 'changed'
        this.#problems.add(`${table}.${name}`, place, `${row[0]} is ${row[1]}: ${text}`)
      }
    }
  }

  /** It has its row. */
  #forget(id: string, table: Table): void {
    if (this.#names.delete(id)) return
    if (table !== 'deposit_ticket' && table !== 'bank_mutation') this.#counts[table]--
  }

  async #compareLines(source: Source): Promise<void> {
    for (const [user, used, moved] of await source.creditLines(linesMax)) {
      const text = `owes ${used}, and ${moved} of what he was given is not paid back`
      this.#problems.add('credit_line.changed', { shard: shardOf(user), actor: user }, text)
    }
  }

  async #compareDecisions(source: Source, table: Decided): Promise<void> {
    const { asked, first, idOf, wrongIn: wrong } = decisions[table]
    for await (const rows of source.deskRows(asked, first)) {
      const ids = rows.map(idOf)
      const stories = await source.stories(ids.map(id => ({ shard: shardOf(id), key: keyOf(id) })))
      for (const [n, row] of rows.entries()) {
        const id = ids[n]!
        const place = { shard: shardOf(id), actor: id }
        const story = stories.get(`${place.shard}.${keyOf(id)}`) ?? []
        const text = wrong(
          row,
          story.flatMap(({ e: events }) => events.filter(event => event !== null)),
        )
        if (text === null) continue
        const name = story.length === 0 ? 'extra' : 'changed'
        this.#problems.add(`${table}.${name}`, place, `${row[0]}: ${text}`)
      }
    }
  }
}

/** Who must have noted it; null: it needs no row. */
function tableOf(from: string, to: string): Moved | null {
  const is = (prefix: string): boolean => from.startsWith(prefix) || to.startsWith(prefix)
  if (is('receivable:')) return 'credit_entry'
  if (is('gateway:')) return 'gateway_payout'
  if (is('float:')) return 'manual_deposit'
  return from.startsWith('wallet:') && to.startsWith('wallet:') ? 'transfer_request' : null
}

function wrongIn(move: Move, told: Body | undefined): string | null {
  const { stand, from, to, amount, transferId } = move
  if (told === undefined) return stand === 'done' ? 'the journal has no such transfer' : null
  if (stand === 'none') return `and was moved as ${told.id}`
  const { type, ...sent } = told.e[0] ?? { type: 'nothing' }
  const isSame = sent['from'] === from && sent['to'] === to && sent['amount'] === amount
  if (told.k !== 'transfer' || type !== 'sent' || !isSame) {
    const journal = `${sent['amount']} from ${sent['from']} to ${sent['to']}`
    return `${amount} from ${from} to ${to}, the journal says ${journal}`
  }
  if (stand !== 'done' || transferId === told.id) return null
  return `transfer_id is ${transferId}, the journal says ${told.id}`
}

const standOf = (status: string, done: string, open: readonly string[]): Stand =>
  status === done ? 'done' : open.includes(status) ? 'open' : 'none'

/** Out of the house's cash into a wallet, under the reference that follows from the row. */
const paidIn = (ref: string, user: Cell, amount: Cell): Omit<Move, 'stand' | 'transferId'> => ({
  ...{ shard: treasury, key: fingerprint('deposit', ref) },
  ...{ from: 'cash', to: `wallet:${user}`, amount: Number(amount) },
})

type Moves = {
  readonly asked: string
  readonly first: string | number
  readonly movesOf: (row: DeskRow) => readonly Move[]
}

const tables: Readonly<Record<Table, Moves>> = {
  credit_entry: {
    ...{ asked: 'verify-credits', first: '' },
    movesOf([ref, status, transferId, user, kind, amount]) {
      const [owed, wallet] = [`receivable:${user}`, `wallet:${user}`]
      const here = shardOf(String(user))
      const [shard, from, to] =
        kind === 'given'
          ? [here, owed, wallet]
          : kind === 'wallet'
            ? [here, wallet, owed]
            : [treasury, 'cash', owed]
      const stand = standOf(status, 'done', ['taken'])
      const key = fingerprint('credit', ref)
      return [{ shard, key, from, to, amount: Number(amount), stand, transferId: transferId! }]
    },
  },
  gateway_payout: {
    ...{ asked: 'verify-payouts', first: 0 },
    movesOf([, status, transferId, gateway, ref, amount, fee, feeTransferId]) {
      const stand = standOf(status, 'done', ['taken'])
      const of = (word: string, from: string, rupiah: Cell, id: Cell): Move => ({
        ...{ shard: treasury, key: fingerprint(word, String(gateway), String(ref)) },
        ...{ from, to: `gateway:${gateway}`, amount: Number(rupiah) },
        // What there is nothing of is not moved.
        ...{ stand: Number(rupiah) === 0 ? 'none' : stand, transferId: id },
      })
      return [
        of('gateway-payout', 'cash', amount!, transferId!),
        of('gateway-fee', 'gateway_fee', fee!, feeTransferId!),
      ]
    },
  },
  manual_deposit: {
    ...{ asked: 'verify-manuals', first: noUuid },
    movesOf([id, status, transferId, kind, user, supplier, raises, against, amount]) {
      const more = { stand: standOf(status, 'paid', ['approved']), transferId: transferId! }
      if (kind === 'wallet') return [{ ...paidIn(`manual-${id}`, user!, amount!), ...more }]
      const other = String(against)
      const [from, to] = raises ? [`float:${supplier}`, other] : [other, `float:${supplier}`]
      const key = fingerprint('float', `float-${id}`)
      return [{ shard: treasury, key, from, to, amount: Number(amount), ...more }]
    },
  },
  deposit_ticket: {
    ...{ asked: 'verify-tickets', first: noUuid },
    movesOf([id, status, transferId, user, amount]) {
      const stand = standOf(status, 'paid', ['matched'])
      return [{ ...paidIn(`ticket-${id}`, user!, amount!), stand, transferId: transferId! }]
    },
  },
  bank_mutation: {
    ...{ asked: 'verify-bank-rows', first: 0 },
    movesOf([id, status, transferId, user, amount, ticket, reason]) {
      const stand = standOf(status, 'credited', ['matched', 'assigned'])
      const more = { stand, transferId: transferId! }
      // A row with a reason was given away by a person; else it paid its ticket.
      const isTicket = stand !== 'none' && reason === null && ticket !== null
      const ref = isTicket ? `ticket-${ticket}` : `bank-${id}`
      return [{ ...paidIn(ref, user!, amount!), ...more }]
    },
  },
  transfer_request: {
    ...{ asked: 'verify-sendings', first: `${noUuid} ` },
    movesOf([, status, transferId, user, ref, to, amount]) {
      const stand = standOf(status, 'sent', ['taken'])
      const key = fingerprint('transfer', String(user), String(ref))
      const place = { shard: shardOf(String(user)), key, from: `wallet:${user}` }
      const more = { to: `wallet:${to}`, amount: Number(amount), transferId: transferId! }
      return [{ ...place, ...more, stand }]
    },
  },
}

type Decisions = {
  readonly asked: string
  readonly first: string | number
  readonly idOf: (row: DeskRow) => string
  readonly wrongIn: (row: DeskRow, story: readonly Event[]) => string | null
}

const nowhere = 'the journal has no such thing'

const decisions: Readonly<Record<Decided, Decisions>> = {
  deposit_verdict: {
    ...{ asked: 'verify-verdicts', first: 0 },
    idOf: ([, , intent]) => String(intent),
    wrongIn([, status, , n, user, verdict, amount], story) {
      const find = (type: string) =>
        story.find(event => event.type === type && (n === 0 || event['n'] === n))
      const asked = story.find(({ type }) => type === 'asked')
      const told = n === 0 ? find('created')?.['theirs']?.received : find('suspended')?.['amount']
      if (asked === undefined || told === undefined) return nowhere
      if (asked['user'] !== user) return `user_id is ${user}, the journal says ${asked['user']}`
      if (told !== Number(amount)) return `amount is ${amount}, the journal says ${told}`
      if (n === 0 || status !== 'done') return null
      const decided = find('resolved')?.['verdict']
      return decided === verdict ? null : `verdict is ${verdict}, the journal says ${decided}`
    },
  },
  number_refund: {
    ...{ asked: 'verify-number-refunds', first: 0 },
    idOf: ([, , order]) => String(order),
    wrongIn([, status, , amount], story) {
      const price = story.find(({ type }) => type === 'placed')?.['price']
      if (price === undefined) return nowhere
      if (price !== Number(amount)) return `amount is ${amount}, the journal says ${price}`
      const isBack = story.some(
        ({ type, verdict }) => type === 'refunded' || (type === 'resolved' && verdict === 'refund'),
      )
      return status !== 'agreed' || isBack ? null : 'the journal gave nothing back'
    },
  },
  overcharge: {
    ...{ asked: 'verify-overcharges', first: noUuid },
    idOf: ([id]) => id,
    wrongIn([, supplier, agreed, charged], story) {
      const one = story.find(
        event => event.type === 'delivered' && event['cost'] === Number(charged),
      )
      if (one === undefined) return story.length === 0 ? nowhere : `nobody charged ${charged}`
      const { n } = one
      const sent = story.find(event => event.type === 'dispatched' && event['n'] === n)
      const isSame = sent?.['maxPrice'] === Number(agreed) && sent['supplier'] === supplier
      if (isSame) return null
      const journal = `${sent?.['maxPrice']} with ${sent?.['supplier']}`
      return `agreed is ${agreed} with ${supplier}, the journal says ${journal}`
    },
  },
}
