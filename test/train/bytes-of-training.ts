import {readdirSync, readFileSync, statSync} from 'node:fs'
import {join} from 'node:path'

/** Every file of a trained checkpoint as text by path, but what measures time and the lock of a killed process. */
export function bytesOfTraining(folder: string): Record<string, string> {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter((name) =>
    statSync(join(folder, name)).isFile(),
  )
  return Object.fromEntries(
    names
      .filter((name) => !/(lock|\.part|time\.json)$/.test(name))
      .sort()
      .map((name) => [
        name,
        readFileSync(join(folder, name), 'latin1')
          .replaceAll(/,"timing":\{[^}]*\}/g, '')
          .replaceAll(/^\| (seconds of|processor seconds).*$/gm, ''),
      ]),
  )
}
