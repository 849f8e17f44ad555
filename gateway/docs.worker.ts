/**
 * Makes the API's documents away from the thread that answers (Piscina): the shapes of two hundred
 * doors are needed once, and are gone with the thread.
 */

import { docsPage } from './docs-page.ts'
import { describedOf, documentOf } from './openapi.ts'
import { operations } from './operations.ts'
import type { Hung } from './router.ts'

const version = '1'

export type DocsTask = { readonly publicUrl: string; readonly table: readonly Hung[] }
export type Documents = { readonly json: string; readonly html: string }

export default function makeDocuments({ publicUrl, table }: DocsTask): Documents {
  const described = describedOf(operations, table)
  const document = documentOf(described, { url: publicUrl, version })
  return { json: JSON.stringify(document), html: docsPage(described, document, publicUrl) }
}
