import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/test-database.ts'
import { shardOf } from '../../engine/ids.ts'
import { until } from '../engine-room.fixture.ts'
import { parse } from '../qris/qris.ts'
import { deskAt, okOf, refusedOf, shopAt } from './soundbox.fixture.ts'

const by = 'the keeper'

const databases: { drop(): Promise<void> }[] = []
// At the end of the file: whoever is connected has left by then.
after(async () => {
  for (const one of databases) await one.drop()
})

async function database(): Promise<string> {
  const made = await testDatabase()
  databases.push(made)
  return made.url
}

test('merchant: a QR per terminal: it names merchant and terminal (SAB1, SAD1)', async t => {
  const { call } = await deskAt(t, await database())
  const { merchant, printed, till } = await shopAt(call)
  const read = parse(printed.qr!)
  ok('ok' in read, JSON.stringify(read))
  const { kind, nmid, labels, merchantName } = read.ok
  deepEqual(
    [kind, nmid, labels.terminalLabel, merchantName],
    ['static', merchant.nmid, printed.tid, 'Toko Maju'],
  )
  equal(till.qr, null)
  equal(shardOf(till.terminalId), shardOf(merchant.merchantId))
  equal(shardOf(till.outletId), shardOf(merchant.merchantId))
  const wrong = { name: 'X', city: 'A CITY WITH A MUCH TOO LONG NAME', settleDays: 99 }
  const refused = await call('merchant.create', { by, fields: wrong })
  equal(refusedOf(refused), 'FIELDS_INVALID')
  match(JSON.stringify(refused), /settleDays/)
  for (const fields of [{ lang: 'xx' }, { template: 'Tanpa nominal' }]) {
    const told = await call('merchant.create', { by, fields: { name: 'X', ...fields } })
    equal(refusedOf(told), 'FIELDS_INVALID')
  }
  equal(
    refusedOf(await call('merchant.create', { by, fields: { name: 'X', city: wrong.city } })),
    'FIELDS_INVALID',
  )
})

test('merchant: two hands at once: the older version is refused, the history keeps who (SAD2)', async t => {
  const { call } = await deskAt(t, await database())
  const made = okOf(await call('merchant.create', { by, fields: { name: 'Toko Lama' } }))
  const { merchantId, version } = made
  const put = (name: string) =>
    call('merchant.change', { merchantId, version, by: 'another', fields: { name } })
  const answers = await Promise.all([put('Toko Satu'), put('Toko Dua')])
  deepEqual(answers.map(answer => ('ok' in answer ? 'ok' : refusedOf(answer))).sort(), [
    'STALE_VERSION',
    'ok',
  ])
  const { rows } = okOf(
    await call('merchant.history', { entity: 'merchant', id: merchantId, limit: 10 }),
  )
  deepEqual(
    rows.map(({ who, before }) => [who, before === null]),
    [
      ['another', false],
      [by, true],
    ],
  )
})

test('merchant: its life: as the table says, once, by who may (SAD3)', async t => {
  const { call, registry } = await deskAt(t, await database())
  const { merchantId } = okOf(await call('merchant.create', { by, fields: { name: 'Toko' } }))
  const judge = (verb: 'approve' | 'suspend' | 'resume' | 'reject', role: 'admin' | 'viewer') =>
    call('merchant.judge', { merchantId, verb, role, reason: 'because', by })
  equal(refusedOf(await judge('suspend', 'admin')), 'STATUS_INVALID')
  equal(refusedOf(await judge('approve', 'viewer')), 'FORBIDDEN')
  equal(okOf(await judge('approve', 'admin')).status, 'approved')
  const { version } = okOf(await judge('approve', 'admin'))
  equal(version, 2)
  equal(okOf(await judge('suspend', 'admin')).statusReason, 'because')
  equal(registry.merchant(merchantId)?.status, 'suspended')
  equal(okOf(await judge('resume', 'admin')).status, 'approved')
  equal(refusedOf(await judge('reject', 'admin')), 'STATUS_INVALID')
})

