/**
 * The reference page: one section per operation, from the same document that programs read. Plain
 * HTML without a script, so that it opens at once and prints well.
 *
 * GY1. Nothing reaches the page without being escaped.
 */

import { meanings } from './answer.ts'
import type { Operation } from './openapi.ts'
import { codeText, operationText } from './text.id.ts'

type Json = { readonly [name: string]: unknown }
type Field = { readonly name: string; readonly type: string; readonly needed: boolean }

export function docsPage(operations: readonly Operation[], document: Json): string {
  const { title, intro, signing } = operationText
  const tags = [...new Set(operations.map(one => one.tag))]
  const links = operations.map(
    one =>
      `<li><a href="#${one.id}"><b>${verb(one)}</b> <code>${escaped(one.path)}</code></a></li>`,
  )
  const sections = tags.map(
    tag =>
      `<h2>${escaped(tag)}</h2>${operations
        .filter(one => one.tag === tag)
        .map(one => section(one, document))
        .join('')}`,
  )
  return `<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<link rel="icon" href="/ui/icon.svg">
<link rel="stylesheet" href="/ui/docs.css">
</head>
<body>
<header><h1>${escaped(title)}</h1><p>${escaped(intro)}</p><p>${escaped(signing)}</p>
<p><a href="/api/v1/openapi.json">openapi.json</a> · <a href="/">${operationText.home}</a></p>
</header>
<nav><ol>${links.join('')}</ol></nav>
<main>${sections.join('')}</main>
</body>
</html>
`
}

function section(operation: Operation, document: Json): string {
  const { id, method, path, access, refusals, example } = operation
  const described = at(document, 'paths', path, method)
  const parameters = (described['parameters'] ?? []) as readonly Json[]
  const asked = [
    ...parameters.map(one => ({
      name: String(one['name']),
      type: typeOf(one['schema'] as Json),
      needed: one['required'] === true,
    })),
    ...fieldsOf(at(described, 'requestBody', 'content', 'application/json', 'schema')),
  ]
  const answered = fieldsOf(
    at(
      described,
      'responses',
      '200',
      'content',
      'application/json',
      'schema',
      'properties',
      'data',
    ),
  )
  const told = refusals.map(
    code =>
      `<tr><td><code>${code}</code></td><td>${meanings[code].http}</td><td>${escaped(codeText[code])}</td></tr>`,
  )
  return `<section id="${id}"><h3><b>${verb(operation)}</b> <code>${escaped(path)}</code></h3>
<p>${escaped(operationText[id])} <small>${operationText[access]}</small></p>
${asked.length === 0 ? '' : `<h4>${operationText.request}</h4>${table(asked)}`}
<h4>${operationText.example}</h4><pre>${escaped(exampleOf(operation, example))}</pre>
<h4>${operationText.answer}</h4>${table(answered)}
<details><summary>${operationText.refusals}</summary><table>${told.join('')}</table></details>
</section>`
}

function exampleOf({ method, path }: Operation, { params, query, body }: Operation['example']) {
  let address = path
  for (const name in params) address = address.replace(`{${name}}`, params[name]!)
  const asked = new URLSearchParams(query).toString()
  const line = `${method.toUpperCase()} ${address}${asked === '' ? '' : `?${asked}`}`
  return body === undefined ? line : `${line}\n\n${JSON.stringify(body, null, 2)}`
}

function table(fields: readonly Field[]): string {
  const { field, type, needed, yes, no } = operationText
  const rows = fields.map(
    one =>
      `<tr><td><code>${escaped(one.name)}</code></td><td>${escaped(one.type)}</td><td>${one.needed ? yes : no}</td></tr>`,
  )
  return `<table><tr><th>${field}</th><th>${type}</th><th>${needed}</th></tr>${rows.join('')}</table>`
}

/** The fields of an object, those of objects inside it by their path. */
function fieldsOf(schema: Json, prefix = ''): Field[] {
  const properties = (schema['properties'] ?? {}) as Record<string, Json>
  const required = (schema['required'] ?? []) as readonly string[]
  return Object.entries(properties).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`
    const field = { name: path, type: typeOf(inner), needed: required.includes(name) }
    const items = inner['items'] as Json | undefined
    return [field, ...fieldsOf(items ?? inner, items === undefined ? `${path}.` : `${path}[].`)]
  })
}

function typeOf(schema: Json): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].join(' | ')
  if (schema['const'] !== undefined) return String(schema['const'])
  const any = schema['anyOf'] as readonly Json[] | undefined
  if (any !== undefined) return any.map(typeOf).join(' | ')
  const format = schema['format'] === undefined ? '' : ` (${String(schema['format'])})`
  return `${String(schema['type'] ?? '')}${format}`
}

function at(json: Json, ...names: readonly string[]): Json {
  let found: Json = json
  for (const name of names) found = (found[name] ?? {}) as Json
  return found
}

const verb = ({ method }: Operation): string => method.toUpperCase()

const signs: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, sign => signs[sign]!)
