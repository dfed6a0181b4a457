/** What plans, tests, reviews and differences say in the mock. */

import type { ChangedFile, DiscoveredProfile, Evidence, Plan, Review, TestSuite } from '../src/api/generated/types.gen'

/** A file that a run has changed, with the change itself. */
export type Changed = ChangedFile & { patch: string }

/** What stands on a line of a patch. */
export function lineOf(patch: string, side: 'old' | 'new', wanted: number): string {
  let [before, after] = [0, 0]
  for (const text of patch.split('\n')) {
    const [, old, fresh] = /^@@ -(\d+)\S* \+(\d+)/.exec(text) ?? []
    if (old && fresh) [before, after] = [Number(old) - 1, Number(fresh) - 1]
    else if (before + after > 0) {
      if (!text.startsWith('+')) before += 1
      if (!text.startsWith('-')) after += 1
      const here = side === 'old' ? !text.startsWith('+') && before : !text.startsWith('-') && after
      if (here === wanted) return text.slice(1)
    }
  }
  return ''
}

export const plan: Plan = {
  summary:
    'Prices are cut towards zero: `rounded(-1.235)` gives `-1.23`. I make `rounded` round half away from zero and keep its signature, so callers stay as they are.',
  items: [
    {
      id: 'round',
      title: 'Round half away from zero',
      files: ['inventory/prices.py'],
      acceptance: ['`rounded(-1.235)` is `-1.24`', '`rounded(1.235)` is `1.24`', 'Zero stays zero'],
      tests: ['tests/test_prices.py::test_negative'],
    },
    {
      id: 'tests',
      title: 'Cover negative amounts',
      files: ['tests/test_prices.py'],
      acceptance: ['A test fails without the change'],
      tests: ['tests/test_prices.py'],
    },
  ],
  risks: ['Stored totals were rounded the old way; they are not touched.'],
  questions: [],
  feasibility: 'feasible',
}

const small = `diff --git a/inventory/prices.py b/inventory/prices.py
--- a/inventory/prices.py
+++ b/inventory/prices.py
@@ -1,9 +1,14 @@
 """Prices of things in stock."""
 
-from decimal import Decimal
+from math import copysign, floor
 
 
 def rounded(value: float) -> float:
-    """Two digits after the point."""
-    return int(value * 100) / 100
+    """Two digits after the point, half away from zero."""
+    cents = floor(abs(value) * 100 + 0.5)
+    return copysign(cents / 100, value)
 
+
+def total(items: list["Item"]) -> float:
+    """What all of it costs."""
+    return rounded(sum(item.price * item.count for item in items))
`
const tests = `diff --git a/tests/test_prices.py b/tests/test_prices.py
--- a/tests/test_prices.py
+++ b/tests/test_prices.py
@@ -4,3 +4,10 @@ from inventory.prices import rounded
 
 def test_positive():
     assert rounded(1.235) == 1.24
+
+
+def test_negative():
+    assert rounded(-1.235) == -1.24
+
+
+def test_zero():
+    assert rounded(0) == 0
`
const large = `diff --git a/data/catalogue.json b/data/catalogue.json
--- a/data/catalogue.json
+++ b/data/catalogue.json
@@ -1,1 +1,900 @@
-[]
${Array.from({ length: 900 }, (_, i) => `+  {"id": ${i}, "name": "Part ${i}"},`).join('\n')}
`

const lock = `diff --git a/poetry.lock b/poetry.lock
--- a/poetry.lock
+++ b/poetry.lock
@@ -1,4 +1,4 @@
 [[package]]
 name = "pytest"
-version = "8.4.1"
+version = "8.4.2"
 optional = false
`

export const files = (): Changed[] => [
  {
    path: 'inventory/prices.py',
    status: 'modified',
    additions: 9,
    deletions: 3,
    binary: false,
    patch: small,
  },
  {
    path: 'tests/test_prices.py',
    status: 'modified',
    additions: 7,
    deletions: 0,
    binary: false,
    patch: tests,
  },
  {
    path: 'data/catalogue.json',
    status: 'modified',
    additions: 900,
    deletions: 1,
    binary: false,
    patch: large,
  },
  {
    path: 'poetry.lock',
    status: 'modified',
    additions: 1,
    deletions: 1,
    binary: false,
    patch: lock,
  },
  {
    path: 'docs/stock.png',
    status: 'added',
    additions: 0,
    deletions: 0,
    binary: true,
    patch: '',
  },
]

const suite: TestSuite = {
  framework: 'pytest',
  dir: '',
  command: ['python', '-m', 'pytest', '-q'],
  base: { passed: 13, failed: 1, skipped: 2, errored: 0 },
  head: { passed: 15, failed: 0, skipped: 2, errored: 0 },
  newly_failing: [],
  fixed: ['tests/test_prices.py::test_negative'],
  still_failing: [],
  flaky: [],
  vanished: [],
  newly_skipped: [],
  new_passing: ['tests/test_prices.py::test_zero'],
  messages: [],
  base_complete: true,
  exit_code: 0,
  duration_ms: 4210,
  verdict: 'green',
  cut: false,
}

export const evidence = (seq: number, round: number): Evidence => ({ seq, round, suites: [suite] })

export const redEvidence = (seq: number): Evidence => ({
  seq,
  round: 1,
  suites: [
    {
      ...suite,
      head: { passed: 13, failed: 2, skipped: 2, errored: 0 },
      fixed: [],
      newly_failing: ['tests/test_stock.py::test_total'],
      still_failing: ['tests/test_prices.py::test_negative'],
      messages: [
        {
          test: 'tests/test_stock.py::test_total',
          text: 'E   AssertionError: assert 10.019999 == 10.02\ntests/test_stock.py:18: AssertionError',
        },
      ],
      new_passing: [],
      exit_code: 1,
      verdict: 'failing',
    },
  ],
})

export const verdict = (seq: number, round: number): Review => ({
  seq,
  round,
  verdict: {
    verdict: 'approve',
    confidence: 0.93,
    criteria: [
      { id: 'round', status: 'met', evidence: ['tests/test_prices.py::test_negative passes'] },
      { id: 'tests', status: 'met', evidence: ['inventory/prices.py:9'] },
    ],
    findings: [
      {
        id: 'f1',
        severity: 'low',
        category: 'naming',
        file: 'inventory/prices.py',
        start_line: 9,
        end_line: 9,
        title: '`cents` holds a whole number of cents',
        failure_mode: 'Nothing breaks; the name could say that it is whole.',
        fix_hint: 'Call it whole_cents.',
        blocking: false,
      },
    ],
    coverage_gap: ['Amounts above ten million are not tested.'],
    scope_creep: [],
    security: [],
    summary: 'Does what was asked for, in the one place where it belongs. Tests show it **before and after**.',
    downgraded: [],
  },
})

/** What is found in every repository of the mock. */
export const discovered: DiscoveredProfile = {
  commit: '8c1f0a9b2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f70',
  languages: [
    { name: 'Python', bytes: 184_320, files: 61 },
    { name: 'TypeScript', bytes: 40_960, files: 18 },
    { name: 'Shell', bytes: 2_048, files: 3 },
  ],
  suites: [
    { command: 'python -m pytest -q', folder: '', framework: 'pytest', because: 'pyproject.toml' },
    { command: 'npx vitest run', folder: 'web', framework: 'vitest', because: 'web/package.json' },
  ],
  guidance: ['AGENTS.md'],
  registries: [
    { host: 'pypi.org', because: 'uv.lock' },
    { host: 'registry.npmjs.org', because: 'web/package-lock.json' },
  ],
}
