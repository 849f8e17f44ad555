import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { shardOf } from '../../engine/ids.ts'
import type { TerminalView } from '../contract/soundbox.ts'
import { until } from '../engine-room.fixture.ts'
import { parse } from '../qris/qris.ts'
import { Registry } from './registry.ts'
import { deskAt, okOf, refusedOf, shopAt } from './soundbox.fixture.ts'

const by = 'the keeper'

const database = databasesOfFile(after)

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
  for (const [named, fields] of [
    ['city', { city: wrong.city }],
    ['mcc', { mcc: 'kios' }],
    ['qrName', { qrName: '' }],
    ['postalCode', { postalCode: '' }],
  ] as const) {
    const told = await call('merchant.create', { by, fields: { name: 'X', ...fields } })
    deepEqual('details' in told && told.details, { problems: [named] })
  }
})

test('merchant: what its QR prints: ASCII, written as well as can be (SAD9)', async t => {
  const { call } = await deskAt(t, await database())
  for (const [name, printed] of [
    ['Café Ñandú', 'Cafe Nandu'],
    ['Warung “Bu’ Sri” – Pusat', `Warung "Bu' Sri" - Pusat`],
    ['Kopi ☕😀 Enak', 'Kopi Enak'],
    [`${'A'.repeat(24)}😀 Jaya`, 'A'.repeat(24)],
    ['咖啡 2', '2'],
  ] as const) {
    const made = okOf(await call('merchant.create', { by, fields: { name } }))
    deepEqual([made.name, made.qrName], [name, printed])
  }
  for (const [fields, named] of [
    [{ name: '咖啡' }, 'qrName'],
    [{ name: 'X', qrName: 'Café' }, 'qrName'],
    [{ name: 'X', city: 'Bogoŕ' }, 'city'],
  ] as const) {
    const told = await call('merchant.create', { by, fields })
    deepEqual('details' in told && told.details, { problems: [named] })
  }
})

