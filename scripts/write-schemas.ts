// Writes configs/**/*.schema.json from the schemas that check the YAML: node --import tsx scripts/write-schemas.ts
import {writeFileSync} from 'node:fs'
import {publishedSchemas} from '../src/config/published-schemas.ts'

for (const [file, text] of Object.entries(publishedSchemas()))
  writeFileSync(new URL(`../configs/${file}`, import.meta.url), text)
