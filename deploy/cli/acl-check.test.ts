import { deepEqual, match } from 'node:assert/strict'
import { test } from 'node:test'
import { checkAcl } from './acl-check.ts'

const good = `# boxes
pattern write devices/%u/uplink/#
pattern read devices/%u/downlink/#
`
const linesOf = (more: string): number[] => checkAcl(good + more).map(({ line }) => line)
const box = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e8b0'
const other = '0193a7c2-4d1e-70a1-9f3c-5a7b21d0e8b1'

test('acl check: own topics in their own direction: nothing to say (DVK1)', () => {
  deepEqual(checkAcl(good), [])
  deepEqual(linesOf('pattern read devices/%u/downlink/config\nuser bridge\ntopic #\n'), [])
  deepEqual(linesOf('pattern deny #\r\n\r\n# the end'), [])
})

test('acl check: what every box could reach beyond its own: told with its line (DVK1)', () => {
  for (const line of [
    'pattern read devices/+/downlink/#',
    'pattern read #',
    'pattern read $SYS/#',
    'pattern devices/%u/#',
    'pattern read devices/%u/#',
    'pattern write devices/%u/downlink/#',
    'pattern read devices/%u/uplink/#',
    'pattern read devices/x%u/downlink/#',
    'pattern write +/%u/uplink/#',
    'pattern read devices/%u/+/downlink/#',
  ]) {
    deepEqual(linesOf(`${line}\n`), [4], line)
  }
})

test('acl check: who has no name, and one box with another’s topics: told (DVK1)', () => {
  deepEqual(checkAcl(`topic read announcements/#\n${good}`)[0]?.line, 1)
  deepEqual(linesOf(`user ${box}\ntopic read devices/${box}/downlink/#\n`), [])
  deepEqual(linesOf(`user ${box}\ntopic read devices/${other}/downlink/#\n`), [5])
  deepEqual(linesOf(`user ${box}\ntopic #\n`), [5])
})

test('acl check: by client id: told (DVK2)', () => {
  const [finding] = checkAcl(`${good}pattern read devices/%c/downlink/#`)
  match(finding?.problem ?? '', /client id/)
})

test('acl check: what is not understood: told (DVK3)', () => {
  deepEqual(linesOf('patern read devices/%u/downlink/#\n'), [4])
  deepEqual(linesOf('pattern read\n'), [4])
  deepEqual(linesOf('user\n'), [4])
  deepEqual(linesOf('topic\n'), [4])
})

test('acl check: a file that lets boxes reach nothing: told (DVK4)', () => {
  deepEqual(
    checkAcl('user bridge\ntopic #\n').map(({ line }) => line),
    [0, 0],
  )
})
