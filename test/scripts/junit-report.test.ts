/**
 * The reader of test reports, on what each runtime writes about the same file.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readJunitReport } from "../../scripts/junit-report.ts";

const node = `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testcase name="passes" time="0.001" classname="test"/>
	<testcase name="waits" time="0.001" classname="test">
		<skipped type="skipped" message="no such thing here"/>
	</testcase>
	<testsuite name="group" time="0.1" tests="1" failures="1">
		<testcase name="a &lt; b" time="0.1" classname="test" failure="boo">
			<failure type="testCodeFailure" message="boo">
Error: boo
			</failure>
		</testcase>
	</testsuite>
</testsuites>`;

const bun = `<testsuites name="bun test" tests="3">
  <testsuite name="a.test.js" tests="3">
    <testcase name="passes" classname="" time="0" assertions="0" />
    <testcase name="waits" classname="" time="0"><skipped /></testcase>
    <testsuite name="group" tests="1">
      <testcase name="a &lt; b" classname="group" time="0">
        <failure type="AssertionError" message="boo">boo</failure>
      </testcase>
    </testsuite>
  </testsuite>
</testsuites>`;

const deno = `<testsuites name="deno test" tests="4" failures="1" errors="0" time="0.03">
    <testsuite name="./a.test.js" tests="4">
        <testcase name="passes" classname="./a.test.js" time="0.001">
        </testcase>
        <testcase name="waits" classname="./a.test.js"><skipped/></testcase>
        <testcase name="group" classname="./a.test.js" time="0.001">
        </testcase>
        <testcase name="group &gt; a &lt; b" classname="x"><failure message="boo">boo</failure></testcase>
    </testsuite>
</testsuites>`;

for (const [runtime, xml] of Object.entries({ node, bun, deno })) {
  test(`a report of ${runtime} is read to its leaves`, () => {
    const report = readJunitReport(xml);
    assert.equal(report.complete, true);
    assert.deepEqual(
      report.cases.map((one) => one.result),
      ["passed", "skipped", "failed"],
    );
    assert.match(report.cases[2]?.name ?? "", /a < b$/);
  });
}

test("the reason of a skip is kept where there is one", () => {
  assert.equal(readJunitReport(node).cases[1]?.reason, "no such thing here");
  assert.equal(readJunitReport(bun).cases[1]?.reason, undefined);
});

test("a report that breaks off is not complete, and neither is none", () => {
  const broken = readJunitReport(node.slice(0, 200));
  assert.equal(broken.complete, false);
  assert.equal(broken.cases.length, 1);
  assert.deepEqual(readJunitReport(""), { complete: false, cases: [] });
});

test("a test that Deno cancels counts as failed", () => {
  const xml = '<testsuites><testcase name="a"><error message="Cancelled"/></testcase></testsuites>';
  assert.equal(readJunitReport(xml).cases[0]?.result, "failed");
});
