import { equal } from 'node:assert/strict'
import { test } from 'node:test'
import { kinds } from './admin-tables.ts'

test('catalogue tables: from where a supplier reports: addresses and nets, or nothing (FLK1)', () => {
  const row = { code: 'oto', name: 'Oto', adapter: 'otomax', base_url: 'http://127.0.0.1' }
  for (const [callback_ips, isFit] of [
    ['', true],
    ['203.0.113.9', true],
    [' 203.0.113.0/24  2001:db8::/32 ', true],
    ['203.0.113.0/33', false],
    ['2001:db8::/129', false],
    ['203.0.113.0/24/8', false],
    ['supplier.example', false],
  ] as const) {
    equal(kinds.suppliers.shape.safeParse({ ...row, callback_ips }).success, isFit, callback_ips)
  }
})
