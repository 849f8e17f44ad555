import { deepStrictEqual, match, strictEqual } from 'node:assert/strict'
import { test } from 'node:test'
import { brokenIn, type Measured, summed, tableOf } from './beside.ts'

const took: Measured = {
  ...{
    figure: 'work',
    unit: 'us',
    ours: [2, 4, 3],
    baseline: [4, 4, 9],
    baselineIs: 'the slow way',
  },
}
const rate: Measured = { ...took, figure: 'rate', unit: '/s', ours: [10, 8], baseline: [10, 10] }

test('beside: ratio: of times and of rates, the median of the rounds (BBG1)', () => {
  const { median, baselineMedian, ratio } = summed(took)
  deepStrictEqual([median, baselineMedian, ratio], [3, 4, 2])
  strictEqual(summed(rate).ratio, 0.9)
  strictEqual(summed({ ...took, baseline: [] }).ratio, null)
})

test('beside: promises: held against the median, and told when not kept (BBG2)', () => {
  deepStrictEqual(
    brokenIn([took, { ...took, most: 3 }, { ...rate, least: 9, leastRatio: 0.9 }]),
    [],
  )
  deepStrictEqual(brokenIn([{ ...took, most: 2 }]), ['work: 3 us, promised <= 2'])
  deepStrictEqual(brokenIn([{ ...rate, least: 10 }]), ['rate: 9 /s, promised >= 10'])
  deepStrictEqual(brokenIn([{ ...rate, leastRatio: 0.95 }]), ['rate: 9 /s, promised >= x 0.95'])
  match(tableOf([{ ...took, most: 2 }]), /work, us +3 +4 +x 2 +<= 2 +BROKEN\n +baseline: the slow/)
})
