import {meanMetric} from './mean-metric.ts'
import type {Metric} from './metric.ts'
import {pythonStrip} from './python-text.ts'

/** CodeXGLUE's accuracy: the share of texts that equal a reference but for white space at the ends. */
export const accuracy: Metric = meanMetric(
  {id: 'accuracy', version: 1, scale: 100, source: 'CodeXGLUE code-to-code-trans evaluator.py, exact match'},
  (prediction, references) => {
    if (references.length === 0) return undefined
    const text = pythonStrip(prediction)
    return references.some((reference) => pythonStrip(reference) === text) ? 1 : 0
  },
)
