/**
 * Are the packages here that package-lock.json asks for? If not, npm brings them, run by the Node
 * that will use them: npm leaves out an optional binary that is built for another Node, without a
 * word.
 *
 * D3. Packages fit when the stamp that the last installation left names this lock file and this
 *     platform; without a stamp they fit when each package of the lock file is here as it says.
 * D4. Install scripts are not run. What Postgres needs of them, deploy/postgres/postgres.ts does.
 * D7. npm 11 refuses `ci` when the lock file lacks an optional package of another platform. Ours
 *     lacks none; where one does, `install --no-save` takes the same versions from the same file.
 */

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findNpm } from './runtime.mjs'

/** Brings the packages when they are missing or not the right ones; throws one clear sentence. */
export function needPackages(root, node, say) {
  const lock = textOf(join(root, 'package-lock.json'))
  const asked = lock ?? readFileSync(join(root, 'package.json'), 'utf8')
  const stamp = stampOf(asked)
  const stampFile = join(root, 'node_modules', '.laju-stamp')
  if (textOf(stampFile) === stamp) return
  const hidden = textOf(join(root, 'node_modules', '.package-lock.json'))
  if (lock === undefined || hidden === undefined || !fitsLock(lock, hidden)) {
    install(root, node, lock !== undefined, say)
  }
  if (existsSync(join(root, 'node_modules'))) writeFileSync(stampFile, stamp)
}

/** Does npm's own record of what is installed hold everything that the lock file asks for? */
export function fitsLock(lock, hidden, here = process) {
  const installed = JSON.parse(hidden).packages ?? {}
  return Object.entries(JSON.parse(lock).packages ?? {}).every(([path, asked]) => {
    if (path === '') return true
    const found = installed[path]
    if (found !== undefined) return found.version === asked.version
    return asked.optional === true && !isFor(asked, here)
  })
}

/** Is an optional package meant for this machine? Where npm cannot say, it may be left out. */
function isFor(asked, here) {
  if (asked.os === undefined || asked.cpu === undefined) return false
  if (!asked.os.includes(here.platform) || !asked.cpu.includes(here.arch)) return false
  if (asked.libc?.includes('musl')) return false
  const built = /^>=(\d+)\.0\.0 <\d+\.0\.0$/.exec(asked.engines?.node ?? '')
  return built === null || built[1] === '22'
}

function install(root, node, locked, say) {
  const ways = locked ? [['ci'], ['install', '--no-save']] : [['install', '--no-save']]
  say('Installing packages from npm, once.')
  let words = ''
  for (const way of ways) {
    const { status, stderr } = runNpm(root, node, way)
    if (status === 0) return
    words += stderr ?? ''
  }
  process.stderr.write(words)
  throw new Error(
    "The packages could not be installed: see npm's words above, and try again when online.",
  )
}

function runNpm(root, node, way) {
  const args = [
    ...way,
    '--include=dev',
    '--include=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]
  const windows = process.platform === 'win32'
  const path = `${dirname(node)}${windows ? ';' : ':'}${process.env.PATH ?? ''}`
  const how = {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 2, 'pipe'],
    env: { ...process.env, PATH: path },
  }
  const npm = findNpm(process.env)
  return npm === undefined
    ? spawnSync('npm', args, { ...how, shell: windows })
    : spawnSync(node, [npm, ...args], how)
}

function stampOf(asked) {
  const sum = createHash('sha256').update(asked).digest('hex')
  return `${sum} ${process.platform}-${process.arch} node22\n`
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
