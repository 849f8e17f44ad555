/** Every part of the bench, tiny, with real processes: so that none can rot. */
import { deepStrictEqual, ok } from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { output } from './ground/processes.ts'

let folder: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'laju-parts-'))
  await chmod(folder, 0o711)
})
after(() => rm(folder, { recursive: true, force: true }))

const rules: Readonly<Record<string, string>> = {
  catalogue: 'two engines, one of them stocked (BBF1)',
  'price-list': 'prepared and put together are alike (BBF1, BBH1)',
  'what-if': 'every recorded order is counted and chosen again (BBF2, BBI1)',
  routing: 'beside the usual way',
  'price-book': 'beside the usual way',
  parser: 'beside the usual way',
  'rule-bench': 'every stored reply is read (BBF2, BBL1)',
  broker: 'every message is heard once, and counted there (BRG1, BRG2, BRG3)',
  soundbox:
    'every payment is heard by its box once, also across a cut (BNA1, BNA2, BNA3, BNB1, BNB2)',
  soak: 'every order ends, none is sold twice (BSO1, BSO2)',
  number:
    'each code on its page once (BQA1, BQA2, BQA3, BQB1, BQB2, BQC1, BQD1, BQD2, BQE1, BQE2, BQE3)',
}

for (const [part, rule] of Object.entries(rules)) {
  test(`bench part: ${part}: ${rule}`, async () => {
    const out = join(folder, `${part}.json`)
    const args = [part, '--tiny', '--rounds', '1', '--out', out]
    await output(join(import.meta.dirname, 'run.ts'), args, { TMPDIR: folder })
    const { figures, wrong } = JSON.parse(await readFile(out, 'utf8'))
    await rm(out)
    deepStrictEqual(wrong, [])
    ok(figures.length > 0)
    for (const { median, figure } of figures) ok(median > 0, figure)
    deepStrictEqual(await readdir(folder), [], 'nothing is left behind')
  })
}
