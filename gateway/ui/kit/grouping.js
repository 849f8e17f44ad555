/** An amount in groups of three, while it is typed. */

import { digitsOf } from './format.js'

export function grouping(control) {
  control.addEventListener('input', ({ inputType }) => {
    const isForward = inputType === 'deleteContentForward'
    const { value, caret } = grouped(control.value, control.selectionStart, isForward)
    control.value = value
    control.setSelectionRange(caret, caret)
  })
}

/**
 * What was typed, in groups of three, and where its caret is now: with as many digits to its right
 * as before. A point on the way is passed in the direction in which one deletes.
 */
export function grouped(typed, caret, isForward = false) {
  const digits = digitsOf(typed)
  const value = digits.replace(/\B(?=(\d{3})+$)/g, '.')
  const right = digits.length - digitsOf(typed.slice(0, caret)).length
  let at = value.length
  for (let passed = 0; passed < right; at--) if (value[at - 1] !== '.') passed++
  return { value, caret: !isForward && value[at - 1] === '.' ? at - 1 : at }
}
