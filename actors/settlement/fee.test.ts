import { deepEqual, equal, ok, throws } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bpsOf, type FeePlan, feeOf, givenBack, planAt, roundings, wrongIn } from './fee.ts'

const flat: FeePlan = { bps: 70, fixed: 0, rounding: 'half_up' }
const amounts = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const bps = fc.integer({ min: 0, max: 10_000 })
const rounding = fc.constantFrom(...roundings)

test('fee: rounding: once, by name, and halves as the name says (FEE2)', () => {
  // 0.7 % of 50,123 is 350.861; of 500 and 1,500 it is 3.5 and 10.5.
  deepEqual(
    roundings.map(each => bpsOf(50_123, 70, each)),
    [351, 350, 351, 351],
  )
  deepEqual(
    roundings.map(each => bpsOf(500, 70, each)),
    [4, 3, 4, 4],
  )
  deepEqual(
    roundings.map(each => bpsOf(1_500, 70, each)),
    [11, 10, 11, 10],
  )
  deepEqual(
    roundings.map(each => bpsOf(10_000, 70, each)),
    [70, 70, 70, 70],
  )
  // The smallest part of a rupiah that there is.
  deepEqual(
    roundings.map(each => bpsOf(1, 1, each)),
    [0, 0, 1, 0],
  )
})

test('fee: exact for any money, as computed with integers of any size (FEE1, FEE2)', () => {
  fc.assert(
    fc.property(amounts, bps, rounding, (amount, rate, name) => {
      const product = BigInt(amount) * BigInt(rate)
      const [whole, rest] = [product / 10_000n, product % 10_000n]
      const isUp = {
        down: false,
        up: rest > 0n,
        half_up: rest >= 5_000n,
        half_even: rest > 5_000n || (rest === 5_000n && whole % 2n === 1n),
      }[name]
      equal(BigInt(bpsOf(amount, rate, name)), whole + (isUp ? 1n : 0n))
    }),
  )
})

test('fee: not above the amount, within the bounds of its plan (FEE3)', () => {
  equal(feeOf({ ...flat, fixed: 500 }, 10_000), 570)
  equal(feeOf({ ...flat, fixed: 500 }, 300), 300)
  equal(feeOf({ ...flat, fixed: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER), 2 ** 53 - 1)
  equal(feeOf({ ...flat, least: 100 }, 1_000), 100)
  equal(feeOf({ ...flat, least: 100 }, 50), 50)
  equal(feeOf({ ...flat, most: 5_000 }, 10_000_000), 5_000)
  equal(feeOf(flat, 0), 0)
  fc.assert(
    fc.property(
      amounts,
      fc.record({ bps, fixed: amounts, rounding, least: fc.nat(1_000), most: fc.nat() }),
      (amount, { least, most, ...plan }) => {
        const bounds = { least: Math.min(least, most), most: Math.max(least, most) }
        const fee = feeOf({ ...plan, ...bounds }, amount)
        ok(fee >= Math.min(bounds.least, amount) && fee <= Math.min(bounds.most, amount))
      },
    ),
  )
})

test('fee: tiers: the last that has begun, for the whole amount (FEE4)', () => {
  const micro: FeePlan = {
    bps: 0,
    fixed: 0,
    rounding: 'down',
    tiers: [
      { from: 500_001, bps: 30, fixed: 0 },
      { from: 5_000_000, bps: 20, fixed: 1_000 },
    ],
  }
  equal(feeOf(micro, 500_000), 0)
  equal(feeOf(micro, 500_001), 1_500)
  equal(feeOf(micro, 4_999_999), 14_999)
  equal(feeOf(micro, 5_000_000), 11_000)
})

test('fee: plans: what can not be one is named (FEE3, FEE4)', () => {
  equal(wrongIn(flat), undefined)
  for (const wrong of [{ bps: -1 }, { bps: 10_001 }, { bps: 0.5 }, { fixed: -1 }, { fixed: 0.5 }]) {
    equal(wrongIn({ ...flat, ...wrong }), 'rate_invalid')
  }
  equal(wrongIn({ ...flat, rounding: 'sideways' as 'up' }), 'rounding_unknown')
  equal(wrongIn({ ...flat, least: 5, most: 4 }), 'bounds_invalid')
  equal(wrongIn({ ...flat, least: -1 }), 'bounds_invalid')
  const tier = { from: 10, bps: 0, fixed: 0 }
  equal(wrongIn({ ...flat, tiers: [tier, tier] }), 'tiers_unordered')
  equal(wrongIn({ ...flat, tiers: [{ ...tier, from: 0 }] }), 'tiers_unordered')
  equal(wrongIn({ ...flat, tiers: [{ ...tier, bps: -1 }] }), 'rate_invalid')
  const many = Array.from({ length: 21 }, (_, index) => ({ ...tier, from: index + 1 }))
  equal(wrongIn({ ...flat, tiers: many }), 'tiers_too_many')
  equal(wrongIn({ ...flat, tiers: many.slice(1) }), undefined)
  throws(() => feeOf({ ...flat, bps: -1 }, 1), /FEE3/)
  throws(() => feeOf(flat, -1), /FEE1/)
  throws(() => feeOf(flat, 2 ** 53), /FEE1/)
})

test('fee: plans over time: the last that began holds, whatever their order (FEE5)', () => {
  const plans = [
    { effectiveMs: 200, bps: 2 },
    { effectiveMs: 100, bps: 1 },
    { effectiveMs: 200, bps: 3 },
  ]
  deepEqual(
    [99, 100, 199, 200, 10_000].map(at => planAt(plans, at)?.bps),
    [undefined, 1, 1, 3, 3],
  )
})

test('fee: refunds: what goes back in parts is the whole in the end (FEE6)', () => {
  equal(givenBack(70, { of: 10_000, before: 0, amount: 10_000 }), 70)
  equal(givenBack(70, { of: 10_000, before: 0, amount: 5_050 }), 35)
  equal(givenBack(70, { of: 10_000, before: 5_050, amount: 4_950 }), 35)
  throws(() => givenBack(70, { of: 10_000, before: 5_050, amount: 4_951 }), /FEE6/)
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1 }), fc.nat(), (parts, seed) => {
      const of = parts.reduce((sum, part) => sum + part, 1)
      const fee = seed % (of + 1)
      let before = 0
      let back = 0
      for (const amount of [...parts, 1]) {
        const given = givenBack(fee, { of, before, amount })
        ok(given >= 0 && given <= amount)
        back += given
        before += amount
      }
      equal(back, fee)
    }),
  )
})
