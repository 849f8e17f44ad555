/**
 * Where a span that was asked for begins or ends.
 *
 * DC5. A day is a day in Jakarta, from its first moment; a time names its own zone. Anything else
 *      is none: it is never guessed.
 */

import { z } from 'zod/v4'
import { dayStart } from '../../services/day.ts'

const instant = z.iso.datetime({ offset: true })

/** NaN: it is neither. */
export const momentIn = (text: string): number =>
  instant.safeParse(text).success ? Date.parse(text) : dayStart(text)
