import { deepEqual, equal, match, notDeepEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { Buyer } from './counterpart.fixture.ts'
import { FaultBox, faultsSchema, isBeforeSale, mishaps } from './faults.ts'

const boxOf = (wish: object, party = 'digiflazz') => {
  const box = new FaultBox(party)
  box.set(faultsSchema.parse(wish))
  return box
}

const refs = Array.from({ length: 2_000 }, (_, index) => `ref-${index}`)
const mess = { timeout_after_sale: 0.2, reset: 0.1, half_json: 0.1, refuse: 0.2, pending: 0.3 }

const decisions = (box: FaultBox, order: readonly string[]) =>
  Object.fromEntries(
    order.map(ref => [
      ref,
      [box.mishap(box.callDice(ref, 1), 'transaction'), box.outcome(box.purchaseDice(ref, 1))],
    ]),
  )

test('faults: one seed, any order of calls: the same decisions (X6)', () => {
  const wanted = decisions(boxOf({ ...mess, seed: 7 }), refs)
  deepEqual(decisions(boxOf({ ...mess, seed: 7 }), refs.toReversed()), wanted)
})

test('faults: another seed, another party, another call: other decisions (X6)', () => {
  const wanted = decisions(boxOf({ ...mess, seed: 7 }), refs)
  notDeepEqual(decisions(boxOf({ ...mess, seed: 8 }), refs), wanted)
  notDeepEqual(decisions(boxOf({ ...mess, seed: 7 }, 'digiflazz2'), refs), wanted)
  const box = boxOf(mess)
  const nth = (call: number) => refs.map(ref => box.mishap(box.callDice(ref, call), 'transaction'))
  notDeepEqual(nth(1), nth(2))
})

test('faults: probabilities: as often as they say, within a few parts in a hundred (X7)', () => {
  const box = boxOf({ reset: 0.3, html: 0.2, timeout_after_sale: 0.1, refuse: 0.25 })
  const many = Array.from({ length: 20_000 }, (_, index) => `order/${index}`)
  const share = (hit: (ref: string) => boolean) => many.filter(hit).length / many.length
  const near = (got: number, wanted: number) => equal(Math.abs(got - wanted) < 0.02, true, `${got}`)
  near(
    share(ref => box.mishap(box.callDice(ref, 1), 'transaction') === 'reset'),
    0.3,
  )
  near(
    share(ref => box.mishap(box.callDice(ref, 1), 'transaction') === 'html'),
    0.2,
  )
  near(
    share(ref => box.mishap(box.callDice(ref, 1), 'transaction') === undefined),
    0.4,
  )
  near(
    share(ref => box.outcome(box.purchaseDice(ref, 1)).end === 'refused'),
    0.25,
  )
})

test('faults: which mishaps have sold: those that say so, and half a JSON (X7)', () => {
  deepEqual(
    mishaps.filter(name => !isBeforeSale(name)),
    [
      'timeout_after_sale',
      'reset_after_sale',
      'http500_after_sale',
      'html_after_sale',
      'empty_after_sale',
      'half_json',
    ],
  )
  equal(faultsSchema.safeParse({ reset: 0.6, html: 0.6 }).success, false)
})

test('faults: what is shown: can be set again as it is (X8)', () => {
  const faults = faultsSchema.parse({
    latency: 5,
    pending: { p: 0.1, seconds: 3, rc: '99' },
    refuse: 0.2,
    race_window: 1,
  })
  deepEqual(faultsSchema.parse(structuredClone(faults)), faults)
  deepEqual(faults.latency, { min: 5, max: 5 })
  deepEqual(faults.pending.seconds, [3, 3])
})

test('faults: unknown name, value, party: a sentence, no change (X8)', async t => {
  const buyer = await Buyer.open()
  t.after(() => buyer.close())
  await buyer.faults({ drained: true })
  const wrong = async (wish: object) => (await buyer.oracle('faults', wish))['wrong']
  match(String(await wrong({ timeout: 1 })), /Unknown name "timeout"\. Known names: seed, latency/)
  match(String(await wrong({ pending: { p: 0.1, second: 1 } })), /"second" in pending/)
  match(String(await wrong({ reset: 1.5 })), /^reset: /)
  match(String(await wrong({ party: 'nobody' })), /no party "nobody"; parties: digiflazz/)
  const shown = await buyer.oracle<Record<string, { drained: boolean }>>('faults?party=digiflazz')
  equal(shown['digiflazz']!.drained, true)
})

/** What a mishap looks like from outside, and how often it has sold. */
const looks: Readonly<Record<string, readonly [RegExp, number]>> = {
  timeout_after_sale: [/^broken/, 1],
  timeout_without_sale: [/^broken/, 0],
  reset: [/^broken/, 0],
  reset_after_sale: [/^broken/, 1],
  http500: [/^500 <html>/, 0],
  http500_after_sale: [/^500 <html>/, 1],
  html: [/^200 <!DOCTYPE html>/, 0],
  html_after_sale: [/^200 <!DOCTYPE html>/, 1],
  empty: [/^200 $/, 0],
  empty_after_sale: [/^200 $/, 1],
  half_json: [/^200 \{"data":\{"ref_id".*[^}]$/, 1],
}

for (const name of mishaps) {
  test(`faults: ${name}: is real on the wire, and the book says what was sold (X5)`, async t => {
    const buyer = await Buyer.open()
    t.after(() => buyer.close())
    await buyer.faults({ [name]: 1, timeout_seconds: 0.05 })
    const seen = await buyer.topup('ref-1').then(
      ({ status, text }) => `${status} ${text}`,
      () => 'broken',
    )
    const [look, sold] = looks[name]!
    match(seen, look)
    equal((await buyer.sales()).length, sold)

    await buyer.faults({})
    const { data } = await buyer.topup('ref-1')
    equal(data['rc'], '00')
    const [row] = await buyer.sales()
    equal(row!['times'], 1)
    equal(row!['calls'], 2)
  })
}

test('faults: a repeat: success was decided at the first call (X9)', async t => {
  const buyer = await Buyer.open()
  t.after(() => buyer.close())
  await buyer.faults({ seed: 3, refuse: 0.5 })
  const ask = () => Promise.all(refs.slice(0, 40).map(async ref => (await buyer.topup(ref)).data))
  const first = await ask()
  equal(new Set(first.map(data => data['rc'])).size, 2)
  const rcOf = (data: Record<string, unknown>) => [data['ref_id'], data['rc'], data['sn']]
  deepEqual((await ask()).map(rcOf), first.map(rcOf))
})

test('faults: a world replayed with its seed: ends the same, in any order (X6)', async t => {
  const buyer = await Buyer.open()
  t.after(() => buyer.close())
  const story = async (order: readonly string[]) => {
    await buyer.oracle('reset', {})
    await buyer.faults({ seed: 11, refuse: 0.2, reset: 0.1, html_after_sale: 0.1, pending: 0.2 })
    await Promise.all(order.map(ref => buyer.topup(ref).catch(() => undefined)))
    const rows = await buyer.sales()
    return rows.map(row => `${row['ref']} ${row['status']} ${row['code']} ${row['times']}`).sort()
  }
  const some = refs.slice(0, 100)
  const wanted = await story(some)
  equal(wanted.length < 100, true)
  deepEqual(await story(some.toReversed()), wanted)
})