test('merchant: a field of two lines: refused, for a bank’s file has one for each transfer (SAD10)', async t => {
  const { call } = await deskAt(t, await database())
  const made = okOf(await call('merchant.create', { by, fields: { name: 'Toko' } }))
  const { merchantId } = made
  const second = 'Toko\nbca,999999999,Lain,1000000,IDR,LJ,x'
  for (const fields of [{ accountName: second }, { bankCode: 'bca\r' }, { name: 'A\u2028B' }]) {
    const told = await call('merchant.change', { merchantId, by, fields })
    deepEqual('details' in told && told.details, { problems: Object.keys(fields) })
    const fresh = await call('merchant.create', { by, fields: { name: 'X', ...fields } })
    equal(refusedOf(fresh), 'FIELDS_INVALID')
  }
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

test('merchant: the same request again: what it made, and nothing more (SAD7)', async t => {
  const { call } = await deskAt(t, await database())
  const once = { by, request: randomUUID() }
  const create = () => call('merchant.create', { ...once, fields: { name: 'Toko Satu' } })
  const [one, same] = [okOf(await create()), okOf(await create())]
  deepEqual(same, one)
  const { merchantId } = one
  const place = { merchantId, name: 'Pusat', address: '', city: '', by, request: randomUUID() }
  const outlets = await Promise.all([1, 2].map(() => call('merchant.addOutlet', place)))
  const [outlet, sameOutlet] = outlets.map(okOf)
  deepEqual(sameOutlet, outlet)
  const till = { outletId: outlet!.outletId, label: 'Kasir', kind: 'static' as const, ...once }
  const wish = { ...till, request: randomUUID() }
  const first = okOf(await call('merchant.addTerminal', wish))
  deepEqual(okOf(await call('merchant.addTerminal', wish)), first)
  equal(okOf(await call('merchant.outlets', { merchantId })).rows.length, 1)
  equal(okOf(await call('merchant.terminals', { merchantId })).rows.length, 1)
  equal(okOf(await call('merchant.list', { limit: 10 })).rows.length, 1)
})

test('merchant: outlets and terminals of all: page by page, none is left out (SAD8)', async t => {
  const { call } = await deskAt(t, await database())
  const shops = [await shopAt(call, 'Toko A'), await shopAt(call, 'Toko B')]
  const ids = shops.flatMap(({ printed, till }) => [printed.terminalId, till.terminalId]).sort()
  const told: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const at: { cursor?: string } = cursor === '' ? {} : { cursor }
    const page: TerminalPage = okOf(await call('merchant.terminals', { ...at, limit: 3 }))
    told.push(...page.rows.map(one => one.terminalId))
    cursor = page.next
  }
  deepEqual(told, ids)
  const outlets = okOf(await call('merchant.outlets', { limit: 1 }))
  equal(outlets.next, outlets.rows[0]!.outletId)
  const last = okOf(await call('merchant.outlets', { cursor: outlets.next!, limit: 1 }))
  deepEqual([last.rows.length, last.next], [1, null])
  const { merchantId } = shops[0]!.merchant
  const own = okOf(await call('merchant.terminals', { merchantId }))
  deepEqual([own.rows.length, own.next], [2, null])
  const first = okOf(await call('merchant.terminals', { merchantId, limit: 1 }))
  equal(first.next, own.rows[0]!.terminalId)
})

type TerminalPage = { readonly rows: readonly TerminalView[]; readonly next: string | null }

test('merchant: another NMID: the former stays its own, with its time, and is nobody else’s (SAD6, SAA5)', async t => {
  const one = await deskAt(t, await database())
  const other = await deskAt(t, one.db.url)
  const { call, registry } = one
  const { merchant, printed } = await shopAt(call)
  const { merchantId, nmid: first } = merchant
  const put = (nmid: string) => call('merchant.change', { merchantId, by, fields: { nmid } })
  const find = (a?: string, b?: string) => registry.terminalAt(a, b)?.id
  const [second, third] = ['ID1099999999123', 'ID1099999999124'] as const
  deepEqual(merchant.formerNmids, [])
  const changed = okOf(await put(second))
  const [from] = changed.formerNmids
  deepEqual([changed.formerNmids.length, from!.nmid], [1, first])
  equal(from!.fromAt, merchant.createdAt)
  const read = parse(okOf(await call('merchant.terminal', { terminalId: printed.terminalId })).qr!)
  equal('ok' in read && read.ok.nmid, second)
  for (const nmid of [first, second]) {
    equal(find(nmid, printed.tid), printed.terminalId)
    equal(find(nmid, printed.terminalId), printed.terminalId)
    equal(find(nmid, undefined), printed.terminalId)
  }
  await until(
    () => other.registry.ownerOf(first)?.nmid,
    nmid => nmid === second,
  )
  // Back to what it was, and on: each time is told.
  okOf(await put(first))
  const { formerNmids } = okOf(await put(third))
  deepEqual(
    formerNmids.map(({ nmid }) => nmid),
    [first, second, first],
  )
  deepEqual(
    formerNmids.slice(1).map(({ fromAt }) => fromAt),
    formerNmids.slice(0, 2).map(({ untilAt }) => untilAt),
  )
  deepEqual(
    okOf(await call('merchant.list', { q: second, limit: 5 })).rows.map(row => row.merchantId),
    [merchantId],
  )

  const grab = { by, fields: { name: 'Toko Lain', nmid: first } }
  equal(refusedOf(await call('merchant.create', grab)), 'ALREADY_EXISTS')
  equal(registry.ownerOf(first)?.id, merchantId)
  // Who is not yet approved was never paid: a slip of his keeps nobody from what is his.
  const fresh = okOf(await call('merchant.create', { by, fields: { name: 'Toko Baru' } }))
  const corrected = await call('merchant.change', {
    ...{ merchantId: fresh.merchantId, by, fields: { nmid: 'ID1099999999125' } },
  })
  deepEqual(okOf(corrected).formerNmids, [])
  const rightful = { by, fields: { name: 'Toko Benar', nmid: fresh.nmid } }
  equal(okOf(await call('merchant.create', rightful)).nmid, fresh.nmid)
})

test('merchant: a former NMID that was a slip: released, found by nobody, free for whose it is (SAD6)', async t => {
  const one = await deskAt(t, await database())
  const other = await deskAt(t, one.db.url)
  const { call, registry } = one
  const { merchant, printed } = await shopAt(call)
  const { merchantId, nmid: slip } = merchant
  const release = (nmid: string) => call('merchant.releaseNmid', { merchantId, nmid, by })
  equal(refusedOf(await release(slip)), 'NOT_FOUND')
  const fields = { nmid: 'ID1099999999127' }
  okOf(await call('merchant.change', { merchantId, by, fields }))
  await until(
    () => other.registry.ownerOf(slip)?.id,
    id => id === merchantId,
  )
  deepEqual(okOf(await release(slip)).formerNmids, [])
  deepEqual(
    [registry.ownerOf(slip), registry.terminalAt(slip, printed.tid)],
    [undefined, undefined],
  )
  await until(
    () => other.registry.ownerOf(slip),
    owner => owner === undefined,
  )
  equal(registry.terminalAt(fields.nmid, printed.tid)?.id, printed.terminalId)
  const rightful = { by, fields: { name: 'Toko Benar', nmid: slip } }
  equal(okOf(await call('merchant.create', rightful)).nmid, slip)
  equal(refusedOf(await release(slip)), 'NOT_FOUND')
})

test('merchant: a former NMID: whoever asks for it while it is given up does not get it (SAD6)', async t => {
  const { call, registry } = await deskAt(t, await database())
  const [{ merchant }, rival] = [await shopAt(call), await shopAt(call, 'Toko Lain')]
  const put = (merchantId: string, nmid: string) =>
    call('merchant.change', { merchantId, by, fields: { nmid } })
  const [given, taken] = await Promise.all([
    put(merchant.merchantId, 'ID1099999999126'),
    put(rival.merchant.merchantId, merchant.nmid),
  ])
  okOf(given)
  equal(refusedOf(taken), 'ALREADY_EXISTS')
  equal(registry.ownerOf(merchant.nmid)?.id, merchant.merchantId)
})

test('registry: NMIDs that moved unheard: each is its new merchant’s (SAA6)', async t => {
  const { call, db } = await deskAt(t, await database())
  const changes = { subscribe: () => () => {}, hearing: () => true }
  const deaf = new Registry({ db, changes, onError: cause => t.diagnostic(String(cause)) })
  const [one, two] = [await shopAt(call), await shopAt(call, 'Toko Lain')].map(
    ({ merchant }) => merchant,
  )
  const put = async (merchantId: string, nmid: string) =>
    okOf(await call('merchant.change', { merchantId, by, fields: { nmid } }))
  const release = async (merchantId: string, nmid: string) =>
    okOf(await call('merchant.releaseNmid', { merchantId, nmid, by }))
  await deaf.start()
  t.after(() => deaf.stop())
  // They swap what they have: whichever is read first, the other one had it before.
  await put(one!.merchantId, 'ID1099999999201')
  await put(two!.merchantId, 'ID1099999999301')
  await release(one!.merchantId, one!.nmid)
  await release(two!.merchantId, two!.nmid)
  await put(one!.merchantId, two!.nmid)
  await put(two!.merchantId, one!.nmid)
  const owners = () => [one!.nmid, two!.nmid].map(nmid => deaf.ownerOf(nmid)?.id)
  await deaf.refresh(null)
  deepEqual(owners(), [two!.merchantId, one!.merchantId])
  // The same with what they only had before.
  await put(one!.merchantId, 'ID1099999999401')
  await put(two!.merchantId, 'ID1099999999402')
  await deaf.refresh(null)
  deepEqual(owners(), [two!.merchantId, one!.merchantId])
  await release(one!.merchantId, two!.nmid)
  await release(two!.merchantId, one!.nmid)
  await put(one!.merchantId, one!.nmid)
  await put(two!.merchantId, two!.nmid)
  await put(one!.merchantId, 'ID1099999999403')
  await put(two!.merchantId, 'ID1099999999404')
  await deaf.refresh(null)
  deepEqual(owners(), [one!.merchantId, two!.merchantId])
})

test('registry: bank holidays: put, known, removed', async t => {
  const { call, registry } = await deskAt(t, await database())
  okOf(await call('merchant.putHoliday', { day: '2026-12-25', name: 'Natal', by }))
  equal(registry.isHoliday('2026-12-25'), true)
  okOf(await call('merchant.removeHoliday', { day: '2026-12-25', by }))
  equal(registry.isHoliday('2026-12-25'), false)
  equal(refusedOf(await call('merchant.removeHoliday', { day: '2026-12-25', by })), 'NOT_FOUND')
  for (const day of ['2026-13-40', '2026-02-30', '2027-02-29', '20261225', '0000-00-00']) {
    equal(refusedOf(await call('merchant.putHoliday', { day, name: 'x', by })), 'TIME_INVALID')
    equal(refusedOf(await call('merchant.removeHoliday', { day, by })), 'TIME_INVALID')
  }
})
