import { describe, expect, it } from 'vitest'
import { whyClosed } from './generated'

describe('what tools write', () => {
  it.each([
    ['web/package-lock.json', /lock file/],
    ['Cargo.lock', /lock file/],
    ['src/__snapshots__/view.test.tsx.snap', /snapshot/],
    ['public/jquery.min.js', /Minified/],
    ['dist/app.js.map', /source map/],
    ['src/api/generated/types.gen.ts', /Generated/],
    ['proto/stock.pb.go', /Generated/],
    ['proto/stock_pb2.py', /Generated/],
    ['.sqlx/query-1.json', /Generated/],
    ['vendor/lib/a.go', /somebody else/],
  ])('%s is told from what people write', (path, why) => expect(whyClosed(path)).toMatch(why))

  it.each(['src/lock.ts', 'src/generate.rs', 'admin.js', 'docs/minimal.css', 'src/snapshots.py', 'maps/world.json'])(
    '%s is what people write',
    (path) => expect(whyClosed(path)).toBeUndefined(),
  )
})
