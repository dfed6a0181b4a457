/** Prints `N passed, N failed` alone on a line. */
export default class {
  onTestRunEnd(modules) {
    let passed = 0
    let failed = 0
    for (const module of modules) {
      if (module.errors().length > 0) failed += 1
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        if (state === 'failed') failed += 1
      }
    }
    console.log(`${passed} passed, ${failed} failed`)
  }
}
