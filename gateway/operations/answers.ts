/** Parts that the answers of many operations have in common. */

import { z } from 'zod/v4'
import { trxIdShape } from '../reading.ts'

export const time = z.iso.datetime()
export const trxId = z.string().regex(trxIdShape)
export const rupiah = z.int()
export const id = z.int()

/** An id of a row of ours, as it stands in a path. */
export const number = z.string().regex(/^\d{1,15}$/)

export const listOf = (row: z.ZodType) => z.object({ rows: z.array(row) })

export const pageOf = (row: z.ZodType) =>
  z.object({ rows: z.array(row), next_cursor: z.string().nullable() })

/** An id that nobody has yet: an example that only shows where it stands. */
export const someId = '01a1fbc7-a623-7005-b022-7b93f9ec13eb'
