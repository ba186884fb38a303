import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJUnit } from '../../../../lib/agents/oracle/junit.ts';

/** As Node 24 writes it. */
const NODE = `<?xml version="1.0" encoding="utf-8"?>
<testsuites>
	<testcase name="adds" time="0.000953" classname="test" file="/workspace/test/add.test.ts" failure="Expected values">
		<failure type="testCodeFailure" message="Expected values to be strictly equal:&#10;&#10;-1 !== 3&#10;">
[Error [ERR_TEST_FAILURE]: Expected values to be strictly equal:
      at TestContext.&lt;anonymous> (file:///workspace/test/add.test.ts:4:27)
		</failure>
	</testcase>
	<testsuite name="group" time="0.000536" disabled="0" errors="0" tests="2" failures="0" skipped="1">
		<testcase name="inner" time="0.000192" classname="group" file="/workspace/test/add.test.ts"/>
		<testcase name="later" time="0.000066" classname="group" file="/workspace/test/add.test.ts">
			<skipped type="skipped" message="true"/>
		</testcase>
	</testsuite>
	<!-- tests 3 -->
</testsuites>
`;

/** As surefire 3 writes it, shortened. */
const SUREFIRE = `<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.acme.FooTest" time="0.05" tests="3" errors="1" skipped="0" failures="1">
  <properties><property name="java.version" value="17.0.15"/></properties>
  <testcase name="passes" classname="com.acme.FooTest" time="0.01"/>
  <testcase name="fails" classname="com.acme.FooTest" time="0.01">
    <failure message="expected: &lt;3&gt; but was: &lt;-1&gt;" type="org.opentest4j.AssertionFailedError"><![CDATA[org.opentest4j.AssertionFailedError: expected: <3> but was: <-1>
	at com.acme.FooTest.fails(FooTest.java:12)
]]></failure>
    <system-out><![CDATA[printed </failure> by the test]]></system-out>
  </testcase>
  <testcase name="breaks" classname="com.acme.FooTest" time="0.01">
    <error type="java.lang.NullPointerException"><![CDATA[java.lang.NullPointerException]]></error>
  </testcase>
</testsuite>
`;

function outcomes(xml: string) {
  return readJUnit(xml).cases.map(({ name, outcome }) => [name, outcome]);
}

describe('a JUnit report', () => {
  test("of Node's runner is read with its nested suites", () => {
    const { cases, truncated } = readJUnit(NODE);
    expect(truncated).toBe(false);
    expect(outcomes(NODE)).toEqual([
      ['adds', 'failed'],
      ['inner', 'passed'],
      ['later', 'skipped'],
    ]);
    expect(cases[1]).toMatchObject({ suites: ['group'], file: '/workspace/test/add.test.ts' });
    expect(cases[0]?.message).toContain('-1 !== 3');
  });

  test('of surefire is read with failures apart from errors', () => {
    expect(outcomes(SUREFIRE)).toEqual([
      ['passes', 'passed'],
      ['fails', 'failed'],
      ['breaks', 'errored'],
    ]);
    expect(readJUnit(SUREFIRE).cases[1]?.message).toContain('FooTest.java:12');
    expect(readJUnit(SUREFIRE).cases[1]?.message).not.toContain('printed');
  });

  test('that was cut keeps its complete cases and says that it was cut', () => {
    const report = readJUnit(SUREFIRE.slice(0, SUREFIRE.indexOf('name="breaks"')));
    expect(report.cases.map(({ name }) => name)).toEqual(['passes', 'fails']);
    expect(report.truncated).toBe(true);
  });

  test('survives the control characters that tests print', () => {
    const noisy = SUREFIRE.replace('printed', 'prin\u0000\u001b[31mted\u0008');
    expect(readJUnit(noisy)).toMatchObject({ truncated: false, cases: { length: 3 } });
  });

  test.each(['', 'BUILD FAILED', '<html><body>404', '{}'])(
    '%j has no cases and is no success',
    (text) => {
      expect(readJUnit(text)).toEqual({ cases: [], truncated: true });
    },
  );

  test('never throws, whatever was written', () => {
    const thrown = fc.check(
      fc.property(fc.string(), fc.nat(SUREFIRE.length), (noise, at) => {
        readJUnit(SUREFIRE.slice(0, at) + noise + SUREFIRE.slice(at));
      }),
    );
    expect(thrown.counterexample).toBeNull();
  });
});
