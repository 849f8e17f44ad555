import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import type { Unread } from '../../sql/topup/parser.ts'
import { UnreadReplies } from './unread.ts'

const said = (text: string) => ({ supplier: 'oto', channel: 'reply' as const, text })

test('unread: shapes: one entry with the count and the latest reply, and no end of them (PAQ1)', async () => {
  const unread = new UnreadReplies(() => 7)
  unread.note(said('Sisa 12.000 aneh'))
  unread.note(said('Sisa 9 aneh'))
  for (let n = 0; n < 2_000; n++) {
    const word = [...String(n)].map(digit => 'abcdefghij'[Number(digit)]).join('')
    unread.note(said(word))
  }
  const written: Unread[] = []
  await unread.flush(async all => void written.push(...all))
  equal(written.length, 500)
  const { shape, ...rest } = written[0]!
  equal(shape, 'Sisa # aneh')
  deepEqual(rest, { supplier: 'oto', channel: 'reply', sample: 'Sisa 9 aneh', count: 2, at: 7 })
  await unread.flush(async () => {
    throw new Error('nothing to write')
  })
})

test('unread: a failed write: gathered again with its count (PAQ2)', async () => {
  const unread = new UnreadReplies()
  unread.note(said('aneh 1'))
  await unread.flush(async () => {
    throw new Error('no database')
  })
  unread.note(said('aneh 2'))
  const counts: number[] = []
  await unread.flush(async all => void counts.push(...all.map(({ count }) => count)))
  deepEqual(counts, [2])
})

test('unread: overhearing a caller: only what no rule matched is noted (PAQ1)', async () => {
  const unread = new UnreadReplies()
  const effect = { type: 'check', supplier: 'oto' } as never
  const report = { n: 1, outcome: 'unknown', ms: 1, via: 'check' } as const
  const codes = ['no_rule', 'foreign_ref', 'no_rule']
  const plain = { perform: async () => ({ ...report, code: codes.pop()!, reply: 'aneh' }) }
  const caller = unread.overhearing(plain, supplier => supplier === 'oto')
  for (const _ of [1, 2, 3]) equal((await caller.perform(effect)).outcome, 'unknown')
  codes.push('no_rule')
  await caller.perform({ type: 'check', supplier: 'without rules' } as never)
  const noted: Unread[] = []
  await unread.flush(async all => void noted.push(...all))
  deepEqual([noted[0]!.channel, noted[0]!.count, noted.length], ['status', 2, 1])
})
