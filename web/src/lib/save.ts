import { request } from '../api/client'

/** Saves a file of the API under a name, byte for byte; it throws what fetch throws. */
export async function save(path: string, name: string): Promise<void> {
  const answer = await request(path, AbortSignal.timeout(60_000), '*/*')
  if (!answer.ok) throw new Error(`The server answered with status ${answer.status}.`)
  const link = document.createElement('a')
  link.href = URL.createObjectURL(await answer.blob())
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
