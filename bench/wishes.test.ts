import { deepStrictEqual, match, strictEqual, throws } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { full, quick } from './sizes.ts'
import { UnclearWish, usage, wishesIn } from './wishes.ts'

const parts = ['broker', 'soak']

test('wishes: nothing asked is the canonical run', () => {
  const wishes = wishesIn([], parts)
  deepStrictEqual([wishes.part, wishes.size, wishes.sizes, wishes.seed], [null, 'full', full, 1])
  deepStrictEqual([...wishes.phases], ['completed', 'latency', 'accepted', 'recovery'])
})

test('wishes: what is asked stands over what the size has', () => {
  const args = '--quick --rounds 5 --connections 64 --only latency --seed 7 --out a.json'
  const wishes = wishesIn(args.split(' '), parts)
  deepStrictEqual(wishes.sizes, { ...quick, rounds: 5, connections: 64 })
  deepStrictEqual([[...wishes.phases], wishes.seed, wishes.out], [['latency'], 7, 'a.json'])
  const part = wishesIn(['soak', '--rounds', '2'], parts)
  deepStrictEqual([part.part, part.partSizes.rounds, part.sizes.rounds], ['soak', 2, 2])
})

test('wishes: what can not be understood names what can (BW1)', () => {
  for (const [args, sentence] of [
    ['--nope', "Unknown option '--nope'"],
    ['--rounds', "Option '--rounds <value>' argument missing"],
    ['--rounds 0', '--rounds is a number from 1 to 1000, not "0"'],
    ['--rounds 1e3', '--rounds is a number from 1 to 1000, not "1e3"'],
    ['--connections many', '--connections is a number from 1 to 10000, not "many"'],
    ['--seed -1', /--seed/],
    ['--only completd', '--only knows completed, latency, accepted, recovery, not "completd"'],
    ['nope', 'there is no part "nope"; the parts are broker, soak'],
    ['broker soak', 'there is no part "broker soak"; the parts are broker, soak'],
    ['toString', 'there is no part "toString"; the parts are broker, soak'],
  ] as const) {
    throws(
      () => wishesIn(args.split(' '), parts),
      (error: Error) => {
        strictEqual(error instanceof UnclearWish, true)
        if (typeof sentence === 'string') strictEqual(error.message, sentence)
        else match(error.message, sentence)
        return true
      },
    )
  }
})

test('wishes: the program says it in a sentence, leaves with 2 and starts nothing (BW1)', async () => {
  const run = (...args: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>(resolve => {
      const argv = [join(import.meta.dirname, 'run.ts'), ...args]
      execFile(process.execPath, argv, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      )
    })
  const unclear = await run('nope')
  strictEqual(unclear.code, 2)
  match(unclear.stderr, /^bench: there is no part "nope"; .*\n\nnpm run bench/m)
  strictEqual(/^ +at /m.test(unclear.stderr), false)
  const help = await run('--help')
  strictEqual(help.code, 0)
  match(help.stdout, /npm run bench -- PART/)
  strictEqual(help.stdout.startsWith(usage(['catalogue']).split('\n')[0]!), true)
})
