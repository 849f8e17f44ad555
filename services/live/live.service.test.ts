import { equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { mask } from './live.service.ts'

test('live: a number on the public page: half at most is shown, four digits at least hidden (LV2)', () => {
  equal(mask('087812341230'), '0878••••1230')
  equal(mask('12345678'), '12••••78')
  equal(mask('1234567'), '1•••••7')
  equal(mask('123'), '•••')
  equal(mask(''), '')
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 30 }), number => {
      const shown = mask(number)
      equal(shown.length, number.length)
      const hidden = [...shown].filter(one => one === '•').length
      ok(hidden >= Math.min(4, number.length))
      ok(number.length - hidden <= 8)
    }),
  )
})
