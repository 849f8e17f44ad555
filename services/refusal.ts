/** Saying no to an asker whose money was not touched, and handing on the no of somebody else. */

import type { Answer, Refused } from './contract/answer.ts'
import type { RefusalCode } from './contract/words.ts'

export const refuse = (refused: RefusalCode, details?: Refused['details']): Refused => ({
  refused,
  ...(details === undefined ? {} : { details }),
  moneyEffect: 'none',
})

/** Thrown amid several questions, when one of them was not answered with ok. */
export class Told extends Error {
  readonly answer: Exclude<Answer<never>, { ok: never }>
  constructor(answer: Exclude<Answer<never>, { ok: never }>) {
    super('told')
    this.answer = answer
  }
}

export function sure<T>(answer: Answer<T>): T {
  if ('ok' in answer) return answer.ok
  throw new Told(answer)
}
