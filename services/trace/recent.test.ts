import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { Recent } from './recent.ts'

test('recent: many: never more than the most, and the later half is there (TRR1)', () => {
  const recent = new Recent<number, string>(10)
  for (let n = 0; n < 1_000; n++) {
    recent.set(n, `${n}`)
    ok(recent.size <= 10, `${recent.size}`)
    for (let late = Math.max(0, n - 4); late <= n; late++) ok(recent.get(late) === `${late}`)
  }
  deepEqual([recent.get(0), recent.get(980)], [undefined, undefined])
})

test('recent: one that is set again or deleted is there once or not at all (TRR1)', () => {
  const recent = new Recent<number, string>(4)
  for (const n of [1, 2, 3, 1]) recent.set(n, `${n}!`)
  deepEqual([recent.size, recent.get(1)], [3, '1!'])
  recent.delete(1)
  recent.delete(2)
  deepEqual(
    [recent.size, recent.get(1), recent.get(2), recent.get(3)],
    [1, undefined, undefined, '3!'],
  )
})
