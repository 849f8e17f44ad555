/** What we call apps and countries, and what handler_api.php calls them, agree. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { countryNumbers, serviceCodes } from '../../gateway/dialects/handler-codes.ts'
import { knownApps, knownCountries } from '../../services/number/known-names.ts'
import { makeNames } from '../../services/number/names.ts'

const names = makeNames([])

test('handler codes: a country under our name: the number that its English name has (HAC1)', () => {
  const numberOf = (countryId: string, name: string) =>
    countryNumbers([{ countryId, name }]).byNumber.keys().next().value
  let numbered = 0
  for (const all of Object.values(knownCountries)) {
    const { id, name, english } = names.of('country', all.split(' ')[0]!, '')
    const expected = numberOf('none', english)
    if (expected === undefined) continue
    numbered++
    equal(numberOf(id, name), expected, english)
  }
  ok(numbered > 130)
})

test('handler codes: an app under our name: the code by which we know it (HAC1)', () => {
  for (const [code, told] of Object.entries(knownApps)) {
    const { id: serviceId, name } = names.of('service', code, '')
    equal(name, told)
    const codes = [...serviceCodes([{ serviceId, name }]).keys()]
    if (codes[0] !== serviceId) deepEqual(codes, [code])
  }
})
