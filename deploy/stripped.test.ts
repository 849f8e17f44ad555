import { equal, match } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)
const quiet = '--disable-warning=ExperimentalWarning'

/** A program of two files, one of them in a thread, and whoever strips it. */
async function programOf(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), 'laju-stripped-'))
  t.after(() => rm(root, { recursive: true, force: true }))
  await mkdir(join(root, 'deploy'))
  await cp(join(import.meta.dirname, 'stripped.mjs'), join(root, 'deploy/stripped.mjs'))
  await writeFile(join(root, 'package.json'), '{"type":"module"}')
  const says = (words: string) =>
    writeFile(join(root, 'words.ts'), `export const words: string = '${words}'\n`)
  await writeFile(
    join(root, 'main.ts'),
    `import { isMainThread, Worker } from 'node:worker_threads'
     import { words } from './words.ts'
     const told: string = words
     if (isMainThread) new Worker(new URL(import.meta.url))
     else console.log(told)`,
  )
  const start = async () => {
    const args = [quiet, `--import=${join(root, 'deploy/stripped.mjs')}`, join(root, 'main.ts')]
    return (await run(process.execPath, args)).stdout.trim()
  }
  const cache = join(root, 'node_modules/.cache/stripped')
  return { root, says, start, cache }
}

test('stripped: started again, and again with a file changed: the file as it stands (DST1)', async t => {
  const { says, start, cache } = await programOf(t)
  await says('first')
  equal(await start(), 'first')
  equal((await readdir(cache)).length, 2)
  equal(await start(), 'first')
  await says('other')
  equal(await start(), 'other')
  equal((await readdir(cache)).length, 2)
})

test('stripped: kept by halves, or changed where it is kept: stripped again (DST1)', async t => {
  const { says, start, cache } = await programOf(t)
  await says('true')
  equal(await start(), 'true')
  for (const name of await readdir(cache)) {
    const text = await readFile(join(cache, name), 'utf8')
    match(text, /^[0-9a-f]{32}\n/)
    await writeFile(join(cache, name), text.replace("'true'", "'fake'").slice(0, -3))
  }
  equal(await start(), 'true')
})

test('stripped: nothing can be kept: it runs all the same (DST2)', async t => {
  const { root, says, start } = await programOf(t)
  await says('hello')
  await writeFile(join(root, 'node_modules'), 'no folder')
  await chmod(join(root, 'node_modules'), 0o444)
  equal(await start(), 'hello')
})
