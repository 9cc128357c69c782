/** Progress in words, and never in the way. */
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { Progress, duration, progressText, rate } from "../../src/cli/progress.ts";

class Screen extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

test("progress says how much is done, how fast, and how long it will take", () => {
  const state = { records: 120_000, offset: 43, totalBytes: 100, elapsedMs: 4000 };
  assert.equal(progressText(state), "43 %, 120,000 records, 30,000/s, 5.3 s left");
  assert.equal(progressText({ ...state, totalBytes: undefined }), "120,000 records, 30,000/s");
  assert.equal(progressText({ ...state, records: 0, offset: 0 }), "0 records, 0.0/s");
  assert.equal(
    progressText({ ...state, offset: 101 }),
    "100 %, 120,000 records, 30,000/s, 0.0 s left",
  );
});

test("times and rates have the precision that helps", () => {
  const times = [0, 449, 9940, 9990, 59_600, 185_000, 7_800_000];
  assert.deepEqual(times.map(duration), [
    "0.0 s",
    "0.4 s",
    "9.9 s",
    "10 s",
    "1 min 0 s",
    "3 min 5 s",
    "2 h 10 min",
  ]);
  assert.equal(rate(5, 1000), "5.0/s");
  assert.equal(rate(1, 0), "0.0/s");
});

test("lines are printed above the bar, and the bar is gone in the end", () => {
  const stream = Object.assign(new Screen(), { isTTY: true });
  const progress = new Progress({ stream, style: "bar", totalBytes: 100 });
  progress.print("record 3 failed");
  progress.stop();
  assert.ok(stream.text.includes("\r\u001B[Krecord 3 failed\n"));
});

test("where no progress is wanted, only lines are printed", () => {
  const stream = new Screen();
  const progress = new Progress({ stream, style: "none", totalBytes: 100 });
  progress.print("done");
  progress.stop();
  assert.equal(stream.text, "done\n");
});
