/** What the engine is told about one attempt, whichever way we learnt it. */

import { evidence, type Reading } from './adapter.ts'

const snBytesMax = 1_024

/** A serial number is somebody else's word: bounded, and without what no table takes. */
export const cleanSn = (sn: string): string => evidence(sn, [], snBytesMax)

export type Report = {
  readonly n: number
  readonly outcome: 'success' | 'failed' | 'pending' | 'unknown'
  readonly sn?: string
  /** Absent when the supplier did not say what it charged. */
  readonly cost?: number
  readonly balance?: number
  /** Their code, or ours for why nothing is known. */
  readonly code?: string
  readonly message?: string
  /** Only of failures: another supplier may be tried. */
  readonly retryable?: boolean
  /** Only of failures: of a kind that suppliers revise. */
  readonly watch?: boolean
  readonly supplierTrouble?: boolean
  readonly reply?: string
  /** Their id of the order, as far as this answer gave it. */
  readonly theirId?: string
  /** Of a call without an end: when it left, by the clock that dispatched it. */
  readonly leftAt?: number
  readonly ms: number
  readonly via: 'reply' | 'check' | 'callback'
}

/** As told by a callback, with what it claims to be about: to be compared with the attempt. */
export type CallbackReport = Report & {
  readonly supplier: string
  readonly order: string
  readonly sku: string | null
  readonly dest: string | null
}

type Circumstances = Pick<Report, 'n' | 'ms' | 'via'> & { readonly leftAt?: number | undefined }

export function reportOf(reading: Reading, { n, ms, via, leftAt }: Circumstances): Report {
  const common = {
    n,
    ms,
    via,
    ...(reading.reply === '' ? {} : { reply: reading.reply }),
    ...(reading.supplierTrouble ? { supplierTrouble: true } : {}),
    ...(reading.theirId === undefined ? {} : { theirId: reading.theirId }),
  }
  const left = leftAt === undefined ? null : { leftAt }
  switch (reading.outcome) {
    case 'success': {
      const { outcome, sn, cost, balance } = reading
      return {
        ...common,
        outcome,
        sn: cleanSn(sn),
        ...(cost === null ? {} : { cost }),
        ...(balance === null ? {} : { balance }),
      }
    }
    case 'failed': {
      const { outcome, code, message, retryable, watch } = reading
      return { ...common, outcome, code, message, retryable, watch }
    }
    case 'pending': {
      const { outcome, code, message } = reading
      return { ...common, ...left, outcome, code, message }
    }
    case 'unknown':
      return { ...common, ...left, outcome: 'unknown', code: reading.why }
  }
}
