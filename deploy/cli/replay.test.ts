import { deepEqual, equal, match } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { printWhatIf, readProposal } from './replay.ts'

const folder = mkdtempSync(join(tmpdir(), 'laju-replay-'))
after(() => rmSync(folder, { recursive: true }))

test('replay: a file of rules: read, or one sentence about it (RTO1)', () => {
  const file = join(folder, 'rules.json')
  const read = (text: string) => {
    writeFileSync(file, text)
    return readProposal(file)
  }
  deepEqual(read('[{"scope":"default","rule":{"policy":"cheapest"}}]'), {
    rules: [{ scope: 'default', target: '', rule: { policy: 'cheapest' } }],
  })
  const prices = [{ op: 'put', rule: { scope: 'default', fixed: 100 } }]
  deepEqual(read(JSON.stringify({ prices })), { rules: [], prices })
  for (const text of ['{', '{"policy":"cheapest"}', '[{"scope":1}]', '[{"scope":"default"}]']) {
    const told = read(text)
    equal(typeof told, 'string', text)
    match(told as string, /rules\.json/)
  }
  match(readProposal(join(folder, 'none.json')) as string, /none\.json/)
})

test('replay: printed: what happened beside what would have, and the difference (RTO1)', () => {
  let text = ''
  const side = (margin: number) => ({ orders: 10, successBp: 9_500, margin, latencyMs: 800 })
  printWhatIf(
    {
      ...{ orders: 10, reproduced: 9, differing: ['x'], moved: 4, repriced: 7, unsold: 1 },
      ...{ recorded: side(5_000), today: side(5_100), proposed: side(6_100) },
      firsts: [{ supplier: 'digi', recorded: 10, proposed: 6 }],
    },
    more => (text += more),
  )
  match(text, /give 9 recorded first choices again\n +not of x/)
  match(text, /proposed - today +0 +0\.00 % +1000 +0 ms/)
  match(text, /digi +10 +6/)
  match(text, /change 7 orders, leave 1 unsold/)
})
