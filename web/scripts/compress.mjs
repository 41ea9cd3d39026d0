// Writes NAME.br and NAME.gz beside every file of the build that gets smaller by
// it, so that the server compresses nothing. The same input gives the same bytes.
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const dist = new URL('../../internal/web/dist/', import.meta.url)

for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !/\.(html|js|css|svg|webmanifest)$/.test(entry.name)) continue
  const path = `${entry.parentPath ?? entry.path}/${entry.name}`
  const plain = await readFile(path)
  const forms = {
    br: brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } }),
    gz: gzipSync(plain, { level: 9 }),
  }
  for (const [ending, bytes] of Object.entries(forms)) {
    if (bytes.length < plain.length) await writeFile(`${path}.${ending}`, bytes)
  }
}
