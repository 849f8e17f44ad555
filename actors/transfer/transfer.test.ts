import { deepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { spec } from '../../engine/spec.ts'
import { receipt, transfer } from './transfer.ts'

const from = 'wallet:ani'
const to = 'wallet:budi'
const facts = { from, to, toShard: 2, amount: 700, note: 'for lunch' }
const sent = { type: 'sent', ...facts } as const
const received = { type: 'received', from, to, amount: 700, note: '' } as const

const payer = spec(transfer, { available: { [from]: 1_000 } })
const payee = spec(receipt)

test('transfer: send: the money leaves for clearing, and is to be delivered (M1)', () => {
  payer()
    .when({ type: 'send', ...facts })
    .happens(sent)
    .thenPosts({ op: 'move', name: 'send', debit: from, credit: 'clearing', amount: 700 })
    .thenOwes('deliver')
    .thenIs('sent', 'machine')
})

test('transfer: send again: the same changes nothing, another content is refused (M1)', () => {
  payer(sent)
    .when({ type: 'send', ...facts })
    .thenNothing()
  for (const other of [{ amount: 701 }, { to: 'wallet:cici' }, { from: 'cash' }]) {
    payer(sent)
      .when({ type: 'send', ...facts, ...other })
      .thenRefused('DUPLICATE_REF')
  }
})

test('transfer: send: not more than is available, house accounts without limit (M3)', () => {
  payer()
    .when({ type: 'send', ...facts, amount: 1_000 })
    .happensIn('sent')
  payer()
    .when({ type: 'send', ...facts, amount: 1_001 })
    .thenRefused('INSUFFICIENT_BALANCE', { available: 1_000 })
  payer()
    .when({ type: 'send', ...facts, from: 'cash', amount: 1_001 })
    .happensIn('sent')
})

test('transfer: send: an amount is whole rupiah above zero (M3)', () => {
  for (const amount of [0, -1, 0.5, Number.NaN, 2 ** 53]) {
    payer()
      .when({ type: 'send', ...facts, amount })
      .thenRefused('AMOUNT_INVALID')
  }
})

test('transfer: confirm: the payer’s side ends once the other has it (M2)', () => {
  payer(sent)
    .when({ type: 'confirm' })
    .happens({ type: 'confirmed' })
    .thenPosts()
    .thenIs('done', 'final')
  payer(sent, { type: 'confirmed' }).when({ type: 'confirm' }).thenNothing()
  payer().when({ type: 'confirm' }).thenRefused('NOT_FOUND')
})

test('transfer: receive: clearing is emptied by what arrives, once (M1, M2)', () => {
  const { type: _, ...rest } = received
  payee()
    .when({ type: 'receive', ...rest })
    .happens(received)
    .thenPosts({ op: 'move', name: 'receive', debit: 'clearing', credit: to, amount: 700 })
    .thenIs('received', 'final')
  payee(received)
    .when({ type: 'receive', ...rest })
    .thenNothing()
  payee(received)
    .when({ type: 'receive', ...rest, amount: 1 })
    .thenRefused('DUPLICATE_REF')
})

test('transfer: effects: a delivery may be repeated (M1)', () => {
  deepEqual(transfer.resume, { deliver: 'repeat' })
})