test('merchant: a bank account: sealed, shown by its end, opened for the payer (SAD4)', async t => {
  const { call, db } = await deskAt(t, await database())
  const bank = { bankCode: 'bca', accountName: 'Toko', accountNumber: '1234567890' }
  const made = okOf(await call('merchant.create', { by, fields: { name: 'Toko', ...bank } }))
  equal(made.accountHint, '••••7890')
  ok(!JSON.stringify(made).includes('1234567890'))
  const { merchantId } = made
  const kept = okOf(await call('merchant.change', { merchantId, by, fields: { phone: '0812' } }))
  equal(kept.accountHint, '••••7890')
  deepEqual(okOf(await call('merchant.account', { merchantId })), bank)
  const told = okOf(
    await call('merchant.history', { entity: 'merchant', id: merchantId, limit: 9 }),
  )
  ok(!JSON.stringify(told).includes('s1.'))
  equal(db.url.length > 0, true)
})

test('registry: another process changes something: known here without a restart (SAA1, SAA2)', async t => {
  const one = await deskAt(t, await database())
  const other = await deskAt(t, one.db.url)
  const { merchant, till } = await shopAt(one.call)
  equal(one.registry.terminal(till.terminalId)?.tid, till.tid)
  await until(
    () => other.registry.terminal(till.terminalId),
    known => known !== undefined,
  )
  equal(other.registry.merchant(merchant.merchantId)?.status, 'approved')
  const off = { terminalId: till.terminalId, by, fields: { active: false } }
  okOf(await other.call('merchant.changeTerminal', off))
  equal(other.registry.terminal(till.terminalId)?.active, false)
  await until(
    () => one.registry.terminal(till.terminalId)!.active,
    active => !active,
  )
})

test('registry: a payer’s terminal: by id, by NMID and label, never by a guess (SAA3)', async t => {
  const { call, registry } = await deskAt(t, await database())
  const { merchant, printed, till } = await shopAt(call)
  const { nmid } = merchant
  const find = (a?: string, b?: string) => registry.terminalAt(a, b)?.id
  equal(find(undefined, till.terminalId), till.terminalId)
  equal(find(nmid, printed.tid), printed.terminalId)
  equal(find(nmid, undefined), printed.terminalId)
  equal(find('ID0000000000000', till.terminalId), undefined)
  equal(find(nmid, 'T999'), undefined)
  equal(find(undefined, undefined), undefined)
  const { outletId } = printed
  okOf(await call('merchant.addTerminal', { outletId, label: 'Dua', kind: 'static', by }))
  equal(find(nmid, undefined), undefined)
})

test('registry: fee plans: the newest that began, the merchant’s before the house’s (SAA4, SAD5)', async t => {
  const { call, registry, clock } = await deskAt(t, await database())
  const { merchant } = await shopAt(call)
  const { merchantId } = merchant
  const plan = (bps: number) => ({ bps, fixed: 0, rounding: 'half_up' })
  const add = (owner: string | null, effectiveFrom: number, bps: number) =>
    call('merchant.addFee', { merchantId: owner, effectiveFrom, plan: plan(bps), by })
  const bpsAt = (at: number) =>
    (registry.planOf(merchantId, at)?.plan as { bps: number } | undefined)?.bps ?? null
  equal(bpsAt(clock.ms), null)
  okOf(await add(null, clock.ms, 70))
  equal(bpsAt(clock.ms), 70)
  okOf(await add(merchantId, clock.ms + 1_000, 30))
  okOf(await add(merchantId, clock.ms + 2_000, 20))
  deepEqual(
    [0, 1_000, 1_999, 2_000].map(ms => bpsAt(clock.ms + ms)),
    [70, 30, 30, 20],
  )
  equal(okOf(await call('merchant.fees', { merchantId })).rows.length, 2)
  equal(refusedOf(await add(merchantId, clock.ms, -1)), 'FIELDS_INVALID')
  equal(
    refusedOf(
      await call('merchant.addFee', { merchantId, effectiveFrom: clock.ms, plan: { x: 1 }, by }),
    ),
    'FIELDS_INVALID',
  )
})

test('registry: bank holidays: put, known, removed', async t => {
  const { call, registry } = await deskAt(t, await database())
  okOf(await call('merchant.putHoliday', { day: '2026-12-25', name: 'Natal', by }))
  equal(registry.isHoliday('2026-12-25'), true)
  okOf(await call('merchant.removeHoliday', { day: '2026-12-25', by }))
  equal(registry.isHoliday('2026-12-25'), false)
  equal(refusedOf(await call('merchant.removeHoliday', { day: '2026-12-25', by })), 'NOT_FOUND')
  equal(
    refusedOf(await call('merchant.putHoliday', { day: '2026-13-40', name: 'x', by })),
    'TIME_INVALID',
  )
})
