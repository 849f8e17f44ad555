/**
 * Amounts as suppliers print them. The same digits mean different money in different houses
 * ("71.900" and "71,900"), so the rule says which house it is; nothing is guessed, and there are no
 * fractions.
 *
 * PAB1. Only an amount that is whole in the named format is read; all else is no amount.
 * PAB2. What is printed after the decimal mark is left out, never rounded up.
 */

type NumberFormat = 'dot' | 'comma' | 'plain'

const shapes: Readonly<Record<NumberFormat, RegExp>> = {
  dot: /^-?(?:\d{1,15}|\d{1,3}(?:\.\d{3}){1,4})(?:,\d{1,2})?$/,
  comma: /^-?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.\d{1,2})?$/,
  plain: /^-?\d{1,15}$/,
}

export function readRupiah(printed: string | undefined, format: NumberFormat): number | null {
  // A greedy `[\d.]+` takes the full stop of its sentence along.
  const text = printed?.trim().replace(/[.,]+$/, '') ?? ''
  if (!shapes[format].test(text)) return null
  const whole = format === 'dot' ? text.split(',')[0]! : text.split('.')[0]!
  return Number(whole.replaceAll(/[.,]/g, ''))
}
