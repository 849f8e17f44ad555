/** Rows that persons and banks write beside the journal, and what is wrong with each of them. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { openBooks } from './books.fixture.ts'
import {
  ani,
  budi,
  type JournalFixture,
  keyOfWords,
  type Loose,
  idOf as makeId,
  story,
} from './journal.fixture.ts'
import { verify } from './verify.ts'

const { url, client } = await openBooks()

const noon = '2026-02-02T05:00:00Z'
const ms = Date.parse(noon)
const asked = { asked_by: budi, asked_at: noon }
const uuid = (n: number): string => makeId(ms, 0, keyOfWords('row', String(n)))
const [manual, float, ticket, refused, paidIn] = [1, 2, 3, 4, 5].map(uuid) as Five
type Five = [string, string, string, string, string]
const wallet = `wallet:${ani}`
const owed = `receivable:${ani}`

/** One row of everything that can be done, and of some things that were not. */
function desk(): JournalFixture {
  const journal = story()
  const moved = (label: string, sides: Loose): string => journal.send(label, sides)
  const cash = (ref: string, amount: number): string =>
    moved(ref, { from: 'cash', to: wallet, amount, words: ['deposit', ref], shards: [0, 7] })

  const credit = (ref: string, kind: string, amount: number, sides: Loose): void => {
    const words = ['credit', ref]
    journal.note('credit_entry', {
      ...{ ref, user_id: ani, kind, amount, note: '', status: 'done', by: budi, created_at: noon },
      transfer_id: moved(ref, { ...sides, amount, words }),
    })
  }
  credit('C1', 'given', 9_000, { from: owed, to: wallet, shards: [7, 7] })
  credit('C2', 'cash', 2_000, { from: 'cash', to: owed, shards: [0, 7] })
  credit('C3', 'wallet', 1_000, { from: wallet, to: owed, shards: [7, 7] })
  journal.note('credit_entry', {
    ...{ ref: 'C4', user_id: ani, kind: 'wallet', amount: 500, note: '', status: 'refused' },
    ...{ by: budi, created_at: noon },
  })
  journal.note('credit_line', { user_id: ani, limit: 10_000, used: 6_000 })

  const to = 'gateway:atlantic'
  const words = ['atlantic', 'P1']
  journal.note('gateway_payout', {
    ...{ id: 1, gateway: 'atlantic', ref: 'P1', amount: 900, fee: 9, day: '2026-02-02' },
    ...{ status: 'done', noted_by: budi, noted_at: noon },
    transfer_id: moved('P1', {
      ...{ from: 'cash', to, amount: 900, words: ['gateway-payout', ...words] },
    }),
    fee_transfer_id: moved('P1 fee', {
      ...{ from: 'gateway_fee', to, amount: 9, words: ['gateway-fee', ...words] },
    }),
  })

  const person = { note: '', raises: true, against: 'cash', ...asked }
  journal.note('manual_deposit', {
    ...{ ...person, id: manual, ref: 'M1', kind: 'wallet', user_id: ani, amount: 4_000 },
    ...{ status: 'paid', transfer_id: cash(`manual-${manual}`, 4_000) },
  })
  journal.note('manual_deposit', {
    ...{ ...person, id: refused, ref: 'M2', kind: 'wallet', user_id: ani, amount: 4_000 },
    ...{ status: 'rejected' },
  })
  const sides = { from: 'difference', to: 'float:digi', amount: 700 }
  const key = ['float', `float-${float}`]
  journal.note('manual_deposit', {
    ...{ ...person, id: float, ref: 'M3', kind: 'float', supplier: 'digi', amount: 700 },
    ...{ against: 'difference', raises: false, status: 'paid' },
    transfer_id: moved('M3', { ...sides, words: key }),
  })

  const bank = { number: '1', told_amount: '', description: '', source: 'poll', seen_at: noon }
  const told = { ...bank, direction: 'in', user_id: ani, status: 'credited' }
  const byTicket = cash(`ticket-${ticket}`, 50_123)
  journal.note('deposit_ticket', {
    ...{ id: ticket, user_id: ani, account: 'bca', base: 50_000, amount: 50_123, status: 'paid' },
    ...{ held: true, created_at: noon, expires_at: noon, transfer_id: byTicket },
  })
  journal.note('bank_mutation', {
    ...{ ...told, id: 1, content: 'a', amount: 50_123, ticket_id: ticket, transfer_id: byTicket },
  })
  journal.note('bank_mutation', {
    ...{ ...told, id: 2, content: 'b', amount: 777, reason: 'no_ticket' },
    transfer_id: cash('bank-2', 777),
  })
  journal.note('bank_mutation', {
    ...{ ...told, id: 3, content: 'c', amount: 888, reason: 'no_ticket', status: 'suspense' },
  })

  journal.note('transfer_request', {
    ...{ user_id: ani, ref: 'T1', to_user: budi, amount: 1_500, day: '2026-02-02' },
    ...{ status: 'sent', created_at: noon },
    transfer_id: moved('T1', {
      ...{ from: wallet, to: `wallet:${budi}`, amount: 1_500, shards: [7, 9] },
      words: ['transfer', ani, 'T1'],
    }),
  })

  journal.order('dear', ani, 12_000).deliver(11_000)
  const { id } = journal.place('dear.delivered')
  journal.note('overcharge', {
    ...{ id, supplier: 'digi', agreed: 10, charged: 11_000, found_at: noon },
  })
  return journal
}

