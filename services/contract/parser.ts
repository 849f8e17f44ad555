/** Rules that read what suppliers say. */

import type { Answer } from './answer.ts'
import type { Millis } from './words.ts'

/** One rule of a supplier; its whole shape is `ruleSchema` in services/parser/rules.ts. */
export type ParserRule = Readonly<Record<string, unknown>>

export type ParserFinding = {
  readonly rule: string
  readonly kind: string
  readonly detail: string
}

export type ParserVersion = {
  readonly supplier: string
  readonly version: number
  readonly digest: string
  readonly note: string
  readonly madeBy: string
  readonly madeAt: Millis
}

export type ParserBench = {
  readonly id: number
  readonly supplier: string
  readonly replies: number
  readonly changed: number
  /** Of these: not a success before, and one now. */
  readonly toSuccess: number
  readonly complete: boolean
  readonly ms: Millis
  readonly changes: readonly {
    readonly where: string
    readonly channel: string
    readonly reply: string
    readonly before: string
    readonly after: string
  }[]
  /** Of the new rules, as stored replies show them. */
  readonly conflicts: readonly ParserFinding[]
}

export type ParserActions = {
  'parser.inbox': {
    params: { supplier?: string; limit: number }
    result: Answer<
      readonly {
        readonly supplier: string
        readonly channel: string
        readonly sample: string
        readonly count: number
        readonly firstAt: Millis
        readonly lastAt: Millis
        readonly draft: ParserRule
      }[]
    >
  }
  'parser.rules': {
    params: { supplier: string }
    result: Answer<{
      /** Null while the rules that we ship are in use. */
      readonly active: number | null
      readonly rules: readonly ParserRule[]
      readonly versions: readonly (ParserVersion & { readonly rules: number })[]
      readonly history: readonly {
        readonly version: number
        readonly bench: number
        readonly by: string
        readonly at: Millis
      }[]
    }>
  }
  'parser.version': {
    params: { supplier: string; version: number }
    result: Answer<ParserVersion & { readonly rules: readonly ParserRule[] }>
  }
  'parser.save': {
    params: { supplier: string; rules: readonly unknown[]; note: string; by: string }
    result: Answer<{
      readonly version: number
      readonly digest: string
      readonly findings: readonly ParserFinding[]
    }>
  }
  'parser.test': {
    params: { rules: readonly unknown[]; sample: string }
    result: Answer<{
      readonly findings: readonly ParserFinding[]
      readonly channels: readonly {
        readonly channel: string
        readonly matches: readonly string[]
        readonly fields: Readonly<Record<string, string>>
        readonly verdict: object | null
      }[]
      readonly draft: object
    }>
  }
  'parser.bench': {
    params: { supplier: string; version: number; by: string }
    result: Answer<ParserBench>
  }
  'parser.activate': {
    params: {
      supplier: string
      version: number
      bench: number
      acceptSuccess?: boolean
      by: string
    }
    result: Answer<{ readonly supplier: string; readonly version: number }>
  }
  'parser.template': {
    params: { supplier: string; template: unknown; by: string }
    result: Answer<{ readonly version: number }>
  }
}
