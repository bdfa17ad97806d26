#!/usr/bin/env -S node --import tsx
import {readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {execute, settings} from '@oclif/core'

// oclif's own development mode does not work with tsx: turn it off and say where the sources are.
settings.enableAutoTranspile = false
const root = fileURLToPath(new URL('..', import.meta.url))
const pjson = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
pjson.oclif.commands = './src/commands'
await execute({dir: import.meta.url, loadOptions: {pjson, root}})
