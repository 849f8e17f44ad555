import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Named, pairUp } from './pairing.ts'

const named = (name: string, amount: number, ...more: string[]): Named => ({
  ...{ names: [name, ...more], amount },
})
/** Of each row the place of what it means, with a mark when it is meant again. */
const meantBy = (rows: readonly Named[], ours: readonly Named[]) =>
  pairUp(rows, ours).map(told =>
    told === null ? '-' : `${ours.indexOf(told.one)}${told.isAgain ? ' again' : ''}`,
  )

test('pairing: one name of several: the amount tells them apart, in any order (DKP2)', () => {
  const ours = [named('run', 10), named('run', 20), named('run', 20)]
  deepEqual(meantBy([named('run', 20), named('run', 10), named('run', 20)], ours), ['1', '0', '2'])
  const late = [named('run', 20), named('run', 20), named('run', 20)]
  deepEqual(meantBy(late, ours), ['1', '2', '1 again'])
})

test('pairing: another amount: meant where one alone is left, else nobody knows (DKP1)', () => {
  deepEqual(meantBy([named('a', 9), named('a', 10)], [named('a', 10)]), ['0 again', '0'])
  deepEqual(meantBy([named('a', 9), named('a', 8)], [named('a', 10)]), ['0', '0 again'])
  const two = [named('run', 10), named('run', 20)]
  deepEqual(meantBy([named('run', 10), named('run', 19)], two), ['0', '1'])
  deepEqual(meantBy([named('run', 11)], two), ['-'])
  deepEqual(meantBy([named('run', 10), named('run', 10)], two), ['0', '0 again'])
  deepEqual(meantBy([named('x', 10)], two), ['-'])
})

test('pairing: several names: a row goes by the first that is ours (DKP3)', () => {
  const ours = [named('LJ1', 10, 'run'), named('LJ2', 10, 'run', 'run')]
  deepEqual(meantBy([named('LJ9', 10, 'LJ2', 'run'), named('run', 10)], ours), ['1', '0'])
})

test('pairing: any rows: each of ours is meant once, and what fits is together (DKP1, DKP2)', () => {
  const one = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 4 }))
    .map(([name, amount]) => named(name, amount))
  const list = fc.array(one, { maxLength: 12 })
  fc.assert(
    fc.property(list, list, (rows, ours) => {
      const told = pairUp(rows, ours)
      const first = told.flatMap(meant => (meant === null || meant.isAgain ? [] : [meant.one]))
      equal(new Set(first).size, first.length)
      for (const meant of told) if (meant?.isAgain) equal(first.includes(meant.one), true)
      const count = (all: readonly Named[], { names, amount }: Named) =>
        all.filter(other => other.names[0] === names[0] && other.amount === amount).length
      const same = told.filter(
        (meant, n) => meant?.isAgain === false && meant.one.amount === rows[n]!.amount,
      )
      const kinds = new Map(ours.map(each => [`${each.names[0]} ${each.amount}`, each]))
      const most = [...kinds.values()].reduce(
        (all, each) => all + Math.min(count(rows, each), count(ours, each)),
        0,
      )
      equal(same.length, most)
    }),
  )
})