/** What nobody collected was paid out; what the story has of its own is as it was. */
const given = new Set(['deposit.paid_out'])
async function read(spoil?: string) {
  await desk().write(client)
  // Clients that a row names are nobody's here.
  await client.query('set session_replication_role = replica')
  if (spoil !== undefined) ok((await client.query(spoil)).rowCount! > 0, spoil)
  const { problems } = await verify({ url })
  return problems.filter(({ name }) => !given.has(name))
}

test('verify desk: what persons and banks noted: sound (Z70, Z71, Z72, Z73)', async () => {
  deepEqual(await read(), [])
  const parts = await verify({ url, linesPerPart: 3 })
  deepEqual([...new Set(parts.problems.map(({ name }) => name))], [...given])
})

const one = (where: string): string => `where ${where}`
const credits = one(`ref = 'C1'`)
const cases: Readonly<Record<string, readonly [spoil: string, finds: readonly string[]]>> = {
  'credit: of another amount (Z70, Z72)': [
    `update credit_entry set amount = amount + 1 ${credits}`,
    ['credit_entry.changed', 'credit_line.changed'],
  ],
  'credit: of another client (Z70, Z72)': [
    `update credit_entry set user_id = '${budi}' ${credits}`,
    ['credit_line.changed', 'credit_line.changed', 'credit_entry.extra', 'credit_entry.missing'],
  ],
  'credit: paid back another way (Z70)': [
    `update credit_entry set kind = 'cash' where ref = 'C3'`,
    ['credit_entry.extra', 'credit_entry.missing'],
  ],
  'credit: refused, and it moved (Z70, Z72)': [
    `update credit_entry set status = 'refused' ${credits}`,
    ['credit_entry.changed', 'credit_line.changed'],
  ],
  'credit: done, and it never moved (Z70, Z72)': [
    `update credit_entry set status = 'done' where ref = 'C4'`,
    ['credit_entry.extra', 'credit_line.changed'],
  ],
  'credit: nobody noted it (Z71, Z72)': [
    `delete from credit_entry ${credits}`,
    ['credit_entry.missing', 'credit_line.changed'],
  ],
  'credit: moved as something else (Z70)': [
    `update credit_entry set transfer_id = user_id ${credits}`,
    ['credit_entry.changed'],
  ],
  'credit: owes less than he was given (Z72)': [
    'update credit_line set used = used - 1',
    ['credit_line.changed'],
  ],
  'credit: owes, and has no line (Z72)': ['delete from credit_line', ['credit_line.changed']],

  'payout: of another amount (Z70)': [
    'update gateway_payout set amount = 901',
    ['gateway_payout.changed'],
  ],
  'payout: of another fee (Z70)': ['update gateway_payout set fee = 8', ['gateway_payout.changed']],
  'payout: without the fee that was kept (Z70)': [
    'update gateway_payout set fee = 0',
    ['gateway_payout.changed'],
  ],
  'payout: nobody noted it (Z71)': [
    'delete from gateway_payout',
    ['gateway_payout.missing', 'gateway_payout.missing'],
  ],
  'payout: its fee is another movement (Z70)': [
    'update gateway_payout set fee_transfer_id = transfer_id',
    ['gateway_payout.changed'],
  ],

  'by hand: of another amount (Z70)': [
    `update manual_deposit set amount = amount + 1 where ref = 'M1'`,
    ['manual_deposit.changed'],
  ],
  'by hand: into another wallet (Z70)': [
    `update manual_deposit set user_id = '${budi}' where ref = 'M1'`,
    ['manual_deposit.changed'],
  ],
  'by hand: waits, and it moved (Z70)': [
    `update manual_deposit set status = 'waiting' where ref = 'M1'`,
    ['manual_deposit.changed'],
  ],
  'by hand: paid, and nothing moved (Z70)': [
    `update manual_deposit set status = 'paid' where ref = 'M2'`,
    ['manual_deposit.extra'],
  ],
  'float: of another amount (Z70)': [
    `update manual_deposit set amount = amount + 1 where ref = 'M3'`,
    ['manual_deposit.changed'],
  ],
  'float: the other way (Z70)': [
    `update manual_deposit set raises = not raises where ref = 'M3'`,
    ['manual_deposit.changed'],
  ],
  'float: against cash (Z70)': [
    `update manual_deposit set against = 'cash' where ref = 'M3'`,
    ['manual_deposit.changed'],
  ],
  'float: at another supplier (Z70)': [
    `update manual_deposit set supplier = 'digi2' where ref = 'M3'`,
    ['manual_deposit.changed'],
  ],
  'float: nobody noted it (Z71)': [
    `delete from manual_deposit where ref = 'M3'`,
    ['manual_deposit.missing'],
  ],

  'ticket: of another amount (Z70)': [
    'update deposit_ticket set amount = amount + 1',
    ['deposit_ticket.changed'],
  ],
  'ticket: open, and it was paid (Z70)': [
    `update deposit_ticket set status = 'open'`,
    ['deposit_ticket.changed'],
  ],
  'ticket: paid, and nothing came (Z70)': [
    `insert into deposit_ticket
     select (jsonb_populate_record(one, '{"id": "${paidIn}", "held": false}')).*
       from deposit_ticket as one`,
    ['deposit_ticket.extra'],
  ],
  'bank: of another amount, by ticket (Z70)': [
    'update bank_mutation set amount = amount + 1 where id = 1',
    ['bank_mutation.changed'],
  ],
  'bank: given to another client (Z70)': [
    `update bank_mutation set user_id = '${budi}' where id = 2`,
    ['bank_mutation.changed'],
  ],
  'bank: credited, and nothing came (Z70)': [
    `update bank_mutation set status = 'credited' where id = 3`,
    ['bank_mutation.extra'],
  ],
  'bank: in suspense, and it was credited (Z70)': [
    `update bank_mutation set status = 'suspense' where id = 2`,
    ['bank_mutation.changed'],
  ],

  'clients: another amount (Z70)': [
    'update transfer_request set amount = amount + 1',
    ['transfer_request.changed'],
  ],
  'clients: to another (Z70)': [
    'update transfer_request set to_user = user_id',
    ['transfer_request.changed'],
  ],
  'clients: refused, and it moved (Z70)': [
    `update transfer_request set status = 'refused'`,
    ['transfer_request.changed'],
  ],
  'clients: nobody asked for it (Z71)': [
    'delete from transfer_request',
    ['transfer_request.missing'],
  ],

  'overcharge: another price (Z73)': [
    'update overcharge set charged = charged + 1',
    ['overcharge.changed'],
  ],
  'overcharge: agreed upon otherwise (Z73)': [
    'update overcharge set agreed = agreed - 1',
    ['overcharge.changed'],
  ],
  'overcharge: of no order (Z73)': [`update overcharge set id = '${paidIn}'`, ['overcharge.extra']],
}

for (const [title, [spoil, finds]] of Object.entries(cases)) {
  test(`verify desk: ${title.replace(' (', ': told (')}`, async () => {
    const problems = await read(spoil)
    deepEqual(problems.map(({ name }) => name).sort(), [...finds].sort())
  })
}

test('verify desk: what is on its way: sound, and of the right amount where it went (Z70)', async () => {
  await desk().write(client)
  for (const [table, status, where] of [
    ['credit_entry', 'taken', `ref = 'C1'`],
    ['gateway_payout', 'taken', 'true'],
    ['manual_deposit', 'approved', `ref = 'M1'`],
    ['deposit_ticket', 'matched', 'true'],
    ['bank_mutation', 'matched', 'id = 1'],
    ['bank_mutation', 'assigned', 'id = 2'],
    ['transfer_request', 'taken', 'true'],
  ]) {
    const open = `update ${table} set status = '${status}', transfer_id = null where ${where}`
    deepEqual(await read(open), [], table)
    await client.query(`update ${table} set amount = amount + 5 where ${where}`)
    const { problems } = await verify({ url })
    const wrong = problems.filter(({ name }) => name === `${table}.changed`)
    equal(wrong.length, 1, table)
    match(wrong[0]!.text, /the journal says/)
  }
})
