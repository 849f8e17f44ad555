/**
 * What somebody who runs the bench has asked for, read before anything is started.
 *
 * BW1. What can't be understood is one sentence and exit code 2; nothing is started for it.
 */
import { parseArgs } from 'node:util'
import { type PartSizes, partSizes } from './part-sizes.ts'
import { full, quick, type Sizes, tiny } from './sizes.ts'

export const phases = ['completed', 'latency', 'accepted', 'recovery'] as const
export type Phase = (typeof phases)[number]

export type Wishes = {
  readonly help: boolean
  /** The bench of that name; null is the canonical one. */
  readonly part: string | null
  readonly size: keyof typeof partSizes
  readonly sizes: Sizes
  readonly partSizes: PartSizes
  readonly phases: ReadonlySet<Phase>
  readonly seed: number
  readonly out: string | undefined
}

export class UnclearWish extends Error {
  override readonly name = 'UnclearWish'
}

const sizesOf = { full, quick, tiny }
/** The load generator is one process, and files are short of handles before that. */
const connectionsMax = 10_000

/** Throws UnclearWish. `parts` are the names of the benches beside the canonical one. */
export function wishesIn(args: readonly string[], parts: readonly string[]): Wishes {
  const { values, positionals } = wordsIn(args)
  const [part = null, ...more] = positionals
  if (more.length > 0 || (part !== null && !parts.includes(part))) {
    const given = positionals.join(' ')
    throw new UnclearWish(`there is no part "${given}"; the parts are ${parts.join(', ')}`)
  }
  const size = values.tiny ? 'tiny' : values.quick ? 'quick' : 'full'
  const given = {
    rounds: numberIn('--rounds', values.rounds, 1, 1000),
    connections: numberIn('--connections', values.connections, 1, connectionsMax),
  }
  const over = <T extends { readonly rounds: number; readonly connections: number }>(
    base: T,
  ): T => ({
    ...base,
    rounds: given.rounds ?? base.rounds,
    connections: given.connections ?? base.connections,
  })
  return {
    help: values.help,
    part,
    size,
    sizes: over(sizesOf[size]),
    partSizes: over(partSizes[size]),
    phases: phasesIn(values.only),
    seed: numberIn('--seed', values.seed, 0, 2 ** 31 - 1) ?? 1,
    out: values.out,
  }
}

export function usage(parts: readonly string[]): string {
  return `npm run bench -- [--quick | --tiny] [--only ${phases.join(',')}]
                 [--rounds N] [--connections N] [--seed N] [--out FILE]
npm run bench -- PART [--quick | --tiny] [--rounds N] [--connections N] [--seed N] [--out FILE]

  PART is one of ${parts.join(', ')}; bench/README.md says what each promises.`
}

function wordsIn(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        tiny: { type: 'boolean', default: false },
        only: { type: 'string', default: phases.join(',') },
        rounds: { type: 'string' },
        connections: { type: 'string' },
        seed: { type: 'string' },
        out: { type: 'string' },
      },
    })
  } catch (cause) {
    // Node's own sentence goes on about what to do with names that begin with a dash.
    const [sentence = ''] = (cause as Error).message.split('. ')
    throw new UnclearWish(sentence, { cause })
  }
}

function numberIn(option: string, text: string | undefined, least: number, most: number) {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new UnclearWish(`${option} is a number from ${least} to ${most}, not "${text}"`)
}

function phasesIn(text: string): ReadonlySet<Phase> {
  const words = text.split(',')
  const strange = words.find(word => !(phases as readonly string[]).includes(word))
  if (strange === undefined) return new Set(words as Phase[])
  throw new UnclearWish(`--only knows ${phases.join(', ')}, not "${strange}"`)
}
